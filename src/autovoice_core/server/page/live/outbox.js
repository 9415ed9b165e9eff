// Microphone audio on its way to the server: sent as far as credit, answers and socket allow, else
// dropped as a declared gap, so that the numbering of samples stays true and no delay builds up.

import { encodeAudio } from "./frames.js";

const MAX_WAIT_SECONDS = 0.15;
const MAX_BUFFERED_SECONDS = 0.05;
const MAX_UNANSWERED_SECONDS = 0.3; // what the server may have before it, beside its latency
const BYTES_PER_SAMPLE = 4;

export class Outbox {
  constructor(sampleRate) {
    this.epoch = 0;
    this.credit = 0;
    this.latency = 0;
    this.answered = 0; // position after the last output that has come
    this.dropped = 0;
    this.captured = 0;
    this.sent = 0;
    this.chunks = [];
    this.maxWait = MAX_WAIT_SECONDS * sampleRate;
    this.maxUnanswered = MAX_UNANSWERED_SECONDS * sampleRate;
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

  /** The position up to which may be sent. */
  get limit() {
    const answers = this.answered + this.latency + this.maxUnanswered;
    return Math.min(this.credit, Math.floor(answers));
  }

  /** Send what can be sent now; what was dropped before it is declared first. */
  pump(socket) {
    while (socket.bufferedAmount <= this.maxBuffered) {
      const next = this.chunks.length ? this.chunks[0].position : this.captured;
      const gap = Math.min(next, this.limit) - this.sent;
      if (gap > 0) {
        socket.send(JSON.stringify({ type: "gap", position: this.sent, samples: gap }));
        this.sent += gap;
      }
      const chunk = this.chunks[0];
      if (!chunk || this.sent !== chunk.position) return;
      if (chunk.position + chunk.samples.length > this.limit) return;
      socket.send(encodeAudio(this.epoch, chunk.position, chunk.samples));
      this.sent += chunk.samples.length;
      this.chunks.shift();
    }
  }
}
