"""Long runs of ``cpu/retrieval``: windows without seams, streams without growth."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest
from conversion_runs import convert_in_windows, convert_whole, voice_of
from conversion_truth import phrase, track, vowel
from threadpoolctl import threadpool_limits

from autovoice_core import Audio
from autovoice_core.conversion.retrieval.stream.retrieval import StreamingRetrieval
from autovoice_cpu.retrieval import open_retrieval


@pytest.fixture(scope="module")
def converter() -> StreamingRetrieval:
    return open_retrieval(device="cpu", dtype="float32")


@pytest.fixture(scope="module")
def voice(converter: StreamingRetrieval) -> Any:
    return voice_of(converter)


@pytest.mark.parametrize("key", [0.0, 3.0])
@pytest.mark.parametrize("rate", [22_050, 44_100])
def test_windows_give_what_the_whole_gives(
    converter: StreamingRetrieval, voice: Any, key: float, rate: int
) -> None:
    vocals, pitch = phrase(rate, 150.0)
    whole = convert_whole(converter, voice, vocals, pitch, key)
    parts = convert_in_windows(converter, voice, vocals, pitch, key, 0.9)
    assert parts.shape == whole.shape == vocals.numpy().shape
    assert np.abs(parts - whole).max() < 1e-4 * np.abs(whole).max()


@pytest.mark.parametrize("key", [0.0, 3.0])
def test_a_note_held_for_a_minute_has_no_seam(
    converter: StreamingRetrieval, voice: Any, key: float
) -> None:
    rate = 8000
    tune = np.full(60 * rate, 160.0)
    vocals = Audio(vowel(tune, rate, breath=0.02)[None].astype(np.float32), rate)
    pitch = track(tune, rate)
    whole = convert_whole(converter, voice, vocals, pitch, key)
    parts = convert_in_windows(converter, voice, vocals, pitch, key, 7.0)
    assert np.abs(parts - whole).max() < 1e-4 * np.abs(whole).max()
    steps = np.lib.stride_tricks.sliding_window_view(whole[0, rate:-rate], 400)[::400]
    levels = 10 * np.log10(np.mean(np.square(steps, dtype=float), axis=1))
    assert np.ptp(levels) < 3.0


def test_a_stream_does_not_keep_what_it_was_fed(converter: StreamingRetrieval, voice: Any) -> None:
    vocals, _ = phrase(16_000, 150.0, seconds=1.0)
    stream = converter.stream(16_000, voice=voice, key=3.0)
    stream.feed(vocals)
    tracemalloc.start()
    stream.feed(vocals)
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(3):
        stream.feed(vocals)
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    # Less than the three that were fed; what is learnt of the singer grows for a minute.
    assert held - before < 2.5 * vocals.numpy().nbytes


def test_a_stream_is_the_same_whatever_the_threads_of_blas(
    converter: StreamingRetrieval, voice: Any
) -> None:
    vocals, _ = phrase(16_000, 150.0, seconds=2.0)
    with threadpool_limits(1, user_api="blas"):
        limited = converter.stream(16_000, voice=voice, key=3.0)
    streams = limited, converter.stream(16_000, voice=voice, key=3.0)
    one, two = (stream.feed(vocals).numpy() for stream in streams)
    np.testing.assert_array_equal(one, two)
