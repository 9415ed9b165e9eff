from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from autovoice_core import Audio, PitchTrack, SingingPitchExtractor
from autovoice_core.audio.breaths import FRAME_RATE, SoftenedBreaths, find_breaths
from autovoice_core.audio.reading import as_source
from autovoice_core.synthetic import truth

RATE = 16_000

# Seen and heard in vocadito_1: every breath of the singer, seconds.
BREATHS = [
    (0.10, 0.50), (3.30, 3.70), (6.35, 6.80), (9.45, 9.85), (12.35, 12.75), (15.42, 15.80),
    (18.38, 18.75), (21.40, 21.75), (24.47, 24.90), (27.95, 28.35),
]  # fmt: skip
# And the s of "sa" after some of them, and within phrases.
SIBILANTS = [(4.75, 4.85), (12.80, 12.88), (18.80, 18.90), (24.97, 25.05), (26.60, 26.72)]


@pytest.fixture(scope="module")
def sung() -> truth.Sung:
    score = truth.compose(12.0, low=130.0, high=500.0, seed=1)
    return truth.sing(truth.TENOR, sample_rate=RATE, seed=1, score=score)


@pytest.fixture(scope="module")
def breathed() -> NDArray[np.bool_]:
    """Where the singer of ``sung`` breathes, consonants apart."""
    drawn, still = (
        truth.compose(12.0, low=130.0, high=500.0, seed=1, breaths=breathing).breath[::10] > 0.02
        for breathing in (True, False)
    )
    return drawn & ~still


def part(track: NDArray[np.bool_], begin: float, end: float) -> float:
    return float(track[round(begin * FRAME_RATE) : round(end * FRAME_RATE)].mean())


def test_the_breaths_of_a_singer_are_found_and_no_consonant(shared_data: Path) -> None:
    audio = Audio.load(shared_data / "singing" / "vocadito_1.flac")
    pitch = SingingPitchExtractor().extract(audio)
    found = find_breaths(as_source(audio), pitch)
    assert min(part(found, *breath) for breath in BREATHS) > 0.9
    assert max(part(found, *sibilant) for sibilant in SIBILANTS) == 0
    near = np.zeros(len(found), bool)
    for begin, end in BREATHS:
        near[max(0, round(begin * FRAME_RATE) - 15) : round(end * FRAME_RATE) + 15] = True
    assert not (found & ~near).any()


def test_synthesised_breaths_are_found(sung: truth.Sung, breathed: NDArray[np.bool_]) -> None:
    found = find_breaths(as_source(sung.audio), sung.pitch)[: len(breathed)]
    true = breathed[: len(found)]
    assert (found & true).sum() > 0.8 * true.sum()
    assert not (found & sung.pitch.voiced[: len(found)]).any()


def test_found_breaths_do_not_depend_on_how_the_sound_is_read(sung: truth.Sung) -> None:
    class Crumbs(SoftenedBreaths):
        """The same sound in blocks of other sizes."""

        def __init__(self) -> None:
            self.name, self.sample_rate, self.channels = "crumbs", RATE, 1
            self.frames = sung.audio.frames

        def blocks(self, size: int):  # type: ignore[no-untyped-def]
            return as_source(sung.audio).blocks(777)

    whole = find_breaths(as_source(sung.audio), sung.pitch)
    assert np.array_equal(find_breaths(Crumbs(), sung.pitch), whole)


@pytest.mark.parametrize("rate", [8_000, 22_050, 96_000])
def test_breaths_are_found_at_any_rate(rate: int) -> None:
    sung = truth.sing(truth.TENOR, 12.0, rate, seed=0)
    found = find_breaths(as_source(sung.audio), sung.pitch)
    assert len(found) == sung.audio.frames * FRAME_RATE // rate + 1
    assert part(found, 5.65, 5.85) > 0.9


def test_easing_scales_breaths_and_leaves_the_rest(sung: truth.Sung) -> None:
    source = as_source(sung.audio)
    found = np.repeat(find_breaths(source, sung.pitch), RATE // FRAME_RATE)[: sung.audio.frames]
    before = sung.audio.numpy()[0]
    (after,) = np.concatenate(list(SoftenedBreaths(source, sung.pitch, 0.25).blocks(5000)), axis=1)
    inner = np.convolve(found, np.ones(1601), "same") > 1600
    outer = np.convolve(found, np.ones(1601), "same") == 0
    assert inner.any()
    assert after[inner] == pytest.approx(0.25 * before[inner], abs=1e-7)
    assert np.array_equal(after[outer], before[outer])
    gain = np.abs(np.diff(after / np.where(np.abs(before) > 1e-6, before, np.nan)))
    assert np.nanmax(gain) < 0.003  # a ramp of tens of ms


@pytest.mark.parametrize("frames", [0, 1, 100, 5000])
def test_hardly_any_sound_holds_no_breath(frames: int) -> None:
    nothing = PitchTrack(np.zeros(3), np.zeros(3, bool), np.zeros(3, np.float32), 0.01)
    source = as_source(Audio(np.zeros((2, frames), np.float32), RATE))
    assert not find_breaths(source, nothing).any()
    eased = list(SoftenedBreaths(source, nothing, 0.0).blocks(64))
    assert sum(block.shape[1] for block in eased) == frames
