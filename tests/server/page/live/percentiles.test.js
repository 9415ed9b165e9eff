import assert from "node:assert/strict";
import { test } from "node:test";
import { Percentiles } from "../../../../src/autovoice_core/server/page/live/percentiles.js";

test("percentiles are those of the last values", () => {
  const percentiles = new Percentiles(100);
  assert.equal(percentiles.at(50), null);
  for (let value = -50; value < 100; value += 1) percentiles.add(value);
  assert.deepEqual(
    [0, 50, 95, 99, 100].map((percent) => percentiles.at(percent)),
    [0, 50, 95, 99, 99],
  );
});
