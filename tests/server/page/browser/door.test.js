import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { after, before, test } from "node:test";
import { accessibilityFaults, openPage, soundFile, startBrowser, startServer } from "./support.js";

const TOKEN = "correct-horse-battery-staple-0123456789";
const address = Object.values(networkInterfaces())
  .flat()
  .find(({ family, internal }) => family === "IPv4" && !internal)?.address;
let server, browser;

before(async () => {
  writeFileSync(soundFile("token"), TOKEN, { mode: 0o600 });
  const options = ["--token-file", soundFile("token"), "--host", "0.0.0.0"];
  [server, browser] = await Promise.all([startServer({ options }), startBrowser()]);
  server.port = new URL(server.url).port;
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const local = () => `http://127.0.0.1:${server.port}/`;

test("the token is asked for, and a wrong one is refused", async () => {
  const { page, close } = await openPage(browser, local());
  assert.ok(await page.isVisible("#sign-in"));
  assert.deepEqual(await accessibilityFaults(page), []);
  await page.fill("#token", "guess");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#sign-in-message:not([hidden])");
  await page.fill("#token", TOKEN);
  await page.keyboard.press("Enter");
  await page.waitForSelector("#sign-in", { state: "hidden" });
  await page.reload();
  await page.waitForSelector("body[data-ready]");
  assert.ok(await page.isHidden("#sign-in"));
  await close();
});

test("the link that the server prints opens the page, and the token leaves the address", async () => {
  const { page, faults, close } = await openPage(browser, `${local()}#token=${TOKEN}`);
  assert.ok(await page.isHidden("#sign-in"));
  assert.equal(page.url(), local());
  assert.deepEqual(faults, []);
  await close();
});

test(
  "where browsers allow no microphone, a sentence says why",
  { skip: !address && "no network" },
  async () => {
    const { page, close } = await openPage(
      browser,
      `http://${address}:${server.port}/#token=${TOKEN}`,
    );
    await page.click("nav a[href='#live']");
    assert.match(await page.innerText("#live-problem"), /over HTTPS/);
    assert.ok(await page.isDisabled("#live-start"));
    await page.click("nav a[href='#song']");
    await page.click("#song-record");
    assert.match(await page.innerText("#song-message"), /over HTTPS/);
    await close();
  },
);
