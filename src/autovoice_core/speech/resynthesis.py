"""Speech sung anew: its sounds at other times and on another f0.

What is voiced is analysed where it was spoken, and synthesised from harmonics and noise when it is
sung. What is not voiced is moved as sound at its own speed, and else synthesised from noise: sound
that is stretched by repeating it buzzes at the rate of the repeats.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from autovoice_core._speech import Speech
from autovoice_core._types import Audio, PitchTrack
from autovoice_core.conversion.retrieval.analysis import VoiceFrames, analyse
from autovoice_core.conversion.retrieval.aperiodicity import aperiodicity_on_axis
from autovoice_core.conversion.retrieval.f0 import F0Contour
from autovoice_core.conversion.retrieval.filtering import FrameGrid
from autovoice_core.conversion.retrieval.frames import (
    FRAME_RATE,
    SMOOTH_30_MS,
    Track,
    per_sample,
    sample_positions,
    smoothed,
)
from autovoice_core.conversion.retrieval.mel_axis import FREQUENCIES
from autovoice_core.conversion.retrieval.reference import ReferenceConversionKernels
from autovoice_core.conversion.retrieval.synthesis import synthesise, white_noise
from autovoice_core.speech.alignment import Segment
from autovoice_core.speech.melody import HOP_SECONDS
from autovoice_core.speech.syllables import Span

MIN_APERIODICITY = 0.05
"""Share of noise in what is voiced at least, from f0 on; an octave below there is none. Where
notes are far above the pitch of speech, harmonics are so few that they hardly show the formants;
the breath between them does."""
MAX_VOWEL_APERIODICITY = 0.3
"""Share of noise in a sung vowel at most; in speech the ends of sentences creak."""
SPEED_TOLERANCE = 0.05
"""Difference from its own speed up to which what is not voiced is moved as sound."""
UNVOICED_HZ = 200.0
"""Hz from which on what is not voiced is heard, in full from twice that: below lie remains of the
pitch that was spoken."""
LEVELLING = 0.7
"""Share of the differences in level between vowels that is removed: every note is to carry."""
MAX_LEVELLING_GAIN = 4.0
"""Limit of the gain of a vowel."""
FADE_SECONDS = 0.05
"""Seconds around a phrase in which its sound fades."""


@frozen
class SungFrames:
    """Frames of a phrase, :data:`FRAME_RATE` a second, and where each was spoken.

    Attributes
    ----------
    spoken
        ``(frames,)`` seconds of the speech.
    sounding, vowel
        ``(frames,)`` whether there is sound, and a vowel.
    level
        ``(frames,)`` gain.
    """

    spoken: Track
    sounding: NDArray[np.bool_]
    vowel: NDArray[np.bool_]
    level: Track

    @classmethod
    def of(cls, phrase: Sequence[Segment], gains: Sequence[float], seconds: float) -> SungFrames:
        """Return the frames of a phrase that lasts ``seconds``, with a gain for each segment."""
        times = np.arange(int(seconds * FRAME_RATE) + 2) / FRAME_RATE
        knots = [time for each in phrase for time in (each.sung.start, each.sung.end)]
        spoken = [time for each in phrase for time in (each.spoken.start, each.spoken.end)]
        # Where one segment follows another, each frame belongs to the later one.
        number = np.searchsorted([each.sung.start for each in phrase], times, side="right") - 1
        number = np.clip(number, 0, len(phrase) - 1)
        vowels = np.asarray([each.is_vowel for each in phrase])
        starts, ends = (np.asarray(knots[side::2]) for side in (0, 1))
        lengths = np.maximum(ends - starts, 1e-6)
        share = np.clip((times - starts[number]) / lengths[number], 0.0, 1.0)
        first, last = (np.asarray(spoken[side::2]) for side in (0, 1))
        sounding = (times >= starts[0]) & (times < ends[-1])
        centres = 0.5 * (starts + ends)
        level = np.interp(times, centres[vowels], np.asarray(gains)[vowels])
        return cls(
            first[number] + share * (last - first)[number],
            sounding,
            sounding & vowels[number],
            level,
        )


def resynthesise(
    speech: Speech,
    pitch: PitchTrack,
    segments: Sequence[Segment],
    f0: Track,
    seconds: float,
    seed: int,
) -> tuple[Audio, PitchTrack]:
    """Return the song, and its pitch, which is exact.

    Parameters
    ----------
    speech, pitch
        The speech, and its own pitch.
    segments
        When its parts are sung.
    f0
        Hz, every ``HOP_SECONDS``.
    seconds
        Length of the song.
    seed
        Determines the noise.
    """
    rate = speech.audio.sample_rate
    song = np.zeros((1, round(seconds * rate)), np.float32)
    sung = np.zeros(f0.size, bool)
    gains = dict(zip(segments, _gains(speech.audio, segments), strict=True))
    for phrase in _phrases(segments):
        # A whole second, at which there is a sample and a frame at any rate.
        start = int(max(0.0, phrase[0].sung.start - FADE_SECONDS))
        moved = [
            evolve(each, sung=Span(each.sung.start - start, each.sung.end - start))
            for each in phrase
        ]
        length = moved[-1].sung.end + FADE_SECONDS
        frames = SungFrames.of(moved, [gains[each] for each in phrase], length)
        first = round(start / HOP_SECONDS)
        contour = f0[first : first + int(length / HOP_SECONDS) + 2]
        sound, voiced = _sung(speech.audio, pitch, frames, contour, seed)
        at = start * rate
        sound = sound[:, : song.shape[1] - at]
        song[:, at : at + sound.shape[1]] += sound
        grid = np.arange(contour.size) * HOP_SECONDS * FRAME_RATE
        sung[first : first + contour.size] |= (
            np.interp(grid, np.arange(voiced.size), voiced, right=0) >= 0.5
        )
    track = PitchTrack(f0, sung, sung.astype(np.float32), HOP_SECONDS)
    return Audio(song, rate, speech.audio.made_by), track


def _phrases(segments: Sequence[Segment]) -> Iterator[Sequence[Segment]]:
    """Yield the segments between two silences."""
    first = 0
    for index, (one, other) in enumerate(pairwise(segments), start=1):
        if other.sung.start - one.sung.end > 2 * FADE_SECONDS:
            yield segments[first:index]
            first = index
    yield segments[first:]


def _sung(
    audio: Audio, pitch: PitchTrack, frames: SungFrames, f0: Track, seed: int
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return the sound of a phrase, ``(1, samples)``, and where its frames are voiced."""
    rate, samples = audio.sample_rate, audio.numpy()
    numbers = np.arange(frames.spoken.size)
    centres = sample_positions(numbers, rate)
    length = int(centres[-1])
    places = np.rint(frames.spoken * rate).astype(np.int64)
    spoken_f0, spoken_voiced = F0Contour(pitch).at(frames.spoken)
    voiced = frames.sounding & (spoken_voiced | frames.vowel)
    voice = _analysed(samples, places, spoken_f0, frames.vowel, voiced, rate)

    kernels = ReferenceConversionKernels()
    grid = FrameGrid(centres, length, rate, kernels, samples)
    contour = F0Contour(PitchTrack(f0, f0 > 0, np.ones(f0.size, np.float32), HOP_SECONDS))
    typical = voice.envelope[voiced].mean(axis=0, keepdims=True)
    phase = contour.phase(np.arange(length) / rate)
    sung_f0 = contour.at(numbers / FRAME_RATE)[0]
    breathy = evolve(voice, aperiodicity=_breathy(voice.aperiodicity, sung_f0))
    tone = synthesise(breathy, typical, sung_f0, phase, 0, grid, seed)
    spoken = FrameGrid(places, length, rate, kernels, samples).spectra(samples)
    # Noise of variance 1 has a power of 2 / rate per Hz.
    colour = grid.gains(voice.envelope + math.log(rate / 2.0))
    noise = grid.spectra(white_noise(voice.envelope, 0, length, seed)[None, :]) * colour
    stretched = np.abs(np.gradient(frames.spoken) * FRAME_RATE - 1.0) > SPEED_TOLERANCE
    spectra = np.where(stretched[:, None], noise, spoken)
    heard = np.linspace(0.0, rate / 2.0, spectra.shape[2]) / UNVOICED_HZ - 1.0
    unvoiced = grid.signals(spectra * np.clip(heard, 0.0, 1.0))
    shares = np.stack([_share(voiced), _share(frames.sounding & ~voiced)]) * frames.level
    voiced_gain, unvoiced_gain = per_sample(shares, length, rate)
    return (tone * voiced_gain + unvoiced * unvoiced_gain).astype(np.float32), voiced


