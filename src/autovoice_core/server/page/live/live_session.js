// One live session: microphone, sound thread, connection and headphones, from start to stop.

import { inputLatency, openMicrophone, processingOf } from "./microphone.js";

const here = (name) => new URL(name, import.meta.url);

export class LiveSession {
  /**
   * `listener` has `ready(message, session)`, `report(figures)`, `message(message)` and
   * `ended(reason)`.
   */
  constructor(listener) {
    this.listener = listener;
  }

  /** Open the microphone and the sound; throws what the browser throws. */
  async start(deviceId, hello) {
    this.microphone = await openMicrophone(deviceId);
    try {
      await this.startSound();
    } catch (error) {
      await this.close();
      throw error;
    }
    this.connect(hello);
  }

  async startSound() {
    this.context = new AudioContext({ latencyHint: "interactive" });
    await this.context.audioWorklet.addModule(here("live_worklet.js"));
    this.node = new AudioWorkletNode(this.context, "live", {
      channelCount: 1,
      channelCountMode: "explicit",
      outputChannelCount: [2],
    });
    this.node.port.onmessage = ({ data }) => this.listener.report(data);
    this.node.onprocessorerror = () => this.fail({ name: "sound" });
    this.context.createMediaStreamSource(this.microphone).connect(this.node);
    this.node.connect(this.context.destination);
    this.microphone.getAudioTracks()[0].onended = () => this.fail({ name: "microphone" });
    await this.context.resume();
  }

  connect(hello) {
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    this.worker = new Worker(here("stream_worker.js"), { type: "module" });
    this.worker.onmessage = ({ data }) => this.take(data);
    const url = new URL("/v1/stream", location.href);
    url.protocol = url.protocol.replace("http", "ws");
    const open = { url: url.href, hello: { ...hello, sample_rate: this.context.sampleRate } };
    this.worker.postMessage({ open, sound: port2 }, [port2]);
  }

  take({ message, closed }) {
    if (closed) {
      this.fail(closed);
      return;
    }
    if (this.stopped) return;
    if (message.type === "ready") {
      this.latency = message.latency_samples;
      this.node.port.postMessage({ stream: this.port }, [this.port]);
    }
    this.listener.message(message);
  }

  /** Change the voice, the key, the formant or the strength while singing. */
  set(changes) {
    this.worker?.postMessage({ set: changes });
  }

  get processing() {
    return processingOf(this.microphone);
  }

  /** The seconds of the sound card, in and out, as the browser reports them. */
  get deviceLatency() {
    return inputLatency(this.microphone) + (this.context.outputLatency ?? 0);
  }

  get sampleRate() {
    return this.context.sampleRate;
  }

  async stop() {
    this.stopped = true;
    this.worker?.postMessage({ end: true });
    await this.close();
  }

  fail(reason) {
    if (this.stopped) {
      this.worker?.terminate();
      return;
    }
    this.stopped = true;
    this.worker?.terminate();
    this.close();
    this.listener.ended(reason);
  }

  async close() {
    for (const track of this.microphone?.getTracks() ?? []) track.stop();
    this.node?.port.postMessage({ end: true });
    if (this.context && this.context.state !== "closed") await this.context.close();
  }
}
