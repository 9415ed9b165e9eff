"""Whatever a client sends in whatever order: hypothesis plays the client of a session."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from live_streams import LATE, RATE, Later, Opener, audio, frame, refusal_of, sound, texts

from autovoice_core.server.stream.codes import CloseCode
from autovoice_core.server.stream.messages import Hello, Options
from autovoice_core.server.stream.session import Message, StreamSession

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=6,
)
_KINDS = st.sampled_from(["hello", "set", "gap", "restart", "flush", "pong", "sing"])
_NAMES = st.sampled_from(["position", "samples", "key", "voice", "formant", "epoch"])


class Client(RuleBasedStateMachine):
    """A client that does all that is allowed, until it does something that is not."""

    @initialize(channels=st.sampled_from([1, 2]))
    def begin(self, channels: int) -> None:
        self.channels, self.executor = channels, Later()
        hello = Hello("iona", RATE, channels=channels, options=Options(key=1.0))
        self.session = StreamSession(hello, Opener(), self.executor)
        self.credit, self.now, self.over = RATE, 0.0, False
        self.reset(0)

    def reset(self, epoch: int) -> None:
        self.epoch, self.credit = epoch, RATE
        self.sung: list[Any] = []
        self.heard: list[Message] = []
        self.position, self.changed = 0, False

    def send(self, message: Message) -> list[Message]:
        answers = list(self.session.receive(message, self.now))
        self.heard += answers
        for credit in texts(answers, "credit"):
            assert credit["samples"] > self.credit
            self.credit = credit["samples"]
        return answers

    @precondition(lambda self: self.over)
    @rule(channels=st.sampled_from([1, 2]))
    def begin_again(self, channels: int) -> None:
        self.begin(channels)

    @precondition(lambda self: not self.over)
    @rule(share=st.floats(0, 1), seed=st.integers(0, 99))
    def sing(self, share: float, seed: int) -> None:
        count = max(1, round(share * (self.credit - self.position)))
        samples = sound(count, self.channels, seed)
        self.send(frame(samples, self.position, self.epoch))
        self.sung.append(samples)
        self.position += count

    @precondition(lambda self: not self.over)
    @rule(count=st.integers(1, 500))
    def leave_out(self, count: int) -> None:
        count = min(count, self.credit - self.position)
        self.send(json.dumps({"type": "gap", "position": self.position, "samples": count}))
        self.sung.append(np.zeros((self.channels, count), np.float32))
        self.position += count

    @precondition(lambda self: not self.over)
    @rule(key=st.integers(-9, 9))
    def change(self, key: int) -> None:
        self.send(json.dumps({"type": "set", "key": key}))
        self.changed = True

    @precondition(lambda self: not self.over)
    @rule()
    def let_what_was_asked_for_be_opened(self) -> None:
        self.executor.run()

    @precondition(lambda self: not self.over)
    @rule()
    def restart(self) -> None:
        [restarted, *_] = texts(self.send(json.dumps({"type": "restart"})))
        changed = self.changed
        self.reset(restarted["epoch"])
        self.changed = changed

    @precondition(lambda self: not self.over and self.epoch > 0)
    @rule(position=st.integers(0, 2**64 - 1))
    def send_what_is_of_an_older_epoch(self, position: int) -> None:
        assert self.send(frame(sound(5, self.channels), position, self.epoch - 1)) == []

    @precondition(lambda self: not self.over)
    @rule(seconds=st.floats(0, 3))
    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.heard += self.session.tick(self.now)

    @precondition(lambda self: not self.over)
    @rule(data=st.binary(max_size=80))
    def send_any_bytes(self, data: bytes) -> None:
        self.misbehave(data)

    @precondition(lambda self: not self.over)
    @rule(
        ahead=st.integers(-(2**62), 2**62).filter(bool),
        epochs=st.integers(0, 2**15 - 1),
    )
    def send_out_of_order(self, ahead: int, epochs: int) -> None:
        position = (self.position + ahead) % 2**64
        epoch = (self.epoch + epochs) % 2**16
        self.misbehave(frame(sound(3, self.channels), position, epoch), CloseCode.OUT_OF_ORDER)

    @precondition(lambda self: not self.over)
    @rule(surplus=st.integers(1, 9_000))
    def send_beyond_the_credit(self, surplus: int) -> None:
        count = self.credit - self.position + surplus
        samples = np.zeros((self.channels, count), np.float32)
        self.misbehave(frame(samples, self.position, self.epoch), CloseCode.OVER_CREDIT)

    @precondition(lambda self: not self.over)
    @rule(value=st.sampled_from([np.nan, np.inf, -1e38]), at=st.integers(0, 9))
    def send_what_is_no_sound(self, value: float, at: int) -> None:
        samples = sound(10, self.channels)
        samples[-1, at] = value
        self.misbehave(frame(samples, self.position, self.epoch), CloseCode.BAD_MESSAGE)

    @precondition(lambda self: not self.over)
    @rule(text=st.text() | st.builds(json.dumps, _JSON))
    def send_any_text(self, text: str) -> None:
        self.misbehave(text)

    @precondition(lambda self: not self.over)
    @rule(kind=_KINDS, fields=st.dictionaries(_NAMES, _JSON, max_size=3))
    def send_nearly_a_message(self, kind: str, fields: dict[str, Any]) -> None:
        self.misbehave(json.dumps({"type": kind, **fields}))

    def misbehave(self, message: Message, code: CloseCode | None = None) -> None:
        """Send what may be refused; if it is, that is the end, else check no further."""
        self.over = True
        refusal = refusal_of(lambda: self.send(message))
        if code is not None:
            assert refusal is not None
            assert refusal.code is code
        assert refusal is None or refusal.message

    @invariant()
    def nothing_comes_late_and_memory_is_bounded(self) -> None:
        if not self.over:
            stream = self.session._stream
            assert 0 <= stream.fed - stream.given < LATE
            assert stream._now.waiting.shape[1] <= 2 * RATE

    def teardown(self) -> None:
        """Whatever was allowed: every sample of the epoch comes back once, in its place."""
        if getattr(self, "over", True):
            return
        answers = self.send(json.dumps({"type": "flush"}))
        assert texts(answers)[-1] == {"type": "end", "position": self.position}
        sung = np.concatenate([np.zeros((self.channels, 0), np.float32), *self.sung], axis=1)
        heard = audio(self.heard, self.channels)
        assert heard.shape == sung.shape
        if not self.changed:
            np.testing.assert_array_equal(heard, sung)


TestClient = Client.TestCase
TestClient.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
