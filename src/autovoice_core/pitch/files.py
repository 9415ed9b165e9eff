"""Writers of pitch tracks: a CSV table, JSON, NumPy's arrays, and whatever a suffix names."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from autovoice_core._arguments import PathLike, as_path
from autovoice_core._errors import InputError
from autovoice_core._types import PitchTrack
from autovoice_core.audio.atomic import atomic_file, check_output
from autovoice_core.audio.output_stream import is_output_stream
from autovoice_core.pitch.midi import check_mido, write_midi
from autovoice_core.pitch.plot import check_picture, write_plot

HEADER = "time_s,f0_hz,voiced,confidence"


def save(track: PitchTrack, path: PathLike, *, overwrite: bool = True) -> None:
    """Write the track in the format of :data:`WRITERS` that the suffix of ``path`` names.

    Raises
    ------
    InputError
        The suffix is another, the file can't be written, it exists and ``overwrite`` is False, or
        an extra is not installed.
    """
    path = as_path("path", path)
    _writer(path)(track, path, overwrite=overwrite)


def check_track_file(path: Path, *, overwrite: bool = True) -> None:
    """Check that :func:`save` can write ``path``, before the work whose result it takes.

    Raises
    ------
    InputError
        As from :func:`save`.
    """
    check_output(path, overwrite=overwrite)
    check_format(path)


def check_format(path: Path) -> None:
    """Check that :func:`save` can write the format that the suffix of ``path`` names.

    Raises
    ------
    InputError
        It is another, or an extra is not installed.
    """
    writer = _writer(path)
    if writer is write_plot:
        check_picture(path)
    if writer is write_midi:
        check_mido(path)


def write_csv(track: PitchTrack, path: str | Path, *, overwrite: bool = True) -> None:
    """Write a table with the columns of :data:`HEADER`; f0 is 0 where unvoiced.

    Raises
    ------
    InputError
        The path can't be written to.
    """
    rows = zip(track.times, track.f0, track.voiced, track.confidence, strict=True)
    place = atomic_file(path, overwrite=overwrite)
    with place as temporary, temporary.open("w", encoding="utf-8") as file:
        file.write(f"{HEADER}\n")
        for time, f0, voiced, confidence in rows:
            file.write(f"{time:.6f},{f0:.4f},{voiced:d},{confidence:.4f}\n")


def write_json(track: PitchTrack, path: str | Path, *, overwrite: bool = True) -> None:
    """Write the track as one JSON object: hop, start, arrays, and what made it.

    Raises
    ------
    InputError
        The path can't be written to.
    """
    with atomic_file(path, overwrite=overwrite) as temporary:
        temporary.write_text(json.dumps(as_dict(track)), encoding="utf-8")


def as_dict(track: PitchTrack) -> dict[str, Any]:
    """Return the track as plain data, for JSON."""
    return {
        "hop_s": track.hop,
        "start_s": track.start,
        "made_by": [str(made) for made in track.made_by],
        "f0_hz": [round(float(value), 4) for value in track.f0],
        "voiced": track.voiced.tolist(),
        "confidence": [round(float(value), 4) for value in track.confidence],
    }


def write_npz(track: PitchTrack, path: str | Path, *, overwrite: bool = True) -> None:
    """Write the attributes of the track as arrays of their names, for ``numpy.load``.

    Raises
    ------
    InputError
        The path can't be written to.
    """
    place = atomic_file(path, overwrite=overwrite)
    with place as temporary, temporary.open("wb") as file:
        np.savez_compressed(
            file,
            f0=track.f0,
            voiced=track.voiced,
            confidence=track.confidence,
            hop=np.array(track.hop),
            start=np.array(track.start),
            made_by=np.array([str(made) for made in track.made_by], dtype=np.str_),
        )


WRITERS: Mapping[str, Callable[..., None]] = {
    ".csv": write_csv,
    ".json": write_json,
    ".npz": write_npz,
    ".mid": write_midi,
    ".midi": write_midi,
    ".png": write_plot,
    ".svg": write_plot,
    ".pdf": write_plot,
}
"""The writer of each suffix."""


def _writer(path: Path) -> Callable[..., None]:
    if is_output_stream(path) and not path.suffix:
        return write_csv
    writer = WRITERS.get(path.suffix.lower())
    if not path.suffix:
        raise InputError(f"{path}: has no suffix; add one of {', '.join(WRITERS)}")
    if writer is None:
        raise InputError(
            f"{path}: the suffix {path.suffix!r} is not one of a pitch track; "
            f"use {', '.join(WRITERS)}"
        )
    return writer
