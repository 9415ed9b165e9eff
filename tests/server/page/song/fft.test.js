import assert from "node:assert/strict";
import { test } from "node:test";
import { PowerSpectrum } from "../../../../src/autovoice_core/server/page/song/fft.js";

const SIZE = 64;

test("a tone is found in its bin, as strong as it is", () => {
  const tone = Float32Array.from({ length: SIZE }, (_, i) =>
    Math.cos((2 * Math.PI * 9 * i) / SIZE),
  );
  const power = new PowerSpectrum(SIZE).of(tone, 0);
  assert.ok(Math.abs(power[9] - (SIZE / 4) ** 2) < 1e-3);
  assert.ok(power[5] < 1e-9);
});

test("it agrees with the definition of the transform", () => {
  const noise = Float32Array.from({ length: SIZE }, (_, i) => Math.sin(i * i));
  const power = new PowerSpectrum(SIZE).of(noise, 0);
  for (let bin = 0; bin < SIZE / 2; bin += 1) {
    let re = 0;
    let im = 0;
    for (let i = 0; i < SIZE; i += 1) {
      const windowed = noise[i] * Math.sin((Math.PI * i) / SIZE) ** 2;
      re += windowed * Math.cos((2 * Math.PI * bin * i) / SIZE);
      im -= windowed * Math.sin((2 * Math.PI * bin * i) / SIZE);
    }
    assert.ok(Math.abs(power[bin] - re * re - im * im) < 1e-6);
  }
});

test("a frame may begin before the first sample and end after the last", () => {
  const power = new PowerSpectrum(SIZE).of(new Float32Array(10).fill(1), -SIZE / 2);
  assert.ok(power.every(Number.isFinite));
});
