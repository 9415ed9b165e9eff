// The scales of the chart of pitch: octaves upwards, seconds to the right.

export const HOP_SECONDS = 0.02;
export const LOWEST_HZ = 60;
export const HIGHEST_HZ = 7680; // seven octaves up
export const ROWS = 224;

/** Return the height of a frequency in the chart, 0 at the bottom to 1 at the top. */
export function heightOf(hertz) {
  return Math.log2(hertz / LOWEST_HZ) / Math.log2(HIGHEST_HZ / LOWEST_HZ);
}
