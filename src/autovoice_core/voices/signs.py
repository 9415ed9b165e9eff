"""Signs of singing, and of one voice alone: what tells them from instruments, mixes and two people.

Each limit lies 2 to 10 % below the least value of the singing and speech that it was chosen on.
What it finds, and what it takes for something else, is in the documentation of the style controls
and of voices.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from autovoice_core._types import PitchTrack
from autovoice_core.audio.resample import resampled_mono
from autovoice_core.audio.source import Source

MIN_PERIODICITY = 0.70
"""Least :func:`periodicity` of one voice alone."""
MAX_BASS_DB = -36.0
"""Most :func:`bass_level` of a voice alone in which several notes sound at once, as in a choir."""
MIN_SUNG_MOVEMENT = 0.27
"""Least share of movement, times periodicity, of vocals that were separated from a song."""
MIN_SPEAKER_SIMILARITY = 0.75
"""Least similarity of :func:`speaker_groups` in the recordings of one person."""

STILL_CENTS, GLIDE_CENTS = 4.0, 100.0
"""Deviation of f0 within 80 ms, of a voice: instruments hold their notes more still, and tracks
jump more where they err."""
_MOVEMENT_SECONDS = 0.08
_RATE = 8000
_MAX_HZ = 1500.0  # above, breath and consonants make a voice aperiodic as well
_FRAME_STEP = 5  # frames of the pitch of which one is judged
_MIN_FRAME_SECONDS = 0.02
_LAG_TOLERANCE = 0.03  # of the period
_WINDOW_SECONDS, _CONTEXT_SECONDS = 10, 0.1
_BASS_HZ, _VOICE_HZ = (30.0, 60.0), 80.0
_SPECTRUM_FRAMES = 2048  # 4 Hz from bin to bin, as a low voice begins near the bass
_LOUD_DB = 30.0
_SMALL = 1e-12
_ITERATIONS = 10

Samples = NDArray[np.float64]


def movement(pitch: PitchTrack) -> NDArray[np.bool_]:
    """Return where f0 moves as a voice's does, ``(frames,)``.

    There it is voiced for 80 ms, within which its standard deviation is 4 to 100 cents.
    """
    size = max(round(_MOVEMENT_SECONDS / pitch.hop), 2)
    moves = np.zeros(len(pitch), bool)
    if len(pitch) < size:
        return moves
    cents = 1200 * np.log2(np.where(pitch.voiced, pitch.f0, 1.0))
    around = np.lib.stride_tricks.sliding_window_view(cents, size)
    voiced = np.lib.stride_tricks.sliding_window_view(pitch.voiced, size).all(axis=1)
    deviation = around.std(axis=1)
    found = voiced & (deviation > STILL_CENTS) & (deviation < GLIDE_CENTS)
    moves[size // 2 : size // 2 + len(found)] = found
    return moves


def periodicity(source: Source, pitch: PitchTrack) -> float:
    """Return how much of ``source`` below 1.5 kHz repeats at its f0, from 0 to 1.

    The mean, over voiced frames, of the normalised correlation of the sound around a frame with
    that one period later. One voice alone repeats; two voices, or a voice and instruments, don't.
    1 where nothing is voiced.
    """
    frames = np.flatnonzero(pitch.voiced)[::_FRAME_STEP]
    times, periods = pitch.times[frames], _RATE / pitch.f0[frames]
    found: list[float] = []
    for samples, start, judged in _windows(source):
        smooth = _low_passed(samples)
        found.extend(
            _correlation(smooth, round((times[i] - start) * _RATE), periods[i])
            for i in range(*np.searchsorted(times, judged))
        )
    return float(np.mean(found)) if found else 1.0


def bass_level(source: Source) -> float:
    """Return the level of 30 to 60 Hz against all above 80 Hz, dB, where ``source`` is loud.

    The median of its loud moments: basses and drums sound there, voices hardly do. ``-inf`` for
    silence.
    """
    window = np.hanning(_SPECTRUM_FRAMES)
    frequencies = np.fft.rfftfreq(_SPECTRUM_FRAMES, 1 / _RATE)
    bass = (frequencies >= _BASS_HZ[0]) & (frequencies <= _BASS_HZ[1])
    powers = []
    for samples, _, _ in _windows(source):
        padded = np.pad(samples, (0, max(0, _SPECTRUM_FRAMES - len(samples))))
        frames = np.lib.stride_tricks.sliding_window_view(padded, _SPECTRUM_FRAMES)[:: _RATE // 10]
        power = np.abs(np.fft.rfft(frames * window, axis=1)) ** 2
        parts = power[:, bass].sum(axis=1), power[:, frequencies >= _VOICE_HZ].sum(axis=1)
        powers.append(np.stack(parts, axis=1))
    low, high = np.concatenate(powers).T
    loud = high > np.percentile(high, 95) * 10 ** (-_LOUD_DB / 10)
    ratio = float(np.median(low[loud] / high[loud])) if loud.any() else 0.0
    return 10 * math.log10(ratio) if ratio else -math.inf


def speaker_groups(
    embeddings: Sequence[NDArray[np.floating]],
) -> tuple[float, NDArray[np.bool_]]:
    """Return how alike the two groups are that recordings fall into, and the second group.

    Parameters
    ----------
    embeddings
        The sum of the speaker embeddings in each recording, ``(size,)``.

    Returns
    -------
    tuple
        The cosine of the groups' speakers, 1 for fewer than two recordings, and which recordings
        are in the second, ``(recordings,)``. The groups are those of two means, begun at the two
        recordings that are least alike.
    """
    nearest = np.zeros(len(embeddings), np.int64)
    if len(embeddings) < 2:
        return 1.0, nearest.astype(bool)
    sums = np.stack(embeddings)
    units = sums / np.linalg.norm(sums, axis=1, keepdims=True)
    first, second = np.unravel_index(np.argmin(units @ units.T), (len(units), len(units)))
    centres = units[[first, second]]
    for _ in range(_ITERATIONS):
        nearest = (units @ centres.T).argmax(axis=1)
        if not 0 < nearest.sum() < len(nearest):
            break
        groups = np.stack([sums[nearest == group].sum(axis=0) for group in (0, 1)])
        centres = groups / np.linalg.norm(groups, axis=1, keepdims=True)
    return float(centres[0] @ centres[1]), nearest.astype(bool)


def _windows(source: Source) -> Iterator[tuple[Samples, float, tuple[float, float]]]:
    """Yield stretches of ``source`` at 8 kHz, with context on both sides.

    Each with the time of its first sample and the times between which it is to be judged, s.
    """
    size, context = _WINDOW_SECONDS * _RATE, round(_CONTEXT_SECONDS * _RATE)
    held, start, begin = np.zeros(0), 0, 0
    for block in resampled_mono(source, _RATE):
        held = np.concatenate([held, block])
        while start + len(held) >= begin + size + context:
            stop = begin + size + context - start
            yield held[:stop], start / _RATE, (begin / _RATE, (begin + size) / _RATE)
            begin += size
            held, start = held[begin - context - start :], begin - context
    yield held, start / _RATE, (begin / _RATE, math.inf)


def _low_passed(samples: Samples) -> Samples:
    """Return ``samples`` without what lies above 1.5 kHz."""
    spectrum = np.fft.rfft(samples, n=max(len(samples), 1))
    spectrum[round(_MAX_HZ / _RATE * len(samples)) + 1 :] = 0
    return np.fft.irfft(spectrum, max(len(samples), 1))


def _correlation(samples: Samples, centre: int, period: float) -> float:
    """Return the greatest normalised correlation at lags around ``period``, at least 0."""
    size = max(round(period), round(_MIN_FRAME_SECONDS * _RATE))
    first = max(math.floor(period * (1 - _LAG_TOLERANCE)), 1)
    last = math.ceil(period * (1 + _LAG_TOLERANCE))
    begin = max(centre - (size + round(period)) // 2, 0)
    here, later = samples[begin : begin + size], samples[begin + first : begin + last + size]
    if len(here) < size or len(later) < size:
        return 0.0
    shifted = np.lib.stride_tricks.sliding_window_view(later, size)
    energies = float(here @ here) * (shifted**2).sum(axis=1)
    return max(0.0, float((shifted @ here / np.sqrt(energies + _SMALL)).max()))
