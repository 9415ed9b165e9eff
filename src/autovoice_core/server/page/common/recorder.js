// A recording from the microphone, kept as it is heard, without loss.

import { openMicrophone } from "../live/microphone.js";
import { wavFile } from "./wav.js";

export class Recorder {
  /** Begin; `progress(seconds, peak)` is called as it goes on. Throws what the browser throws. */
  async start(progress) {
    this.chunks = [];
    this.frames = 0;
    this.microphone = await openMicrophone();
    this.context = new AudioContext();
    await this.context.audioWorklet.addModule(new URL("recorder_worklet.js", import.meta.url));
    this.node = new AudioWorkletNode(this.context, "recorder", {
      channelCount: 1,
      channelCountMode: "explicit",
      numberOfOutputs: 0,
    });
    this.node.port.onmessage = ({ data }) => {
      this.chunks.push(data);
      this.frames += data.length;
      const peak = data.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
      progress(this.frames / this.context.sampleRate, peak);
    };
    this.context.createMediaStreamSource(this.microphone).connect(this.node);
  }

  /** End; return the recording as a WAV file. */
  async stop() {
    const rate = this.context.sampleRate;
    this.node.port.onmessage = null;
    for (const track of this.microphone.getTracks()) track.stop();
    await this.context.close();
    return wavFile(this.chunks, rate);
  }
}
