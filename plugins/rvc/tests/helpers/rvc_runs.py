"""Conversions by the converters of RVC, in one piece or in windows as core makes them."""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np
from attrs import evolve
from numpy.typing import NDArray
from random_rvc import random_arrays, random_contentvec
from singing_rvc import handmade_arrays
from toy_rvc import NoContent, architecture

from autovoice_core import Audio, PitchTrack
from autovoice_core.audio.reading import as_source
from autovoice_core.audio.windows import crossfade, iter_windows
from autovoice_core.synthetic import truth
from autovoice_rvc.conversion.converter import DEFAULTS, RvcConverter, RvcV1, RvcV2
from autovoice_rvc.conversion.voice import features_of
from autovoice_rvc.networks.contentvec import ContentVec

Samples = NDArray[np.float32]
CROSSFADE_SECONDS = 0.05


@cache
def contentvec() -> ContentVec:
    """Return ContentVec with random weights."""
    return ContentVec.from_arrays(random_contentvec(0))


@cache
def random_voice(name: str) -> Any:
    """Return a voice of random weights; ``name`` is that of its architecture."""
    found = architecture(name)
    generator = np.random.default_rng(2)
    vectors = generator.standard_normal((100, found.content_size)).astype(np.float16)
    return SimpleNamespace(features=features_of(found, random_arrays(found, 1), vectors))


@cache
def handmade_voice(speakers: int = 109) -> Any:
    """Return a voice that sings the melody exactly, with a formant at 1 kHz."""
    sizes = evolve(architecture("v2 32k"), speakers=speakers)
    steps = np.arange(-5, 6) / 6400  # s
    timbre = (np.hanning(13)[1:-1] * np.cos(2 * np.pi * 1000 * steps)).astype(np.float32)
    return SimpleNamespace(features=features_of(sizes, handmade_arrays(sizes, timbre), None))


def listening(version: int = 2) -> RvcConverter:
    """Return a converter that hears words, if only by random weights."""
    return (RvcV1 if version == 1 else RvcV2)(contentvec())


def deaf(**settings: Any) -> RvcConverter:
    """Return a converter to voices of v2 that hears no words, and so is quick."""
    return RvcV2(NoContent(), settings=evolve(DEFAULTS, **settings))


@cache
def sung(sample_rate: int = 16_000, seconds: float = 1.0) -> truth.Sung:
    """Return a tenor, and his pitch."""
    return truth.sing(truth.TENOR, seconds, sample_rate, seed=1)


def convert(
    converter: RvcConverter,
    voice: Any,
    audio: Audio,
    pitch: PitchTrack,
    *,
    core: float | None = None,
    key: float = 0.0,
    **controls: Any,
) -> Samples:
    """Return ``audio`` in a voice, ``(channels, frames)``, in windows of ``core`` seconds."""
    rate = audio.sample_rate
    conversion = converter.begin(voice, pitch, rate, key=key, **controls)
    if core is None:
        conversion.observe(audio, 0)
        return conversion.render(audio, 0).numpy()
    windows = list(
        iter_windows(
            as_source(audio),
            core=int(core * rate),
            context=int(np.ceil((converter.context + CROSSFADE_SECONDS) * rate)),
            grid=converter.grid(rate),
        )
    )
    for window in windows:
        conversion.observe(window.audio, window.start)
    rendered = (
        (window, conversion.render(window.audio, window.start).numpy()) for window in windows
    )
    return np.concatenate(list(crossfade(rendered, int(CROSSFADE_SECONDS * rate))), axis=1)


def level(samples: Any) -> float:
    """Return the level of samples in dB."""
    return float(10 * np.log10(np.mean(np.square(samples, dtype=np.float64)) + 1e-30))
