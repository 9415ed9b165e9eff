// A server of its own and a browser with a microphone for each file of tests.

import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const { PAGE_PACKAGES, PAGE_SOUNDS, PAGE_CHROMIUM, PAGE_AUTOVOICE } = process.env;
const require = createRequire(join(PAGE_PACKAGES, "packages.js"));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const STARTING_MILLISECONDS = 60_000;
const WAITING_MILLISECONDS = 15_000;

export const soundFile = (name) => join(PAGE_SOUNDS, name);

/** Start a server; `voice` names one to make before. Returns `{url, process, stop}`. */
export async function startServer({ options = [], voice } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "autovoice-page-"));
  const db = join(folder, "voices.sqlite");
  if (voice) {
    const made = spawnSync(PAGE_AUTOVOICE, [
      "voices",
      "add",
      voice,
      soundFile("voice.flac"),
      "--db",
      db,
    ]);
    if (made.status !== 0) throw new Error(String(made.stderr));
  }
  const serve = ["serve", "--port", "0", "--folder", join(folder, "server"), "--db", db];
  const child = spawn(PAGE_AUTOVOICE, [...serve, ...options]);
  const url = await addressOf(child);
  const stop = async () => {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGINT");
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  return { url, process: child, folder, stop };
}

function addressOf(child) {
  return new Promise((resolve, reject) => {
    let said = "";
    const late = setTimeout(() => reject(new Error(`no server: ${said}`)), STARTING_MILLISECONDS);
    const listen = (data) => {
      said += data;
      const found = said.match(/https?:\/\/\S+?\/(?=[\s;])/);
      if (!found) return;
      clearTimeout(late);
      resolve(found[0]);
    };
    child.stdout.on("data", listen);
    child.stderr.on("data", listen);
    child.once("exit", () => reject(new Error(`the server has ended: ${said}`)));
  });
}

/** Start Chromium, whose microphone hears the singer again and again. */
export function startBrowser() {
  return chromium.launch({
    executablePath: PAGE_CHROMIUM,
    headless: true,
    // The whole browser without a window: the shell that Playwright prefers has no microphone.
    ignoreDefaultArgs: ["--headless", "--mute-audio"],
    args: [
      "--headless=new",
      "--no-sandbox",
      "--disable-gpu",
      "--use-fake-device-for-media-stream",
      "--use-fake-ui-for-media-stream",
      `--use-file-for-fake-audio-capture=${soundFile("singer.wav")}`,
    ],
  });
}

/** Open a page. `faults` collects whatever the browser complains about, the policy included. */
export async function openPage(browser, url, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1000, height: 800 }, ...options });
  context.setDefaultTimeout(WAITING_MILLISECONDS);
  const page = await context.newPage();
  const faults = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) faults.push(message.text());
  });
  await page.goto(url);
  await page.waitForSelector("body[data-ready]");
  return { page, faults, close: () => context.close() };
}

/** Return what axe finds, a line each. */
export async function accessibilityFaults(page) {
  // By the debugger, as the policy keeps scripts of others out.
  await page.evaluate(axe);
  const { violations } = await page.evaluate("axe.run()");
  return violations.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes[0].target}`);
}

/** Return whether something needs scrolling sideways. */
export const overflows = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
