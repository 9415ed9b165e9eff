import assert from "node:assert/strict";
import { test } from "node:test";
import {
  medianF0,
  parsePitch,
} from "../../../../src/autovoice_core/server/page/song/pitch_track.js";

const TABLE =
  "time_s,f0_hz,voiced,confidence\n0.00,0.0,0,0.1\n0.01,110.5,1,0.9\n0.02,90,1,0.9\n0.03,1000,1,0.9\n";

test("a table of f0 is read by the names of its columns", () => {
  const { times, f0 } = parsePitch(TABLE);
  assert.deepEqual([...times], [0, 0.01, 0.02, 0.03]);
  assert.deepEqual([...f0], [0, 110.5, 90, 1000]);
});

test("the median is that of the voiced frames", () => {
  assert.equal(medianF0(parsePitch(TABLE)), 110.5);
  assert.equal(medianF0({ f0: new Float64Array(3) }), null);
});

test("another table is refused", () => {
  assert.throws(() => parsePitch("a,b\n1,2"), { message: "a,b" });
});
