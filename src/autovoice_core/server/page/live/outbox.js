// Microphone audio on its way to the server: sent as far as credit and socket allow, else dropped
// as a declared gap, so that the numbering of samples stays true and no delay builds up.

import { encodeAudio } from "./frames.js";

const MAX_WAIT_SECONDS = 0.15;
const MAX_BUFFERED_SECONDS = 0.05;
const BYTES_PER_SAMPLE = 4;

export class Outbox {
  constructor(sampleRate) {
    this.epoch = 0;
    this.credit = 0;
    this.dropped = 0;
    this.captured = 0;
    this.sent = 0;
    this.chunks = [];
    this.maxWait = MAX_WAIT_SECONDS * sampleRate;
    this.maxBuffered = MAX_BUFFERED_SECONDS * sampleRate * BYTES_PER_SAMPLE;
  }

  /** Take the next mono samples of the microphone. */
  put(samples) {
    this.chunks.push({ position: this.captured, samples });
    this.captured += samples.length;
    while (this.chunks.length && this.captured - this.chunks[0].position > this.maxWait) {
      this.dropped += this.chunks.shift().samples.length;
    }
  }

  /** Send what can be sent now; what was dropped before it is declared first. */
  pump(socket) {
    while (socket.bufferedAmount <= this.maxBuffered) {
      const next = this.chunks.length ? this.chunks[0].position : this.captured;
      const gap = Math.min(next, this.credit) - this.sent;
      if (gap > 0) {
        socket.send(JSON.stringify({ type: "gap", position: this.sent, samples: gap }));
        this.sent += gap;
      }
      const chunk = this.chunks[0];
      if (!chunk || this.sent !== chunk.position) return;
      if (chunk.position + chunk.samples.length > this.credit) return;
      socket.send(encodeAudio(this.epoch, chunk.position, chunk.samples));
      this.sent += chunk.samples.length;
      this.chunks.shift();
    }
  }
}
