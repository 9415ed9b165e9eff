// Binary frames of the stream: a header of 16 bytes, little endian, then interleaved float32 samples.

const HEADER_BYTES = 16;
const AUDIO = 1;
const INT16 = 1;
const FLOAT32 = 2;

/** Return the frame that holds mono `samples`, the first of which has the number `position`. */
export function encodeAudio(epoch, position, samples) {
  const frame = new ArrayBuffer(HEADER_BYTES + samples.byteLength);
  const header = new DataView(frame);
  header.setUint8(0, AUDIO);
  header.setUint8(1, FLOAT32);
  header.setUint16(2, epoch, true);
  header.setUint32(4, samples.length, true);
  header.setBigUint64(8, BigInt(position), true);
  new Float32Array(frame, HEADER_BYTES).set(samples);
  return frame;
}

/** Return `{epoch, position, samples}` of an audio frame, mono float32; null if it is another. */
export function decodeAudio(frame) {
  const header = new DataView(frame);
  if (frame.byteLength < HEADER_BYTES || header.getUint8(0) !== AUDIO) return null;
  return {
    epoch: header.getUint16(2, true),
    position: Number(header.getBigUint64(8, true)),
    samples: mono(frame, header.getUint8(1), header.getUint32(4, true)),
  };
}

function mono(frame, format, frames) {
  const all =
    format === INT16
      ? Float32Array.from(new Int16Array(frame, HEADER_BYTES), (sample) => sample / 32768)
      : new Float32Array(frame, HEADER_BYTES);
  if (all.length === frames) return all;
  const channels = all.length / frames;
  return Float32Array.from({ length: frames }, (_, index) => all[index * channels]);
}
