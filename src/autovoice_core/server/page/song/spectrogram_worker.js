// Spectrograms, made in a thread of their own: columns of levels over a scale of octaves.

import { PowerSpectrum } from "./fft.js";
import { HOP_SECONDS, LOWEST_HZ, HIGHEST_HZ, ROWS } from "./scale.js";

const FRAME_SECONDS = 0.09;
const RANGE_DB = 72;

self.onmessage = ({ data: { id, channels, rate } }) => {
  const levels = spectrogram(mixed(channels), rate);
  self.postMessage({ id, levels }, [levels.buffer]);
};

function mixed(channels) {
  if (channels.length === 1) return channels[0];
  const mix = new Float32Array(channels[0].length);
  for (const samples of channels) {
    for (let i = 0; i < mix.length; i += 1) mix[i] += samples[i] / channels.length;
  }
  return mix;
}

function spectrogram(samples, rate) {
  const spectrum = new PowerSpectrum(2 ** Math.round(Math.log2(FRAME_SECONDS * rate)));
  const columns = Math.ceil(samples.length / rate / HOP_SECONDS);
  const bins = rowBins(rate / spectrum.size);
  const powers = new Float32Array(columns * ROWS);
  let most = 1;
  for (let column = 0; column < columns; column += 1) {
    const centre = Math.round(column * HOP_SECONDS * rate);
    const power = spectrum.of(samples, centre - spectrum.size / 2);
    for (let row = 0; row < ROWS; row += 1) {
      const value = strongest(power, bins[row], bins[row + 1]);
      powers[column * ROWS + row] = value;
      most = Math.max(most, value);
    }
  }
  return levelsOf(powers, most);
}

function levelsOf(powers, most) {
  const levels = new Uint8Array(powers.length);
  for (let i = 0; i < powers.length; i += 1) {
    const decibels = 10 * Math.log10(powers[i] / most + 1e-12);
    levels[i] = Math.max(0, Math.round(255 * (1 + decibels / RANGE_DB)));
  }
  return levels;
}

function rowBins(binHz) {
  const octaves = Math.log2(HIGHEST_HZ / LOWEST_HZ);
  return Array.from(
    { length: ROWS + 1 },
    (_, row) => (LOWEST_HZ * 2 ** ((octaves * (row - 0.5)) / (ROWS - 1))) / binHz,
  );
}

function strongest(power, low, high) {
  const first = Math.round(low);
  let most = power[Math.min(first, power.length - 1)];
  for (let bin = first + 1; bin < Math.min(high, power.length); bin += 1) {
    most = Math.max(most, power[bin]);
  }
  return most;
}
