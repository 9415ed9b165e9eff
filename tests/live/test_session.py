from __future__ import annotations

from itertools import count
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sound_cards import RecordedCard

from autovoice_core import Audio
from autovoice_core.audio.source import Block
from autovoice_core.live import session
from autovoice_core.live.session import BLOCK_SECONDS, LiveSession

RATE = 16_000


class LateNegation:
    """A stream that turns the sign, late and in blocks of its own length."""

    def __init__(self, late: int, step: int) -> None:
        self.latency = late / RATE
        self._late, self._step = late, step
        self._waiting = np.zeros((1, 0), np.float32)

    def feed(self, block: Audio) -> Audio:
        self._waiting = np.concatenate([self._waiting, block.numpy()], axis=1)
        ready = max(0, self._waiting.shape[1] - (self._late - self._step))
        ready -= ready % self._step
        done, self._waiting = self._waiting[:, :ready], self._waiting[:, ready:]
        return Audio(-done, RATE)

    def flush(self) -> Audio:
        return Audio(-self._waiting, RATE)


def singing(seconds: float = 1.0) -> Block:
    rng = np.random.default_rng(5)
    return rng.uniform(-0.5, 0.5, (1, round(seconds * RATE))).astype(np.float32)


@given(late=st.integers(400, 3000), step=st.integers(1, 400))
def test_the_new_voice_is_played_late_by_the_latency_and_without_a_gap(
    late: int, step: int
) -> None:
    card = RecordedCard(singing(0.5), RATE)
    LiveSession(card, LateNegation(late, step)).run(0.5)
    assert card.played.shape == (1, RATE // 2)
    assert np.array_equal(card.played[:, :late], np.zeros((1, late)))
    assert np.array_equal(card.played[:, late:], -singing(0.5)[:, : RATE // 2 - late])


def test_the_latency_adds_up_card_stream_and_block() -> None:
    session = LiveSession(RecordedCard(singing(), RATE, 0.02), LateNegation(800, 160))
    assert session.latency == pytest.approx(0.02 + 0.05 + BLOCK_SECONDS)


def test_the_original_is_as_late_as_the_new_voice_and_the_change_is_faded() -> None:
    card = RecordedCard(np.full((1, RATE), 0.5, np.float32), RATE)
    session = LiveSession(card, LateNegation(160, 160))
    blocks = 0

    def switch(block: Block) -> None:
        nonlocal blocks
        blocks += 1
        session.converting = not 30 <= blocks < 60

    session.run(1.0, switch)
    played = card.played[0]
    assert (played[160:4800] == -0.5).all()
    assert (played[5120:9600] == 0.5).all()
    assert (played[9920:] == -0.5).all()
    assert np.abs(np.diff(played[160:])).max() == pytest.approx(1 / (0.02 * RATE), rel=1e-3)


def test_dropouts_and_peaks_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = count()  # each block is begun at one and ended at the next
    clock = SimpleNamespace(perf_counter=lambda: 0.001 * next(ticks))
    monkeypatch.setattr(session, "time", clock)
    samples = singing()
    card = RecordedCard(samples, RATE)
    card.lost_blocks, card.gaps = {3, 7}, {7, 50}
    figures = LiveSession(card, LateNegation(160, 160)).run(1.0)
    assert figures.dropouts == 3
    assert figures.seconds == pytest.approx(1.0)
    assert figures.busy_seconds == pytest.approx(0.001 / BLOCK_SECONDS)
    assert figures.input_peak == pytest.approx(np.abs(samples).max())
    assert figures.output_peak == pytest.approx(np.abs(card.played).max())


def test_it_can_be_stopped_from_outside() -> None:
    card = RecordedCard(singing(), RATE)
    session = LiveSession(card, LateNegation(160, 160))
    session.run(None, lambda block: session.stop())
    assert card.played.shape == (1, round(BLOCK_SECONDS * RATE))
