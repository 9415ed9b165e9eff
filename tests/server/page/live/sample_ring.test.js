import assert from "node:assert/strict";
import { test } from "node:test";
import { SampleRing } from "../../../../src/autovoice_core/server/page/live/sample_ring.js";

const FADE = 480;
const tone = (position) => Math.sin((2 * Math.PI * 220 * position) / 48_000);

function filled(length, sound = tone) {
  const ring = new SampleRing(48_000, 1);
  ring.append(Float32Array.from({ length }, (_, i) => sound(i)));
  return ring;
}

for (const skip of [1, 100, 479, 480, 2000]) {
  test(`a skip of ${skip} samples is a cross-fade from here to there`, () => {
    const ring = filled(4000);
    ring.skip(skip, FADE);
    assert.equal(ring.start, skip);
    for (let i = 0; i < FADE; i += 1) {
      const weight = 0.5 - 0.5 * Math.cos((Math.PI * (i + 1)) / (FADE + 1));
      const expected = weight * tone(skip + i) + (1 - weight) * tone(i);
      assert.ok(Math.abs(ring.at(skip + i) - expected) < 1e-6);
    }
    assert.equal(ring.at(skip + FADE), Math.fround(tone(skip + FADE)));
  });
}

test("the best skip is a whole number of waves", () => {
  const wave = 48_000 / 220;
  const skip = filled(4000).bestSkip(Math.round(5.4 * wave), Math.round(wave), FADE);
  assert.ok(Math.abs(skip - 5 * wave) < 3, `${skip / wave} waves`);
});

test("what does not fit pushes out the oldest, and that is told", () => {
  const ring = filled(40_000);
  assert.equal(ring.append(new Float32Array(20_000)), 12_000);
  assert.equal(ring.depth, 48_000);
  assert.equal(ring.at(ring.start), Math.fround(tone(12_000)));
  assert.equal(ring.appendHole(100_000), 100_000);
  assert.equal(ring.depth, 48_000);
});

test("a hole has soft edges", () => {
  const ring = filled(1000, () => 1);
  ring.appendHole(500);
  ring.append(new Float32Array(1000).fill(1));
  const heard = Array.from({ length: ring.depth }, (_, i) => ring.at(i));
  assert.ok(heard.every((sample, i) => i === 0 || Math.abs(sample - heard[i - 1]) < 0.02));
  assert.equal(heard[1250], 0);
});
