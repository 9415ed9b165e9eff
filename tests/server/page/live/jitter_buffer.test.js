import assert from "node:assert/strict";
import { test } from "node:test";
import { JitterBuffer } from "../../../../src/autovoice_core/server/page/live/jitter_buffer.js";

const RATE = 48_000;
const QUANTUM = 128;
const BLOCK = 480;
const DECLARED = 4128;
const milliseconds = (samples) => (1000 * samples) / RATE;
const singing = (position) => 0.5 * Math.sin((2 * Math.PI * 220 * position) / RATE);

/** A stream that is played: the output of a block comes `delay(second)` seconds after its due. */
class Played {
  constructor(delay, sound = singing) {
    Object.assign(this, { delay, sound, sent: 0, frame: 0, output: [], heard: [] });
    this.buffer = new JitterBuffer(RATE);
  }

  run(seconds) {
    const end = this.frame + seconds * RATE;
    while (this.frame < end) {
      this.deliver();
      const played = new Float32Array(QUANTUM);
      this.buffer.read(played, this.frame);
      this.output.push(...played);
      if (this.buffer.playing) this.heard.push([this.frame / RATE, this.buffer.heard]);
      this.frame += QUANTUM;
    }
    return this;
  }

  deliver() {
    const ready = this.frame - DECLARED - this.delay(this.frame / RATE) * RATE;
    while (this.sent + BLOCK <= ready) {
      const from = this.sent;
      this.buffer.put(
        from,
        Float32Array.from({ length: BLOCK }, (_, i) => this.sound(from + i)),
      );
      this.sent += BLOCK;
    }
  }

  /** The latency beyond the declared one, ms, at or after a time. */
  added(second) {
    return milliseconds(this.heard.find(([when]) => when >= second)[1] - DECLARED);
  }

  /** The sharpest corner of the output: what makes a click. */
  get corner() {
    let most = 0;
    for (let i = 2; i < this.output.length; i += 1) {
      const bend = this.output[i] - 2 * this.output[i - 1] + this.output[i - 2];
      most = Math.max(most, Math.abs(bend));
    }
    return most;
  }
}

const jitter = (second) => 0.002 + 0.004 * Math.abs(Math.sin(997 * second));
const stalled = (from, length) => (second) =>
  jitter(second) + (second > from && second < from + length ? second - from : 0);

test("an even stream is heard soon, without an interruption, and at one latency", () => {
  const played = new Played(jitter).run(6);
  assert.equal(played.buffer.underruns, 0);
  assert.ok(played.added(1) < 35, `${played.added(1)} ms`);
  assert.ok(played.heard[0][0] < 0.8);
  const latencies = played.heard.filter(([when]) => when > 2).map(([, heard]) => heard);
  assert.ok(milliseconds(Math.max(...latencies) - Math.min(...latencies)) < 5);
});

test("after a stall of 80 ms the latency is back at once, and the surplus is counted", () => {
  const played = new Played(stalled(4, 0.08)).run(8);
  assert.equal(played.buffer.underruns, 1);
  assert.ok(Math.abs(played.added(3.9) - played.added(4.5)) < 1);
  assert.ok(Math.abs(played.added(3.9) - played.added(6)) < 5);
  assert.ok(milliseconds(played.buffer.skipped) > 30);
});

test("stalls that come again and again leave the latency as it was", () => {
  const delays = [4, 6.5, 9, 11.5].map((from) => stalled(from, 0.08));
  const played = new Played((second) => Math.max(...delays.map((delay) => delay(second)))).run(14);
  assert.ok(Math.abs(played.added(3.9) - played.added(13.5)) < 5);
});

test("nothing clicks, neither at a stall nor where surplus is skipped", () => {
  const played = new Played(stalled(3, 0.08)).run(6);
  const smooth = new Played(jitter).run(2);
  assert.ok(played.corner < 4 * smooth.corner, `${played.corner} after ${smooth.corner}`);
  assert.ok(smooth.corner < 0.01);
});

test("when a slow stream becomes fast, the surplus goes at a quiet place", () => {
  const pauses = (position) => (position % RATE < 0.9 * RATE ? singing(position) : 0);
  const played = new Played((second) => (second < 3 ? 0.03 : 0) + jitter(second), pauses).run(14);
  assert.equal(played.buffer.underruns, 0);
  assert.ok(played.added(2.9) - played.added(13) > 20);
  assert.ok(played.corner < 0.03, `${played.corner}`);
});

test("when a fast stream becomes slow, the latency grows with it and there is sound again", () => {
  const played = new Played((second) => (second > 3 ? 0.05 : 0) + jitter(second)).run(10);
  const { underruns } = played.buffer;
  played.run(4);
  assert.equal(played.buffer.underruns, underruns);
  assert.ok(played.added(9) > played.added(2.9) + 35);
});

test("a hole in the numbering is silent, and what comes twice is played once", () => {
  const buffer = new JitterBuffer(RATE);
  buffer.put(0, new Float32Array(1000).fill(1));
  buffer.put(1500, new Float32Array(500).fill(1));
  buffer.put(1500, new Float32Array(600).fill(1));
  assert.equal(buffer.missing, 500);
  assert.equal(buffer.ring.end, 2100);
  assert.equal(buffer.ring.at(500), 1);
  assert.equal(buffer.ring.at(1250), 0);
  assert.equal(buffer.ring.at(1900), 1);
});

test("a stall of half a minute neither fills memory nor stops the sound for good", () => {
  const played = new Played(stalled(3, 30)).run(36);
  assert.ok(milliseconds(played.buffer.ring.depth) < 100);
  assert.ok(played.output.slice(-RATE).some((sample) => Math.abs(sample) > 0.4));
});

test("a stream that is slow to begin is heard once it is steady, and not late", () => {
  const slowToBegin = (second) => jitter(second) + Math.max(0, 0.3 - second / 2);
  const played = new Played(slowToBegin).run(4);
  assert.ok(played.added(0) < 40, `${played.added(0)} ms`);
  assert.ok(Math.abs(played.added(0) - played.added(3.5)) < 5);
});

test("a stream that becomes fast after it has begun is soon heard without the surplus", () => {
  const late = (second) => jitter(second) + (second < 0.9 ? 0.1 : 0);
  const played = new Played(late).run(4);
  assert.ok(played.added(0.8) > 100);
  assert.ok(played.added(2.5) < 35, `${played.added(2.5)} ms`);
});

test("a stream that never becomes steady is heard all the same", () => {
  const wild = (second) =>
    0.2 * (1 - second / 10) * Math.abs(Math.sin(1e4 * Math.floor(5 * second)));
  for (const shift of [0, 0.05, 0.1, 0.15]) {
    const played = new Played((second) => wild(second + shift)).run(6);
    assert.ok(played.heard.length > 0);
  }
});
