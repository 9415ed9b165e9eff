from __future__ import annotations

import numpy as np
import pytest
from conversion_truth import VOWELS, track, vowel
from numpy.typing import NDArray

from autovoice_core.conversion.retrieval.analysis import VoiceFrames, analyse_window
from autovoice_core.conversion.retrieval.aperiodicity import aperiodicity_on_axis
from autovoice_core.conversion.retrieval.excess import (
    EXCESS_BANDS,
    MAX_EXCESS_DB,
    excess_bands,
    excess_gains,
)
from autovoice_core.conversion.retrieval.f0 import F0Contour
from autovoice_core.conversion.retrieval.filtering import FrameGrid
from autovoice_core.conversion.retrieval.frames import sample_positions
from autovoice_core.conversion.retrieval.mel_axis import FREQUENCIES, POINTS
from autovoice_core.conversion.retrieval.reference import ReferenceConversionKernels
from autovoice_core.conversion.retrieval.rendering import WindowRenderer, envelope_change
from autovoice_core.conversion.retrieval.stream.overlap_add import StreamOscillators
from autovoice_core.conversion.retrieval.stream.rendering import StreamRenderer, TargetFrames
from autovoice_core.conversion.retrieval.timbre import Timbre

RATE = 32_000
KERNELS = ReferenceConversionKernels()
BRIGHTER_DB = 40.0
TOLERANCE_DB = 3.0

Samples = NDArray[np.float32]


def test_the_weights_of_a_frequency_above_the_lowest_band_add_up_to_one() -> None:
    weights = excess_bands(np.array([100.0, 1800.0, 2000.0, 3000.0, 10_000.0, 22_000.0]))
    assert weights.shape == (6, len(EXCESS_BANDS))
    np.testing.assert_allclose(weights[2:].sum(axis=1), 1.0)
    assert weights[0].sum() == 0
    assert 0 < weights[1].sum() < 1


def test_gains_bring_a_sound_to_its_limit_and_never_raise_it() -> None:
    source, sound = np.ones((1, len(EXCESS_BANDS))), np.full((1, len(EXCESS_BANDS)), 1e4)
    after = 10 * np.log10(sound * excess_gains(source, sound) ** 2)
    np.testing.assert_allclose(after[0], MAX_EXCESS_DB, atol=1e-6)
    assert (excess_gains(source, 0.1 * source) == 1).all()
    assert (excess_gains(0 * source, 0 * sound) == 1).all()


def dull() -> Samples:
    """A vowel that falls by another 20 dB an octave above 4 kHz."""
    sound = vowel(np.full(2 * RATE, 200.0), RATE, VOWELS["a"], breath=0.02)
    spectrum = np.fft.rfft(sound)
    octaves = np.log2(np.fft.rfftfreq(sound.size, 1 / RATE).clip(4000.0) / 4000.0)
    spectrum *= 10 ** (-20 * octaves / 20)
    return np.fft.irfft(spectrum).astype(np.float32)[None]


def brighter(source: VoiceFrames) -> VoiceFrames:
    rise = np.clip((FREQUENCIES - 3000.0) / 1000.0, 0.0, 1.0) * BRIGHTER_DB / 4.343
    bands = aperiodicity_on_axis(source.aperiodicity)
    return VoiceFrames((source.envelope + rise).astype(np.float32), bands)


def worst_excess_db(grid: FrameGrid, before: Samples, after: Samples) -> float:
    """Return the most by which a band exceeds its limit over half a second, in dB."""
    inside = EXCESS_BANDS < 0.4 * RATE
    source, sound = (
        grid.band_power(grid.spectra(part))[50:150, inside].reshape(2, 50, -1).mean(axis=1)
        for part in (before, after)
    )
    return float((10 * np.log10(sound / source) - MAX_EXCESS_DB[inside]).max())


@pytest.mark.parametrize("key", [None, 5.0])
def test_a_song_is_no_brighter_than_its_source_allows(key: float | None) -> None:
    samples = dull()
    pitch = track(np.full(2 * RATE, 200.0), RATE)
    window = analyse_window(samples, 0, F0Contour(pitch), RATE)
    flat = np.zeros((1, POINTS), np.float32)
    melody = None if key is None else F0Contour(pitch, key)
    renderer = WindowRenderer(None, Timbre(), flat, melody, KERNELS, 0)
    out = renderer.render(window, brighter(window.frames))
    grid = FrameGrid(window.centres, samples.shape[1], RATE, KERNELS, samples)
    assert worst_excess_db(grid, samples, out) < TOLERANCE_DB
    same = renderer.render(
        window, VoiceFrames(window.frames.envelope, brighter(window.frames).aperiodicity)
    )
    assert worst_excess_db(grid, samples, same) < 0


@pytest.mark.parametrize("key", [None, 5.0])
def test_a_stream_is_no_brighter_than_its_source_allows(key: float | None) -> None:
    samples = dull()
    pitch = track(np.full(2 * RATE, 200.0), RATE)
    window = analyse_window(samples, 0, F0Contour(pitch), RATE)
    target, flat = brighter(window.frames), np.zeros((1, POINTS), np.float32)
    oscillators = None if key is None else StreamOscillators(flat, 100.0, RATE, KERNELS)
    renderer = StreamRenderer(oscillators, RATE, KERNELS)
    grid = FrameGrid(window.centres, samples.shape[1], RATE, KERNELS, samples)
    spectra, change = grid.spectra(samples), envelope_change(window.frames, target)
    f0 = np.full(window.numbers.size, 200.0 * 2 ** ((key or 0.0) / 12))
    pieces = []
    for first in range(0, window.numbers.size - 1, 2):
        part = slice(first, first + 2)
        frames = VoiceFrames(target.envelope[part], target.aperiodicity[part])
        shares = np.ones(2)
        pieces.append(
            renderer.render(
                TargetFrames(spectra[:, part], shares, flat, frames, change[part], f0[part])
            )
        )
    out = np.concatenate(pieces, axis=1)
    centres = sample_positions(window.numbers[:180], RATE)
    there = FrameGrid(centres, out.shape[1], RATE, KERNELS, out)
    assert worst_excess_db(there, samples[:, : out.shape[1]], out) < TOLERANCE_DB
