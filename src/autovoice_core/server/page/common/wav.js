// A recording as a WAV file: 24 bits, mono.

const HEADER_BYTES = 44;
const BYTES = 3;
const FULL_SCALE = 2 ** 23 - 1;

/** Return the WAV file of chunks of samples from -1 to 1. */
export function wavFile(chunks, sampleRate) {
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const view = new DataView(new ArrayBuffer(HEADER_BYTES + BYTES * length));
  writeHeader(view, BYTES * length, sampleRate);
  let offset = HEADER_BYTES;
  for (const chunk of chunks) {
    for (const sample of chunk) {
      const value = Math.round(Math.max(-1, Math.min(1, sample)) * FULL_SCALE);
      view.setInt16(offset + 1, value >> 8, true);
      view.setUint8(offset, value & 0xff);
      offset += BYTES;
    }
  }
  return new Blob([view.buffer], { type: "audio/wav" });
}

function writeHeader(view, size, sampleRate) {
  const word = (offset, letters) =>
    [...letters].forEach((letter, i) => view.setUint8(offset + i, letter.charCodeAt(0)));
  word(0, "RIFF");
  view.setUint32(4, HEADER_BYTES - 8 + size, true);
  word(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true); // PCM
  view.setUint16(22, 1, true); // channels
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * BYTES, true);
  view.setUint16(32, BYTES, true);
  view.setUint16(34, 8 * BYTES, true);
  word(36, "data");
  view.setUint32(40, size, true);
}