def _analysed(
    samples: NDArray[np.float32],
    places: NDArray[np.int64],
    f0: Track,
    vowel: NDArray[np.bool_],
    voiced: NDArray[np.bool_],
    rate: int,
) -> VoiceFrames:
    """Return envelope and aperiodicity of every frame, both on the mel axis."""
    voice = analyse(samples, places, f0, voiced, rate)
    most = np.where(vowel, MAX_VOWEL_APERIODICITY, 1.0)[:, None]
    return VoiceFrames(voice.envelope, aperiodicity_on_axis(np.minimum(voice.aperiodicity, most)))


def _breathy(aperiodicity: NDArray[np.float64], f0: Track) -> NDArray[np.float64]:
    """Return aperiodicity, on the mel axis, of at least :data:`MIN_APERIODICITY` from ``f0`` on."""
    harmonic = FREQUENCIES / np.maximum(f0, 1.0)[:, None]
    least = MIN_APERIODICITY * np.clip(2.0 * harmonic - 1.0, 0.0, 1.0)
    breathy: NDArray[np.float64] = np.maximum(aperiodicity, least)
    return breathy


def _share(flags: NDArray[np.bool_]) -> Track:
    share: Track = smoothed(flags[:, None] * 1.0, SMOOTH_30_MS)[:, 0]
    return share


def _gains(audio: Audio, segments: Sequence[Segment]) -> list[float]:
    """Return the gain of each segment that brings vowels nearer to one level; 1 for consonants."""
    power = [_power(audio, each.spoken) if each.is_vowel else 0.0 for each in segments]
    typical = float(np.median([each for each in power if each > 0] or [1.0]))
    gains = [(typical / each) ** (0.5 * LEVELLING) if each > 0 else 1.0 for each in power]
    limited = np.clip(gains, 1.0 / MAX_LEVELLING_GAIN, MAX_LEVELLING_GAIN)
    return [float(gain) for gain in limited]


def _power(audio: Audio, span: Span) -> float:
    first = int(span.start * audio.sample_rate)
    part = audio.numpy()[:, first : max(first + 1, int(span.end * audio.sample_rate))]
    return float(np.mean(np.square(part, dtype=np.float64))) if part.size else 0.0
