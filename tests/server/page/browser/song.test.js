import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import {
  accessibilityFaults,
  openPage,
  overflows,
  soundFile,
  startBrowser,
  startServer,
} from "./support.js";

const JOB = { timeout: 120_000 };
let server, browser, opened, page;

before(async () => {
  [server, browser] = await Promise.all([startServer(), startBrowser()]);
  opened = await openPage(browser, server.url);
  ({ page } = opened);
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

test("a newcomer is led to make a voice first", async () => {
  assert.ok(await page.isVisible("#song-no-voices"));
  assert.ok(await page.isDisabled("#convert"));
  await page.click("#song-no-voices a");
  assert.ok(await page.isVisible("#voice-form"));
});

test("a voice is made from a recording", async () => {
  await page.setInputFiles("#voice-file", soundFile("voice.flac"));
  await page.fill("#voice-name", "Alto");
  await page.fill("#voice-consent", "synthetic");
  await page.click("#make-voice");
  await page.waitForSelector("#voice-list b", JOB);
  assert.equal(await page.innerText("#voice-list b"), "Alto");
  assert.match(await page.innerText("#voice-list"), /synthetic/);
});

test("what is no sound is refused in words", async () => {
  await page.click("nav a[href='#song']");
  await page.setInputFiles("#song-file", soundFile("no-sound.flac"));
  await page.waitForSelector("#song-message[data-kind=error]");
  assert.ok(await page.isDisabled("#convert"));
  opened.faults.length = 0; // the browser notes the refusal
});

test("a song is converted, and the stages and backends are told", async () => {
  await page.setInputFiles("#song-file", soundFile("song.flac"));
  await page.waitForSelector("#convert:enabled");
  await page.click("#convert");
  await page.waitForSelector("#song-job-backends li", JOB);
  assert.match(await page.innerText("#song-job-backends"), /cpu\/\w+/);
  await page.waitForSelector("#result", JOB);
  assert.equal(await page.innerText("#result-title"), "song.flac, sung by Alto");
  assert.match(await page.innerText("#chart-summary"), /\d+ Hz before, \d+ Hz after/);
});

test("tracks are switched at the same position", async () => {
  await page.waitForSelector("#player-message", { state: "hidden" });
  await page.click("#play");
  const position = () => page.$eval("#position", ({ value }) => Number(value));
  for (const track of ["source", "vocals", "accompaniment", "converted", "result"]) {
    const before = await position();
    await page.click(`#tracks input[value=${track}] + span`);
    await page.waitForSelector("#player-message", { state: "hidden" });
    const now = await position();
    assert.ok(now >= before && now < before + 2, `${before} to ${now}: ${track}`);
  }
  await page.click("#play");
  const paused = await position();
  assert.equal(await position(), paused);
});

test("the result is downloaded as it is", async () => {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.click("#files a >> nth=0"),
  ]);
  assert.equal(readFileSync(await download.path()).toString("latin1", 0, 4), "fLaC");
});

test("an earlier conversion is there after the page is opened again", async () => {
  await page.reload();
  await page.click("#earlier-list button");
  await page.waitForSelector("#result");
});

for (const colorScheme of ["light", "dark"]) {
  for (const width of [360, 1000]) {
    test(`all can use and read it, ${colorScheme}, ${width} pixels wide`, async () => {
      const { page: shown, close } = await openPage(browser, server.url, {
        colorScheme,
        viewport: { width, height: 700 },
      });
      await shown.click("#earlier-list button");
      await shown.click("summary");
      for (const part of ["song", "voices", "live"]) {
        await shown.click(`nav a[href='#${part}']`);
        assert.deepEqual(await accessibilityFaults(shown), [], part);
        assert.equal(await overflows(shown), false, part);
      }
      await close();
    });
  }
}

test("a song is dropped onto the page, and its conversion cancelled", async () => {
  await page.reload();
  await page.waitForSelector("body[data-ready]");
  const bytes = readFileSync(soundFile("song.flac")).toString("base64");
  const dropped = await page.evaluateHandle((content) => {
    const transfer = new DataTransfer();
    const file = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
    transfer.items.add(new File([file], "dropped.flac"));
    return transfer;
  }, bytes);
  await page.dispatchEvent("#song-drop", "drop", { dataTransfer: dropped });
  await page.waitForSelector("#convert:enabled");
  assert.match(await page.innerText("#song-sounds"), /dropped\.flac/);
  await page.click("#convert");
  await page.click("#song-job-cancel");
  await page.waitForSelector("#song-job-message:not([hidden])");
  assert.equal(await page.innerText("#song-job-message"), "Cancelled.");
});

test("the keyboard reaches everything that a song needs", async () => {
  await page.reload();
  await page.waitForSelector("body[data-ready]");
  const reached = new Set();
  for (let i = 0; i < 30; i += 1) {
    await page.keyboard.press("Tab");
    reached.add(await page.evaluate(() => document.activeElement.id));
  }
  for (const id of ["song-file", "song-record", "song-voice", "style-key-mode", "with-report"]) {
    assert.ok(reached.has(id), id);
  }
});

test("a recording from the microphone is a song like another", async () => {
  await page.click("#song-record");
  await page.waitForFunction(() => /0:01/.test(document.getElementById("song-record").textContent));
  await page.click("#song-record");
  await page.waitForSelector("#convert:enabled");
  assert.match(await page.innerText("#song-message"), /0:01 at \d/);
});

test("nothing broke the policy or failed", () => assert.deepEqual(opened.faults, []));
