// The backends that did a job, and why.

import { create, text } from "./dom.js";

/** Return a list item for each operation of a job. */
export function backendItems(job) {
  return (job.backends ?? []).map(({ operation, backend, device, why }) =>
    create(
      "li",
      {},
      create("b", { textContent: text(`operations.${operation}`) }),
      ` ${backend} (${device})`,
      create("span", { className: "faint", textContent: ` ${why}` }),
    ),
  );
}
