import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeAudio } from "../../../../src/autovoice_core/server/page/live/frames.js";
import { Outbox } from "../../../../src/autovoice_core/server/page/live/outbox.js";

const RATE = 1000; // so that a sample lasts a millisecond

function setUp(credit) {
  const outbox = new Outbox(RATE);
  outbox.credit = credit;
  outbox.latency = 10_000; // so that nothing waits for answers
  const sent = [];
  const send = (message) =>
    sent.push(typeof message === "string" ? JSON.parse(message) : decodeAudio(message));
  return { outbox, sent, socket: { bufferedAmount: 0, send } };
}

const positions = (sent) =>
  sent.map(({ position, samples }) => [position, samples.length ?? samples]);

test("chunks go out in order, numbered by samples", () => {
  const { outbox, sent, socket } = setUp(100);
  for (let i = 0; i < 3; i += 1) outbox.put(new Float32Array(10));
  outbox.pump(socket);
  assert.deepEqual(positions(sent), [
    [0, 10],
    [10, 10],
    [20, 10],
  ]);
});

test("nothing goes out beyond the credit", () => {
  const { outbox, sent, socket } = setUp(15);
  for (let i = 0; i < 3; i += 1) outbox.put(new Float32Array(10));
  outbox.pump(socket);
  assert.deepEqual(positions(sent), [[0, 10]]);
  outbox.credit = 30;
  outbox.pump(socket);
  assert.deepEqual(positions(sent), [
    [0, 10],
    [10, 10],
    [20, 10],
  ]);
});

test("what waits too long is dropped and declared, and the numbering stays true", () => {
  const { outbox, sent, socket } = setUp(1000);
  socket.bufferedAmount = Infinity;
  for (let i = 0; i < 40; i += 1) {
    outbox.put(new Float32Array(10));
    outbox.pump(socket);
  }
  assert.deepEqual(sent, []);
  socket.bufferedAmount = 0;
  outbox.pump(socket);
  assert.deepEqual(sent[0], { type: "gap", position: 0, samples: 250 });
  assert.deepEqual(positions(sent.slice(1, 3)), [
    [250, 10],
    [260, 10],
  ]);
  assert.equal(outbox.dropped, 250);
  assert.equal(outbox.sent, 400);
});

test("a gap keeps to the credit as well", () => {
  const { outbox, sent, socket } = setUp(100);
  for (let i = 0; i < 40; i += 1) outbox.put(new Float32Array(10));
  outbox.pump(socket);
  assert.deepEqual(sent, [{ type: "gap", position: 0, samples: 100 }]);
});

test("a server that lags behind gets no more to do than it can make good", () => {
  const { outbox, sent, socket } = setUp(Infinity);
  outbox.latency = 100;
  const sing = (milliseconds) => {
    for (let i = 0; i < milliseconds / 10; i += 1) {
      outbox.put(new Float32Array(10));
      outbox.pump(socket);
    }
  };
  sing(1000);
  assert.equal(outbox.sent, 400);
  outbox.answered = 300;
  outbox.pump(socket);
  assert.deepEqual(sent.at(-1), { type: "gap", position: 400, samples: 300 });
  outbox.answered = 700;
  outbox.pump(socket);
  assert.equal(outbox.sent, 1000);
  assert.equal(outbox.dropped, 450);
});
