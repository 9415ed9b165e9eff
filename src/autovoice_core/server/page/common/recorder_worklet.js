// The sound thread of a recording: it hands on what the microphone hears.

class RecorderProcessor extends AudioWorkletProcessor {
  process([[heard]]) {
    if (heard) {
      const samples = heard.slice();
      this.port.postMessage(samples, [samples.buffer]);
    }
    return true;
  }
}

registerProcessor("recorder", RecorderProcessor);
