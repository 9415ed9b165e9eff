"""Source-filter synthesis of a singing voice: harmonics of an exact f0 under moving formants.

Every harmonic is a cosine whose phase is a multiple of one running phase, the integral of the
score's f0, weighted by the complex response of the vocal tract (Fant 1960; Klatt 1980). So f0 is
known in every sample, whatever the formants do.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from autovoice_core.synthetic.melody import CONTOUR_RATE
from autovoice_core.synthetic.phonemes import NEUTRAL_TRACT_CM
from autovoice_core.synthetic.score import Score, amplitude
from autovoice_core.synthetic.singers import Singer

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

BLOCK_SECONDS = 0.006
"""Time between two settings of the vocal tract."""
FORMANT_COUNT = 16
VOWEL_RMS = amplitude(-20.0)
"""Level of a vowel relative to full scale."""
MAX_HARMONIC_HZ = 20_000.0
BLOCKS_AT_ONCE = 32
"""Blocks synthesised together: as many as stay in the processor's cache."""
MIN_VOICED_AMPLITUDE = 0.05
"""Amplitude relative to a vowel above which a sound counts as voiced."""


def perform(
    singer: Singer, score: Score, sample_rate: int, seed: int
) -> tuple[NDArray[np.float32], Floats, NDArray[np.bool_]]:
    """Return sound, f0 in Hz and voicing, one value per sample each, ``(frames,)``."""
    rng = np.random.default_rng([seed, 2])
    step = max(8, round(BLOCK_SECONDS * sample_rate))
    frames = int((len(score.f0) - 2) * sample_rate / CONTOUR_RATE)
    blocks = -(-frames // step)
    time = np.arange(blocks * step) / sample_rate * CONTOUR_RATE
    grid = np.arange(len(score.f0))
    f0 = np.interp(time, grid, score.f0)
    voice = np.interp(time, grid, score.voice)
    phase = np.cumsum(f0) / sample_rate

    edges = np.arange(blocks + 1) * step / sample_rate * CONTOUR_RATE
    at = np.minimum(np.rint(edges).astype(int), len(score.f0) - 1)
    tract = _VocalTract(singer, score.formants[at], score.f0[at])
    sound = _harmonics(singer, tract, phase, score.f0[at], step, sample_rate)
    vowels = voice > 0.6
    loudness = np.sqrt(np.mean(sound[vowels] ** 2)) if vowels.any() else 1.0
    shimmer = np.interp(time, grid, 1 + 0.05 * _slow_noise(rng, len(grid)))
    sound *= voice * shimmer * (VOWEL_RMS / loudness)

    frequency = np.fft.rfftfreq(2 * step, 1 / sample_rate)
    gain = np.abs(tract.response(np.broadcast_to(frequency, (blocks + 1, len(frequency)))))
    # Breath noise goes through the upper formants: the glottis passes little low noise.
    gain *= np.minimum(1.0, frequency / 1000.0)
    gain /= np.sqrt(np.mean(gain**2, axis=1, keepdims=True))
    band = (frequency - score.centre[at][:, None]) / score.width[at][:, None]
    hiss = np.exp(-0.5 * band**2)
    pulsing = amplitude(singer.breathiness) * voice * (1.0 + 0.7 * np.cos(2 * np.pi * phase))
    sound += VOWEL_RMS * (np.interp(time, grid, score.breath) + pulsing) * _noise(rng, gain, step)
    sound += VOWEL_RMS * np.interp(time, grid, score.hiss) * _noise(rng, hiss, step)
    voiced = voice[:frames] > MIN_VOICED_AMPLITUDE
    return sound[:frames].astype(np.float32), np.where(voiced, f0[:frames], 0.0), voiced


class _VocalTract:
    """The vocal tract at a number of times: a cascade of resonances."""

    def __init__(self, singer: Singer, lower: Floats, f0: Floats) -> None:
        scale = NEUTRAL_TRACT_CM / singer.tract_length
        lower = lower * scale
        # Singers raise the first formant with the note, as otherwise high notes would fade
        # (Sundberg 1975).
        lower[:, 0] = np.maximum(lower[:, 0], 1.08 * f0)
        lower[:, 1] = np.maximum(lower[:, 1], 1.3 * lower[:, 0])
        lower[:, 2] = np.maximum(lower[:, 2], 1.15 * lower[:, 1])
        upper = 500.0 * scale * (2 * np.arange(4, FORMANT_COUNT + 1) - 1)
        self.centres = np.concatenate([lower, np.broadcast_to(upper, (len(lower), len(upper)))], 1)
        self.ring = amplitude(singer.ring) - 1.0
        self.ring_centre = 2900.0 * scale

    def response(self, frequency: Floats) -> Complex:
        """Return the complex gain at ``(times, n)`` frequencies in Hz."""
        gain = np.ones(frequency.shape, dtype=np.complex128)
        for centre in self.centres.T[:, :, None]:
            bandwidth = 50.0 + 0.03 * centre + 6e-6 * centre**2
            gain /= 1.0 - (frequency / centre) ** 2 + 1j * frequency * bandwidth / centre**2
        bell = np.exp(-0.5 * ((frequency - self.ring_centre) / 450.0) ** 2)
        return gain * (1.0 + self.ring * bell)


def _harmonics(
    singer: Singer, tract: _VocalTract, phase: Floats, f0: Floats, step: int, sample_rate: int
) -> Floats:
    """Return the voiced sound; ``f0`` is given at the edges of blocks of ``step`` samples."""
    top = min(0.46 * sample_rate, MAX_HARMONIC_HZ)
    blocks = len(phase) // step
    most = int(top / f0.min())
    number = np.arange(1, most + 1)
    frequency = number * f0[:, None]
    weight = tract.response(frequency) * number ** (-singer.tilt / 6.02)
    weight *= np.clip((top - frequency) / (0.1 * top), 0.0, 1.0)
    # Levels are partly evened out, as a singer does: vowels differ less in loudness than their
    # resonances alone would make them.
    weight /= np.sum(np.abs(weight) ** 2, axis=1, keepdims=True) ** 0.35
    settings = weight.astype(np.complex64)
    turn = np.exp(2j * np.pi * (phase % 1.0)).astype(np.complex64).reshape(blocks, step)
    ramp = np.arange(step, dtype=np.float32) / step
    sound = np.empty((blocks, step))
    for start in range(0, blocks, BLOCKS_AT_ONCE):
        part = slice(start, min(start + BLOCKS_AT_ONCE, blocks))
        lowest = f0[part.start : part.stop + 1].min()
        wave = np.ones_like(turn[part])
        here, there, scaled = np.zeros((3, *wave.shape), np.complex64)
        # The k-th power of the turning phase is the k-th harmonic. (Sums in a loop, as a matrix
        # product by a threaded BLAS takes many times longer on a busy machine.)
        for k in range(min(most, int(top / lowest))):
            wave *= turn[part]
            here += np.multiply(wave, settings[part, k, None], out=scaled)
            there += np.multiply(
                wave, settings[part.start + 1 : part.stop + 1, k, None], out=scaled
            )
        sound[part] = here.real + ramp * (there.real - here.real)
    return sound.reshape(-1)


def _noise(rng: np.random.Generator, gain: Floats, step: int) -> Floats:
    """Return noise of unit power times ``gain``: ``(blocks + 1, step + 1)`` amplitudes.

    Independent frames of ``2 * step`` samples under sine windows, whose powers add up to one.
    """
    blocks = len(gain) - 1
    window = np.sin(np.pi * (np.arange(2 * step) + 0.5) / (2 * step))
    sound = np.zeros((blocks + 2, step))
    for start in range(0, blocks + 1, 512):
        part = gain[start : start + 512]
        white = np.fft.rfft(rng.standard_normal((len(part), 2 * step)))
        waves = np.fft.irfft(white * part, n=2 * step) * window
        sound[start : start + len(part)] += waves[:, :step]
        sound[start + 1 : start + 1 + len(part)] += waves[:, step:]
    return sound[1:-1].reshape(-1)


def _slow_noise(rng: np.random.Generator, points: int) -> Floats:
    """Return noise of about unit size that changes within 60 points."""
    knots = rng.standard_normal(points // 60 + 2)
    return np.interp(np.arange(points) / 60.0, np.arange(len(knots)), knots)
