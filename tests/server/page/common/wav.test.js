import assert from "node:assert/strict";
import { test } from "node:test";
import { wavFile } from "../../../../src/autovoice_core/server/page/common/wav.js";

test("a recording is a WAV file of 24 bits", async () => {
  const file = wavFile([Float32Array.of(0, 1), Float32Array.of(-0.5, -2)], 44_100);
  const view = new DataView(await file.arrayBuffer());
  const word = (offset) => String.fromCharCode(...new Uint8Array(view.buffer, offset, 4));
  assert.deepEqual([word(0), word(8), word(12), word(36)], ["RIFF", "WAVE", "fmt ", "data"]);
  assert.equal(view.byteLength, 44 + 12);
  assert.equal(view.getUint32(4, true), view.byteLength - 8);
  assert.equal(view.getUint32(24, true), 44_100);
  assert.equal(view.getUint16(34, true), 24);
  const sample = (i) => (view.getInt16(45 + 3 * i, true) << 8) | view.getUint8(44 + 3 * i);
  const full = 2 ** 23 - 1;
  assert.deepEqual([0, 1, 2, 3].map(sample), [0, full, Math.round(-0.5 * full), -full]);
});
