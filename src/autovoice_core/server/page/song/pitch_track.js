// Tracks of f0, as the server writes them: a table with the columns time_s, f0_hz, voiced, ...

/** Return `{times, f0}` of a table; f0 is 0 where nothing is voiced. */
export function parsePitch(table) {
  const [header, ...rows] = table.trim().split(/\r?\n/);
  const columns = header.split(",");
  const time = columns.indexOf("time_s");
  const f0 = columns.indexOf("f0_hz");
  if (time < 0 || f0 < 0) throw new Error(header);
  const cells = rows.map((row) => row.split(","));
  return {
    times: Float64Array.from(cells, (row) => row[time]),
    f0: Float64Array.from(cells, (row) => row[f0]),
  };
}

/** Return the median of f0 where it is voiced, or null. */
export function medianF0({ f0 }) {
  const voiced = f0.filter((hertz) => hertz > 0).sort();
  return voiced.length ? voiced[voiced.length >> 1] : null;
}
