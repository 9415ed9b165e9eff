import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { texts } from "../../../src/autovoice_core/server/page/texts.js";

const folder = new URL("../../../src/autovoice_core/server/page/", import.meta.url);
const files = readdirSync(folder, { recursive: true })
  .filter((name) => /\.(js|html)$/.test(name) && name !== "texts.js")
  .map((name) => readFileSync(new URL(name, folder), "utf8"))
  .join("\n");

function leaves(part, path = "") {
  if (typeof part === "string") return [path];
  return Object.entries(part).flatMap(([key, inner]) =>
    leaves(inner, path ? `${path}.${key}` : key),
  );
}

const known = leaves(texts);
const used = [...files.matchAll(/(?:\btext\(|data-(?:text|label)=)"([\w.]+)"/g)].map(
  ([, key]) => key,
);
const quoted = [...files.matchAll(/"(\w+(?:\.\w+)+)"/g)].map(([, key]) => key);
const families = [...files.matchAll(/text\(`(\w+(?:\.\w+)*)\.\$\{/g)].map(([, key]) => `${key}.`);

test("every text that the page names is there", () => {
  assert.deepEqual(
    used.filter((key) => !known.includes(key)),
    [],
  );
});

test("every text that is there is used", () => {
  const isUsed = (key) =>
    used.includes(key) || quoted.includes(key) || families.some((family) => key.startsWith(family));
  assert.deepEqual(
    known.filter((key) => !isUsed(key)),
    [],
  );
});
