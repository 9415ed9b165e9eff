from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from autovoice_core import Audio, VoiceProfile, select
from autovoice_core._frames import frame_centres
from autovoice_core.synthetic import truth


def separated(opened: Any, song: truth.Song, voice: VoiceProfile) -> Callable[[Audio], Any]:
    return lambda window: opened.separate(window)


def tracked(opened: Any, song: truth.Song, voice: VoiceProfile) -> Callable[[Audio], Any]:
    return lambda window: opened.estimate(
        window, frame_centres(window.frames, window.sample_rate, 0.01)
    )


def converted(opened: Any, song: truth.Song, voice: VoiceProfile) -> Callable[[Audio], Any]:
    conversion = opened.begin(voice, song.pitch, song.mixture.sample_rate, key=3.0)
    conversion.observe(song.mixture, 0)
    return lambda window: conversion.render(window, 0)


@pytest.mark.parametrize(("rate", "channels"), [(8_000, 1), (44_100, 2)])
@pytest.mark.parametrize(
    ("operation", "name", "begun"),
    [
        ("separation", "cpu/wrpca", separated),
        ("pitch", "cpu/nccf", tracked),
        ("conversion", "cpu/retrieval", converted),
    ],
)
def test_a_window_takes_no_more_than_is_said(
    voice: VoiceProfile, operation: Any, name: str, begun: Any, channels: int, rate: int
) -> None:
    channels = 1 if operation == "pitch" else channels
    song = truth.song(seconds=8, sample_rate=rate, seed=2)
    window = Audio(song.mixture.numpy()[:channels].copy(), rate)
    opened = select(operation, name=name).open()
    work = begun(opened, song, voice)
    work(window)  # what is compiled and kept is no window's
    tracemalloc.start()
    try:
        result = work(window)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert result is not None
    said = opened.memory(window.frames, channels, rate)
    assert 0.1 * said < peak < said
