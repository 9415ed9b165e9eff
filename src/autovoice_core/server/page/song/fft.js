// The power spectrum of a windowed frame of 2^n samples, by the fast Fourier transform.

export class PowerSpectrum {
  constructor(size) {
    this.size = size;
    this.window = Float64Array.from(
      { length: size },
      (_, i) => Math.sin((Math.PI * i) / size) ** 2,
    );
    this.cos = Float64Array.from({ length: size / 2 }, (_, i) =>
      Math.cos((2 * Math.PI * i) / size),
    );
    this.sin = Float64Array.from({ length: size / 2 }, (_, i) =>
      Math.sin((2 * Math.PI * i) / size),
    );
    this.order = bitReversed(size);
    this.re = new Float64Array(size);
    this.im = new Float64Array(size);
    this.power = new Float64Array(size / 2);
  }

  /** Return the power of each bin of `samples` from `start` on; those beyond them count as 0. */
  of(samples, start) {
    const { size, re, im } = this;
    for (let i = 0; i < size; i += 1) {
      const from = this.order[i];
      re[i] = (samples[start + from] ?? 0) * this.window[from];
    }
    im.fill(0);
    for (let half = 1; half < size; half *= 2) this.combine(half);
    for (let bin = 0; bin < size / 2; bin += 1) this.power[bin] = re[bin] ** 2 + im[bin] ** 2;
    return this.power;
  }

  combine(half) {
    const { size, re, im, cos, sin } = this;
    const stride = size / (2 * half);
    for (let first = 0; first < size; first += 2 * half) {
      for (let k = 0; k < half; k += 1) {
        const upper = first + k;
        const lower = upper + half;
        const turn = k * stride;
        const real = re[lower] * cos[turn] + im[lower] * sin[turn];
        const imaginary = im[lower] * cos[turn] - re[lower] * sin[turn];
        re[lower] = re[upper] - real;
        im[lower] = im[upper] - imaginary;
        re[upper] += real;
        im[upper] += imaginary;
      }
    }
  }
}

function bitReversed(size) {
  const order = new Uint32Array(size);
  for (let i = 1; i < size; i += 1) order[i] = (order[i >> 1] >> 1) | (i & 1 ? size >> 1 : 0);
  return order;
}
