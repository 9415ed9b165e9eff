// The connection of a live stream, in a thread of its own, so that nothing the page does delays
// sound: the port of the sound thread on one side, the WebSocket on the other.

import { decodeAudio } from "./frames.js";
import { Outbox } from "./outbox.js";

const END_MILLISECONDS = 1000;

let socket = null;
let sound = null;
let outbox = null;
let failure = null;

self.onmessage = ({ data }) => {
  if (data.open) open(data.open, data.sound);
  else if (data.set) sendText({ type: "set", ...data.set });
  else if (data.end) end();
};

function open({ url, hello }, port) {
  sound = port;
  outbox = new Outbox(hello.sample_rate);
  socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  socket.onopen = () => sendText(hello);
  socket.onmessage = ({ data }) => (typeof data === "string" ? takeText(data) : takeAudio(data));
  socket.onclose = ({ code }) => self.postMessage({ closed: { code, ...failure } });
  sound.onmessage = ({ data }) => {
    outbox.put(data);
    outbox.pump(socket);
  };
}

function sendText(message) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}

function takeAudio(data) {
  const frame = decodeAudio(data);
  if (!frame || frame.epoch !== outbox.epoch) return;
  const { position, samples } = frame;
  outbox.answered = position + samples.length;
  outbox.pump(socket);
  sound.postMessage({ position, samples }, [samples.buffer]);
}

function takeText(text) {
  const message = JSON.parse(text);
  switch (message.type) {
    case "ready":
      outbox.epoch = message.epoch;
      outbox.credit = message.credit_samples;
      outbox.latency = message.latency_samples;
      break;
    case "credit":
      outbox.credit = message.samples;
      outbox.pump(socket);
      return;
    case "ping":
      sendText({ type: "pong", position: message.position });
      return;
    case "error":
    case "goodbye":
      failure = { ...message, ...failure };
      break;
    case "statistics":
      message.dropped = outbox.dropped;
      break;
  }
  self.postMessage({ message });
}

function end() {
  sendText({ type: "flush" });
  sound.onmessage = null;
  setTimeout(() => socket.close(1000), END_MILLISECONDS);
}
