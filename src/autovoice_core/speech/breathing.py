"""Breaths between the phrases of a song, where a rest leaves room for one.

Level, length and spectrum are the averages of the ten breaths in the recording vocadito_1 (CC-BY
4.0), as :func:`~autovoice_core.audio.breaths.find_breaths` finds them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from autovoice_core._types import Audio
from autovoice_core.speech.alignment import Segment
from autovoice_core.speech.syllables import Span

MIN_REST_SECONDS = 0.25
"""Seconds of the shortest rest in which a breath is taken."""
MAX_BREATH_SECONDS = 0.48
"""Seconds of a breath where there is time."""
BEFORE_SECONDS, AFTER_SECONDS = 0.05, 0.04
"""Seconds between a breath and what is sung before it, at least, and after it."""
RISE_SHARE = 0.6
"""Share of a breath in which it swells; in the rest it dies away."""
LEVEL = 10 ** (-27 / 20)
"""Level of a breath against that of the singing."""
SPECTRUM_HZ = (100, 230, 450, 850, 1700, 2800, 4600, 6400, 12_000)
SPECTRUM_DB = (-2, -2, -5, -4, -4, -7, -14, -14, -30)
"""Spectrum of a breath."""


def with_breaths(song: Audio, segments: Sequence[Segment], gain: float, seed: int) -> Audio:
    """Return a song of one channel with a breath in every rest that is long enough.

    Parameters
    ----------
    song
        The song.
    segments
        When its sounds are sung, in order.
    gain
        Factor of the breaths; 0 leaves them out.
    seed
        Seed of their noise.
    """
    samples = song.numpy()[0].copy()
    sounding = np.count_nonzero(samples)
    if gain == 0 or not sounding:
        return song
    level = gain * LEVEL * math.sqrt(float(np.vdot(samples, samples)) / sounding)
    for number, breath in enumerate(_breaths(segments)):
        start, end = (round(edge * song.sample_rate) for edge in (breath.start, breath.end))
        generator = np.random.default_rng([seed, number])
        samples[start:end] += np.float32(level) * _noise(end - start, song.sample_rate, generator)
    return Audio(samples[np.newaxis], song.sample_rate, song.made_by)


def _breaths(segments: Sequence[Segment]) -> Iterator[Span]:
    """Yield when a breath is taken: at the end of each rest that is long enough."""
    for before, after in pairwise(segments):
        rest = Span(before.sung.end, after.sung.start)
        if rest.seconds >= MIN_REST_SECONDS:
            end = rest.end - AFTER_SECONDS
            yield Span(max(rest.start + BEFORE_SECONDS, end - MAX_BREATH_SECONDS), end)


def _noise(frames: int, rate: int, generator: np.random.Generator) -> NDArray[np.float32]:
    """Return noise with the spectrum of a breath and a level of 1, swelling and dying away."""
    spectrum = np.fft.rfft(generator.standard_normal(frames))
    frequencies = np.fft.rfftfreq(frames, 1.0 / rate)
    response = np.interp(np.log(np.maximum(frequencies, 1.0)), np.log(SPECTRUM_HZ), SPECTRUM_DB)
    spectrum *= 10 ** (response / 20) * (frequencies >= SPECTRUM_HZ[0])
    noise = np.fft.irfft(spectrum, frames)
    noise /= max(float(np.sqrt(np.mean(noise**2))), 1e-12)
    place = (np.arange(frames) + 0.5) / frames
    rising, falling = place / RISE_SHARE, (1 - place) / (1 - RISE_SHARE)
    envelope = np.sin(0.5 * np.pi * np.minimum(rising, falling))
    return np.asarray(envelope * noise, np.float32)
