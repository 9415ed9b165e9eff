"""Checks of what callers hand to backends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from array_api_compat import array_namespace

from autovoice_core._arrays import all_finite, as_array_api
from autovoice_core._errors import InputError
from autovoice_core._types import Audio, PitchTrack
from autovoice_core.backends.containment.standard_output import callers_own
from autovoice_core.backends.guards.handed import own_copy, read_only_track


class RecordingsRaised(BaseException):  # so that no ``except Exception`` of a backend catches it
    """The caller's iterable of recordings raised while a backend consumed it."""

    def __init__(self, cause: BaseException) -> None:
        super().__init__(str(cause))
        self.cause = cause


def peak(values: Any) -> float:
    """Return the largest magnitude in an array, 0 for an empty one."""
    if 0 in values.shape:
        return 0.0
    xp = array_namespace(values)
    return max(float(xp.max(values)), -float(xp.min(values)))


def check_audio(name: str, audio: Any, *, mono: bool = False) -> None:
    """Refuse what is not finite audio."""
    if not isinstance(audio, Audio):
        raise InputError(
            f"{name}: {type(audio).__name__} is not Audio; wrap it in Audio(samples, sample_rate)"
        )
    if mono and audio.channels != 1:
        raise InputError(f"{name}: it has {audio.channels} channels, not 1; take its mono() first")
    if not all_finite(as_array_api(audio.samples)):
        raise InputError(f"{name}: it holds NaN or infinite samples; replace them first")


def check_mixtures(mixtures: Sequence[Audio]) -> None:
    """Refuse mixtures that differ in sample rate or number of channels."""
    for number, mixture in enumerate(mixtures):
        check_audio(f"mixtures[{number}]", mixture)
        first = mixtures[0]
        if (mixture.sample_rate, mixture.channels) != (first.sample_rate, first.channels):
            raise InputError(
                f"mixtures[{number}]: it has {mixture.channels} channels at {mixture.sample_rate} "
                f"Hz, not the {first.channels} at {first.sample_rate} Hz of the first; "
                "separate it on its own"
            )


def check_clips(audios: Any, centres: Any) -> None:
    """Refuse clips of different sample rates, or without an array of positions each."""
    if len(audios) != len(centres):
        raise InputError(
            f"centres: {len(centres)} for {len(audios)} clips; give one array for each clip"
        )
    for number, (audio, positions) in enumerate(zip(audios, centres, strict=True)):
        check_audio(f"audios[{number}]", audio, mono=True)
        check_centres(positions, audio.frames, f"centres[{number}]")
        if audio.sample_rate != audios[0].sample_rate:
            raise InputError(
                f"audios[{number}]: it has {audio.sample_rate} Hz, not the "
                f"{audios[0].sample_rate} Hz of the first clip; resample it first"
            )


def check_centres(centres: Any, frames: int, name: str = "centres") -> None:
    """Refuse what is not an array of increasing sample positions."""
    if (
        not isinstance(centres, np.ndarray)
        or centres.dtype != np.int64
        or centres.ndim != 1
        or np.any(np.diff(centres) <= 0)
        or (centres.size and not 0 <= centres[0] <= centres[-1] <= frames)
    ):
        raise InputError(
            f"{name}: not an int64 array of increasing sample positions from 0 to {frames}; "
            "give for example numpy.arange(0, frames, hop)"
        )


def check_pitch(name: str, pitch: Any) -> None:
    """Refuse what is not a finite pitch track."""
    if not isinstance(pitch, PitchTrack):
        raise InputError(
            f"{name}: {type(pitch).__name__} is not a PitchTrack; extract it from the vocals first"
        )
    if not all_finite(pitch.f0):
        raise InputError(f"{name}: f0 holds NaN or infinity; write 0 where there is no pitch")
    if not np.all(pitch.f0[pitch.voiced] > 0):
        raise InputError(
            f"{name}: f0 is not above 0 Hz in all voiced frames; mark the others as unvoiced"
        )


def checked_recordings(
    recordings: Iterable[tuple[Audio, PitchTrack]],
) -> Iterator[tuple[Audio, PitchTrack]]:
    """Yield the recordings, each checked when it is consumed.

    Raises
    ------
    RecordingsRaised
        One is refused, or ``recordings`` raised.
    """
    try:
        for number, (audio, pitch) in enumerate(_taken(recordings)):
            check_audio(f"recordings[{number}]", audio, mono=True)
            check_pitch(f"recordings[{number}]", pitch)
            yield own_copy(audio), read_only_track(pitch)
    except (Exception, SystemExit, KeyboardInterrupt) as error:
        raise RecordingsRaised(error) from error


def _taken(recordings: Iterable[tuple[Audio, PitchTrack]]) -> Iterator[tuple[Audio, PitchTrack]]:
    """Yield the recordings, which the caller's code makes and may print of."""
    with callers_own():
        iterator = iter(recordings)
    while True:
        with callers_own():
            try:
                recording = next(iterator)
            except StopIteration:
                return
        yield recording
