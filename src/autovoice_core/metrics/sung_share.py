"""The share of the vocals that was recognised as singing and converted."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from attrs import asdict, frozen
from numpy.typing import NDArray

from autovoice_core._types import PitchTrack
from autovoice_core._wording import flag_name
from autovoice_core.audio.loudness import loudness, metered
from autovoice_core.audio.source import Block, Source
from autovoice_core.audio.windows import iter_windows
from autovoice_core.conversion.tonal_residue import tonality
from autovoice_core.voices.signs import (
    MAX_BASS_DB,
    MIN_PERIODICITY,
    MIN_SUNG_MOVEMENT,
    bass_level,
    movement,
    periodicity,
)
from autovoice_core.voices.takes import frame_power

LOUD_DB = 30.0
"""Vocals this far below their 95th percentile count as singing time."""
MIN_CONVERTED = 0.5
"""Least share of the singing time that should be converted."""
_WINDOW_SECONDS, _CONTEXT_SECONDS = 5, 0.1


@frozen
class SungShare:
    """The part of the vocals that was converted.

    Attributes
    ----------
    seconds
        Singing time: how long the vocals are within 30 dB of their 95th percentile.
    converted
        Share of it, 0 to 1, in which a pitch was found, so that it sounds in the new voice.
    shifted
        Share of it that is tonal without one clear pitch (several voices at once, growls,
        reverberation) and was shifted by the key as any sound can be; 0 where the key stays.
    unvoiced
        The rest: consonants, breaths and remains of the accompaniment.
    residue_lu
        Loudness of all that has no pitch, relative to the vocals, LU (BS.1770 without its gates,
        so that the share of the time counts); None if silent.
    vocals_lu
        Loudness of the vocals relative to the song, LU; None where the file was vocals alone.
    moving
        Share of the singing time in which the pitch moves as a voice's does.
    periodicity
        How much of the vocals repeats at their f0, 0 to 1; one voice alone has at least 0.7.
    bass_db
        Level of 30 to 60 Hz against all above 80 Hz where vocals alone were given, dB; else None.
    """

    seconds: float
    converted: float
    shifted: float
    unvoiced: float
    residue_lu: float | None
    vocals_lu: float | None
    moving: float
    periodicity: float
    bass_db: float | None

    def as_dict(self) -> dict[str, float | None]:
        """Return the figures for JSON, to three decimals."""
        return {
            name: None if value is None or math.isinf(value) else round(value, 3)
            for name, value in asdict(self).items()
        }

    def warning(self, song: str) -> str:
        """Return what may be wrong with the ``song`` called so and what to do, or ``""``."""
        if self.bass_db is not None:
            if _sounds_mixed(self.periodicity, self.bass_db):
                return (
                    f"{song}: sounds like a song with instruments, but was converted as vocals "
                    f"alone; leave out {flag_name('vocals_only')} to separate the vocals first"
                )
        elif self.moving * self.periodicity < MIN_SUNG_MOVEMENT:
            return (
                f"{song}: its vocals hardly sound like singing, so it may be an instrumental; "
                "check that it has vocals, or try another separator"
            )
        if self.converted >= MIN_CONVERTED:
            return ""
        return (
            f"{song}: a pitch was found in only {self.converted:.0%} of the vocals, and the rest "
            "keeps the old voice; check that the song has vocals, or try another separator"
        )


def sung_share(song: Source, vocals: Source, pitch: PitchTrack, *, key: float) -> SungShare:
    """Return how much of ``vocals`` was converted.

    Parameters
    ----------
    song
        The song that they were separated from, or ``vocals`` itself.
    vocals
        The vocals before conversion.
    pitch
        Their pitch.
    key
        Semitones that they were shifted by.
    """
    power = frame_power(vocals, pitch)
    loud = power > np.percentile(power, 95) * 10 ** (-LOUD_DB / 10)
    count = max(int(loud.sum()), 1)
    unpitched = loud & ~pitch.voiced
    converted = float((loud & pitch.voiced).sum()) / count
    shifted = _tonal_frames(vocals, pitch, unpitched) / count if key else 0.0
    alone, meter = song is vocals, metered(vocals)
    return SungShare(
        seconds=float(loud.sum()) * float(pitch.hop),
        converted=converted,
        shifted=shifted,
        unvoiced=1.0 - converted - shifted,
        residue_lu=_difference(metered(_Residue(vocals, pitch)).ungated(), meter.ungated()),
        vocals_lu=None if alone else _difference(meter.integrated(), loudness(song)),
        moving=float((loud & movement(pitch)).sum()) / count,
        periodicity=periodicity(vocals, pitch),
        bass_db=bass_level(vocals) if alone else None,
    )


def warning_of_instruments(vocals: Source, pitch: PitchTrack) -> str:
    """Return that what is judged as a voice alone sounds like a song, and what to do, or ``""``."""
    if not _sounds_mixed(periodicity(vocals, pitch), bass_level(vocals)):
        return ""
    return (
        f"{vocals.name}: sounds like a song with instruments, but is judged as a voice alone; "
        f"give {flag_name('songs')} to separate the vocals first"
    )


def _sounds_mixed(periodic: float, bass_db: float) -> bool:
    return periodic < MIN_PERIODICITY and bass_db > MAX_BASS_DB


class _Residue:
    """What has no pitch of a source, as a source, faded where voicing changes."""

    def __init__(self, source: Source, pitch: PitchTrack) -> None:
        self._source, self._pitch = source, pitch
        self.name, self.sample_rate = source.name, source.sample_rate
        self.channels, self.frames = source.channels, source.frames

    def blocks(self, size: int) -> Iterator[Block]:
        """Yield consecutive blocks of ``size`` frames, the last one shorter."""
        times, gains, start = self._pitch.times, 1.0 - self._pitch.voiced, 0
        for block in self._source.blocks(size):
            at = (start + np.arange(block.shape[1])) / self.sample_rate
            yield block * np.interp(at, times, gains).astype(np.float32)
            start += block.shape[1]


def _tonal_frames(vocals: Source, pitch: PitchTrack, frames: NDArray[np.bool_]) -> float:
    """Return how many of ``frames`` of the pitch are tonal, each counted by its tonality."""
    rate, tonal = vocals.sample_rate, 0.0
    positions = np.rint(pitch.times[frames] * rate).astype(np.int64)
    windows = iter_windows(
        vocals, core=_WINDOW_SECONDS * rate, context=round(_CONTEXT_SECONDS * rate)
    )
    for window in windows:
        first, last = np.searchsorted(positions, [window.core.start, window.core.stop])
        if last > first:
            samples = window.audio.mono().numpy()[0]
            tonal += float(tonality(samples, positions[first:last] - window.start, rate).sum())
    return tonal


def _difference(level: float, reference: float) -> float | None:
    """Return ``level - reference``, LU, or None where either is silent."""
    finite = math.isfinite(level) and math.isfinite(reference)
    return level - reference if finite else None
