"""The tracker fed block by block: independent of the blocks, within its latency, and accurate."""

from __future__ import annotations

from collections.abc import Sequence

import array_api_compat.numpy as xp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pitch_errors import errors

from autovoice_core import (
    Audio,
    NoBackend,
    PitchFrames,
    PitchTrack,
    SingingPitchExtractor,
)
from autovoice_core._frames import frame_centres
from autovoice_core.pitch.nccf.nccf import Nccf
from autovoice_core.pitch.nccf.reference import ReferencePitchKernels
from autovoice_core.testing.truth import ALTO, SINGERS, add_noise, sing

KERNELS = ReferencePitchKernels()
NCCF = Nccf(xp, KERNELS)
VOICE = add_noise(sing(ALTO, 2.5, 16000, seed=3).audio, 25)


def joined(frames: Sequence[PitchFrames], hop: float) -> PitchTrack:
    f0, voiced, confidence = (
        np.concatenate([np.asarray(getattr(part, name)) for part in frames])
        for name in ("f0", "voiced", "confidence")
    )
    return PitchTrack(f0, voiced, confidence, hop)


def streamed(audio: Audio, sizes: Sequence[int], hop: float = 0.01) -> PitchTrack:
    stream, given, at = NCCF.stream(audio.sample_rate, hop=hop), [], 0
    for size in (*sizes, audio.frames):
        given.append(stream.feed(cut(audio, at, at + size)))
        at += size
    return joined([*given, stream.flush()], hop)


def cut(audio: Audio, start: int, stop: int) -> Audio:
    return Audio(audio.numpy()[:, start:stop], audio.sample_rate)


@pytest.fixture(scope="module")
def at_once() -> PitchTrack:
    return streamed(VOICE, [])


@settings(deadline=None, max_examples=15)
@given(sizes=st.lists(st.integers(0, 300) | st.integers(0, 9000), max_size=12))
def test_blocks_of_any_length_give_the_same(at_once: PitchTrack, sizes: list[int]) -> None:
    found = streamed(VOICE, sizes)
    np.testing.assert_array_equal(found.f0, at_once.f0)
    np.testing.assert_array_equal(found.voiced, at_once.voiced)
    np.testing.assert_array_equal(found.confidence, at_once.confidence)


def test_single_samples_give_the_same() -> None:
    short = cut(VOICE, 8000, 9600)
    ones = streamed(short, [1] * short.frames)
    np.testing.assert_array_equal(ones.f0, streamed(short, []).f0)


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 22050, 44100, 192000])
@pytest.mark.parametrize("hop", [0.003, 0.01, 0.0213])
def test_a_frame_is_given_within_the_latency(rate: int, hop: float) -> None:
    audio = sing(ALTO, 0.5, rate, seed=4).audio
    stream = NCCF.stream(rate, hop=hop)
    assert stream.latency <= 0.05
    given = 0
    for at in range(0, audio.frames, 97):
        block = cut(audio, at, at + 97)
        given += len(np.asarray(stream.feed(block).f0))
        past = at + block.frames - stream.latency * rate
        assert given >= (len(frame_centres(int(past), rate, hop)) if past >= 0 else 0)
    given += len(np.asarray(stream.flush().f0))
    assert given == len(frame_centres(audio.frames, rate, hop))


def test_a_lower_voice_takes_longer() -> None:
    low, high = (Nccf(xp, KERNELS, fmin=fmin).stream(44100, hop=0.01) for fmin in (30.0, 100.0))
    assert low.latency > 0.045 > 0.04 > high.latency


@pytest.mark.parametrize("name", SINGERS)
def test_what_is_streamed_is_right(name: str) -> None:
    truth = sing(SINGERS[name], 8, seed=21)
    found = errors(truth.pitch, streamed(add_noise(truth.audio, 30), []))
    assert found.accuracy > 0.98
    assert found.median_cents < 1.6
    assert found.octave <= 0.005
    assert found.false_alarms <= 0.06


def test_what_comes_later_changes_nothing_that_was_said() -> None:
    other = Audio(np.concatenate([VOICE.numpy()[:, :20000], np.ones((1, 9000), "f4")], 1), 16000)
    said = [NCCF.stream(16000, hop=0.01).feed(cut(one, 0, 20000)) for one in (VOICE, other)]
    again = streamed(other, [])
    assert len(np.asarray(said[0].f0)) > 110
    np.testing.assert_array_equal(said[0].f0, said[1].f0)
    np.testing.assert_array_equal(said[0].f0, again.f0[: len(np.asarray(said[0].f0))])


@pytest.mark.parametrize("frames", [0, 1, 159, 160, 161])
def test_a_stream_of_any_shortness_has_frames(frames: int) -> None:
    found = streamed(Audio(np.zeros((1, frames), np.float32), 16000), [])
    assert len(found) == 1 + frames // 160
    assert not found.voiced.any()


def test_channels_are_averaged() -> None:
    wide = Audio(np.concatenate([1.5 * VOICE.numpy(), 0.5 * VOICE.numpy()]), 16000)
    np.testing.assert_array_equal(streamed(wide, []).voiced, streamed(VOICE, []).voiced)


def test_the_extractor_opens_a_stream(at_once: PitchTrack) -> None:
    stream = SingingPitchExtractor(backend="reference/nccf").stream(16000)
    assert stream.latency <= 0.05
    found = joined([stream.feed(VOICE), stream.flush()], 0.01)
    np.testing.assert_array_equal(found.f0, at_once.f0)


def test_a_stream_is_by_a_backend_that_is_quick_enough() -> None:
    assert SingingPitchExtractor().stream(44100).latency <= 0.05
    with pytest.raises(NoBackend):
        SingingPitchExtractor(backend="reference/nccf").stream(44100, max_latency=0.01)
