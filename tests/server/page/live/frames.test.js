import assert from "node:assert/strict";
import { test } from "node:test";
import {
  decodeAudio,
  encodeAudio,
} from "../../../../src/autovoice_core/server/page/live/frames.js";

test("a frame comes back as it was", () => {
  const samples = Float32Array.of(0, -1, 0.5);
  assert.deepEqual(decodeAudio(encodeAudio(7, 2 ** 40 + 1, samples)), {
    epoch: 7,
    position: 2 ** 40 + 1,
    samples,
  });
});

test("the header is little endian and 16 bytes long", () => {
  const bytes = [...new Uint8Array(encodeAudio(0x0102, 0x03, Float32Array.of(1)))];
  assert.deepEqual(bytes, [1, 2, 2, 1, 1, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 128, 63]);
});

test("int16 is scaled, and of several channels the first is taken", () => {
  const frame = encodeAudio(0, 5, new Float32Array(2));
  const view = new DataView(frame);
  view.setUint8(1, 1);
  [16384, 1, -32768, 1].forEach((value, i) => view.setInt16(16 + 2 * i, value, true));
  assert.deepEqual(decodeAudio(frame).samples, Float32Array.of(0.5, -1));
});

test("what is no audio is passed over", () => {
  assert.equal(decodeAudio(new ArrayBuffer(4)), null);
  assert.equal(decodeAudio(new ArrayBuffer(20)), null);
});
