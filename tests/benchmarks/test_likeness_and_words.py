"""What the benchmarks make of what their judges hear."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from scripts import scripts_of

from autovoice_core.metrics.words import WINDOW_FRAMES, Transcript

FOLDER = Path(__file__).parents[2] / "benchmarks"
RATE = 16_000


@pytest.fixture(autouse=True)
def benchmarks_are_found() -> Iterator[None]:
    with scripts_of(FOLDER):
        yield


def tone(hertz: float, level: float = 0.1, seconds: float = 2.0) -> np.ndarray:
    time = np.arange(round(seconds * RATE)) / RATE
    return (level * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


class LevelAndPitch:
    """An embedding that turns with the level, and with how often the wave crosses zero."""

    def embed(self, signal: np.ndarray, rate: int) -> np.ndarray:
        crossings = np.mean(np.diff(np.sign(signal)) != 0) * rate / 2000
        angle = crossings + 10 * np.sqrt(np.mean(signal**2))
        return np.array([np.cos(angle), np.sin(angle)])


def test_likeness_is_the_cosine_at_the_loudness_of_the_target_and_the_margin_the_difference() -> (
    None
):
    from likeness import Likeness

    by = {"CamPlusPlus": LevelAndPitch()}
    likeness = Likeness(by, tone(400, 0.2), tone(800, 0.05), (RATE, RATE))
    loud, quiet = (likeness.of(tone(500, level), RATE) for level in (0.5, 0.05))
    assert loud.keys() == {"campp_to_target", "campp_to_source", "campp_margin"}
    for name, value in loud.items():
        assert quiet[name] == pytest.approx(value, abs=1e-4)
    assert loud["campp_to_target"] == pytest.approx(np.cos(0.1), abs=0.02)
    assert loud["campp_to_source"] == pytest.approx(np.cos(0.3), abs=0.02)
    assert loud["campp_margin"] == loud["campp_to_target"] - loud["campp_to_source"]


class SaysItsWindow:
    """Hears the peak of a window, as a word, and is certain of what is louder than 0.1."""

    def transcript(self, samples: np.ndarray) -> Transcript:
        peak = float(np.abs(samples).max())
        return Transcript(("peak", f"{peak:.1f}"), -0.5 if peak > 0.1 else -2)


def test_words_are_lost_window_by_window_and_count_where_the_source_was_understood() -> None:
    from judges import Words

    words = Words.__new__(Words)
    words.recogniser = SaysItsWindow()
    levels = np.repeat(np.float32([0.3, 0.05, 0.5]), WINDOW_FRAMES)
    other = np.repeat(np.float32([0.3, 0.9, 0.7]), WINDOW_FRAMES)
    said = list(words.hear(levels, RATE))
    assert len(said) == 3
    assert words.lost(said, levels, RATE) == (0, 4)
    assert words.lost(said, other, RATE) == (1, 4)
    assert words.lost(said[1:2], levels[:RATE], RATE) == (0, 0)


def test_lyrics_are_compared_letter_by_letter_without_spaces() -> None:
    from judges import Words

    words = Words.__new__(Words)
    words.recogniser = SaysItsWindow()
    assert words.misspelt("Pea k 0.3!\n", np.full(RATE, 0.3, np.float32), RATE) == (1, 6)
