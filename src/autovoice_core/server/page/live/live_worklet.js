// The sound thread of a live stream: what the microphone hears goes out by a port in chunks, what
// comes in by the port is played. One clock counts both, so the latency needs no other.

import { JitterBuffer } from "./jitter_buffer.js";

const QUANTUM = 128;
const CHUNK_SECONDS = 0.006;
const REPORT_SECONDS = 0.05;

class LiveProcessor extends AudioWorkletProcessor {
  constructor() {
    super();
    this.chunk = new Float32Array(
      QUANTUM * Math.max(1, Math.round((CHUNK_SECONDS * sampleRate) / QUANTUM)),
    );
    this.filled = 0;
    this.began = null;
    this.peak = 0;
    this.nextReport = 0;
    this.ended = false;
    this.mono = new Float32Array(QUANTUM);
    this.port.onmessage = ({ data }) => this.take(data);
  }

  take(message) {
    if (message.stream) this.open(message.stream);
    else this.ended = true;
  }

  /** Begin to sing and to listen: `stream` is the port of the connection. */
  open(stream) {
    this.stream = stream;
    this.buffer = new JitterBuffer(sampleRate);
    stream.onmessage = ({ data }) => this.buffer.put(data.position, data.samples);
  }

  process([input], [output]) {
    if (this.ended) return false;
    const heard = input[0] ?? null;
    if (heard) for (const sample of heard) this.peak = Math.max(this.peak, Math.abs(sample));
    if (this.stream) {
      this.began ??= currentFrame;
      this.capture(heard);
      this.buffer.read(this.mono, currentFrame - this.began);
      for (const channel of output) channel.set(this.mono);
    }
    if (currentFrame >= this.nextReport) this.report();
    return true;
  }

  capture(heard) {
    for (let i = 0; i < QUANTUM; i += 1) this.chunk[this.filled + i] = heard ? heard[i] : 0;
    this.filled += QUANTUM;
    if (this.filled < this.chunk.length) return;
    const samples = this.chunk.slice();
    this.stream.postMessage(samples, [samples.buffer]);
    this.filled = 0;
  }

  report() {
    this.nextReport = currentFrame + REPORT_SECONDS * sampleRate;
    const { playing, heard, underruns, skips, skipped, missing, ring } = this.buffer ?? {};
    this.port.postMessage({
      peak: this.peak,
      heard: playing ? heard : null,
      depth: ring?.depth,
      underruns,
      skips,
      skipped,
      missing,
    });
    this.peak = 0;
  }
}

registerProcessor("live", LiveProcessor);
