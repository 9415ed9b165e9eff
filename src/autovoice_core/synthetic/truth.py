"""Synthesised singing and songs, with their f0, voicing and stems known exactly.

>>> sung = sing(SOPRANO, seconds=10, seed=1)
>>> sung.audio, sung.pitch          # the sound, and exactly what was sung
>>> song(seconds=20).mixture        # a singer over a band, with the stems known

The same ``seed`` gives the same melody and words; two singers of one range perform it with
the same f0, so that a conversion from one to the other has a right answer.
"""

from __future__ import annotations

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core._frames import exact_hop, frame_centres
from autovoice_core._types import Audio, PitchTrack, Stems
from autovoice_core.synthetic.band import band
from autovoice_core.synthetic.degradations import add_noise, add_reverb, limit_band
from autovoice_core.synthetic.score import Score, compose
from autovoice_core.synthetic.singers import ALTO, BASS, SINGERS, SOPRANO, TENOR, Singer
from autovoice_core.synthetic.source_filter import perform

__all__ = [
    "ALTO",
    "BASS",
    "SINGERS",
    "SOPRANO",
    "TENOR",
    "Score",
    "Singer",
    "Song",
    "Sung",
    "add_noise",
    "add_reverb",
    "band",
    "compose",
    "limit_band",
    "sing",
    "song",
    "tone",
]


@frozen(eq=False)
class Sung:
    """A synthesised voice and its true f0.

    Attributes
    ----------
    audio
        One channel.
    pitch
        The true track, with frames every 10 ms by default; confidence is 1.
    f0
        ``(frames,)``, the true f0 in every sample, Hz; 0 where unvoiced.
    """

    audio: Audio
    pitch: PitchTrack
    f0: NDArray[np.float64]

    def track(self, hop: float) -> PitchTrack:
        """Return the true track with another ``hop``, in seconds."""
        return _track(self.f0, self.audio.sample_rate, hop)


@frozen(eq=False)
class Song:
    """A singer over a band: the mixture, its exact stems and the singer's true pitch."""

    mixture: Audio
    stems: Stems
    pitch: PitchTrack


def sing(
    singer: Singer = TENOR,
    seconds: float = 10.0,
    sample_rate: int = 44100,
    seed: int = 0,
    *,
    score: Score | None = None,
    hop: float = 0.01,
) -> Sung:
    """Return a random song, sung alone: vowels, consonants, glides, vibrato, breaths and rests.

    Parameters
    ----------
    singer
        One of :data:`SINGERS` or your own.
    seconds
        Length of the song, if ``score`` is not given.
    sample_rate
        In Hz.
    seed
        The same seed gives the same song.
    score
        The song (see :func:`compose`); by default a random one in the singer's range.
    hop
        Seconds from frame to frame of the true track.
    """
    if score is None:
        score = compose(seconds, low=singer.low, high=singer.high, seed=seed)
    samples, f0, _ = perform(singer, score, sample_rate, seed)
    return Sung(Audio(samples[np.newaxis], sample_rate), _track(f0, sample_rate, hop), f0)


def song(
    seconds: float = 20.0,
    sample_rate: int = 44100,
    seed: int = 0,
    *,
    singer: Singer = TENOR,
    balance: float = 2.0,
) -> Song:
    """Return a random song with a band, in stereo.

    Parameters
    ----------
    seconds, sample_rate, seed, singer
        As for :func:`sing`.
    balance
        Level of the voice over that of the band, dB.
    """
    sung = sing(singer, seconds, sample_rate, seed)
    voice = np.repeat(sung.audio.numpy(), 2, axis=0).astype(np.float64)
    # To the sample as long as the voice, whatever fraction of a second that is.
    music = band(sung.audio.duration, sample_rate, seed).numpy().astype(np.float64)
    loud = sung.f0 > 0
    if loud.any():
        power = np.mean(voice[:, loud] ** 2)
        voice *= np.sqrt(np.mean(music**2) / power) * 10 ** (balance / 20)
    gain = min(1.0, 0.9 / max(float(np.abs(voice + music).max(initial=0.0)), 1e-9))
    vocals, backing = (gain * voice).astype(np.float32), (gain * music).astype(np.float32)
    stems = Stems(Audio(vocals, sample_rate), Audio(backing, sample_rate))
    return Song(Audio(vocals + backing, sample_rate), stems, sung.pitch)


def tone(
    f0: NDArray[np.float64], sample_rate: int = 44100, *, harmonics: int = 20, tilt: float = 6.0
) -> Audio:
    """Return a harmonic sound with the given f0, one value in Hz per sample.

    Harmonics fall by ``tilt`` dB an octave and stop short of half the sample rate.
    """
    phase = np.cumsum(f0) / sample_rate
    sound = np.zeros(len(f0))
    for k in range(1, harmonics + 1):
        audible = np.clip((0.47 * sample_rate - k * f0) / (0.02 * sample_rate), 0.0, 1.0)
        sound += audible * np.cos(2 * np.pi * ((k * phase) % 1.0)) * k ** (-tilt / 6.02)
    peak = float(np.abs(sound).max(initial=0.0)) or 1.0
    return Audio((0.5 / peak * sound).astype(np.float32)[np.newaxis], sample_rate)


def _track(f0: NDArray[np.float64], sample_rate: int, hop: float) -> PitchTrack:
    centres = frame_centres(len(f0), sample_rate, hop)
    at = np.minimum(centres, max(len(f0) - 1, 0))
    values = f0[at] if len(f0) else np.zeros(len(centres))
    voiced = values > 0
    return PitchTrack(values, voiced, voiced.astype(np.float32), float(exact_hop(hop)))
