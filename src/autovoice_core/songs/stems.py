"""Stems of a song that were kept: its vocals from a folder of them, and a mix of a folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from attrs import frozen

from autovoice_core._arguments import PathLike, as_number, as_path
from autovoice_core._errors import ArgumentError, InputError
from autovoice_core._style import MAX_KEY
from autovoice_core._types import Progress
from autovoice_core.audio.atomic import is_same_file
from autovoice_core.audio.pitch_shift import pitch_shift
from autovoice_core.audio.reading import AudioFile
from autovoice_core.audio.scratch import write_scratch
from autovoice_core.audio.source import BLOCK_FRAMES, Difference, Scaled, Source
from autovoice_core.songs.converted_song import CONVERSION_STEMS
from autovoice_core.songs.outputs import OutputPaths, gain_to_db, open_outputs
from autovoice_core.songs.remix import Remix

MAX_RESIDUE_DB = -40.0
"""Highest level, relative to the song, of the difference between it and the sum of its stems: a
lossy format makes as much."""
MIN_GAIN_DB, MAX_GAIN_DB = -100.0, 24.0
"""Bounds of the gain of a stem."""
MIN_SHARE, MAX_SHARE = 0.5, 2.0
"""Bounds of the factor by which vocals alone are found in their song."""


@frozen
class MixedStems:
    """The result of :func:`mix_stems`.

    Attributes
    ----------
    path
        The file that was written.
    stems
        The files that it was mixed from.
    mix_gain_db
        0, or the negative gain that brought its true peak down to -1 dBTP.
    replaced
        ``path``, if there was such a file.
    """

    path: Path
    stems: tuple[Path, ...]
    mix_gain_db: float
    replaced: tuple[Path, ...] = ()


def separated_vocals(song: Source, folder: PathLike, stems: PathLike | None = None) -> Source:
    """Return the vocals of ``song`` from a folder that holds ``vocals`` as a sound file.

    With an ``accompaniment`` beside them, both must add up to the song, but for one gain, which
    is undone: stems may have been turned down to fit a file. ``stems`` is the folder that new stems
    are to be written to, if they are.

    Raises
    ------
    InputError
        There is no such file, it is not of this song, or the new stems would replace it.
    """
    folder = as_path("separated", folder)
    vocals = _stem(folder, "vocals")
    written = None if stems is None else as_path("stems", stems)
    if written is not None and is_same_file(written / "vocals.flac", vocals.path):
        raise InputError(
            f"{written}: holds the stems to read; choose another folder for the new ones"
        )
    _check_shape(vocals, song)
    rest = _find(folder, "accompaniment")
    if rest is None:
        share, _ = _fit(song, [vocals])
        if not MIN_SHARE <= share <= MAX_SHARE:
            raise InputError(
                f"{vocals.path}: is not part of {song.name}; give the vocals of this song"
            )
        return vocals
    accompaniment = AudioFile(rest)
    _check_shape(accompaniment, song)
    gain, residue_db = _fit(song, [vocals, accompaniment])
    if residue_db > MAX_RESIDUE_DB:
        raise InputError(
            f"{folder}: its vocals and accompaniment don't add up to {song.name}; give the stems "
            "of this song, or a folder of vocals alone"
        )
    return Scaled(vocals, gain)


def mix_stems(
    folder: PathLike,
    out: PathLike,
    *,
    vocals_db: float = 0.0,
    accompaniment_db: float = 0.0,
    original_db: float | None = None,
    key: float = 0.0,
    overwrite: bool = True,
    progress: Progress | None = None,
) -> MixedStems:
    """Mix the stems of a conversion again, at other volumes.

    Parameters
    ----------
    folder
        The stems that :func:`convert_song` wrote: ``converted``, ``accompaniment`` and, for
        ``original_db``, ``vocals``.
    out
        The file to write; the mix is turned down to a true peak of -1 dBTP where it is over.
    vocals_db, accompaniment_db
        Gains of the new vocals and of the accompaniment, -100 to 24 dB.
    original_db
        Gain of the old vocals, which are left out by default.
    key
        Semitones to shift the accompaniment by: those of the conversion, unless it was by octaves.
    overwrite
        Whether a file that exists is replaced; else it is refused.
    progress
        Called with the fraction done.

    Raises
    ------
    InputError
        A stem is missing or of another length, a number is out of its range, or ``out`` is a stem
        or can't be written.
    """
    vocals_db = _gain_db("vocals_db", vocals_db)
    accompaniment_db = _gain_db("accompaniment_db", accompaniment_db)
    key = as_number("key", key, unit="semitones", example="5")
    if abs(key) > MAX_KEY:
        raise ArgumentError(f"key: {key:g} semitones are outside -{MAX_KEY:g} to {MAX_KEY:g}")
    folder, path = as_path("stems", folder), as_path("out", out)
    converted, accompaniment = (_stem(folder, name) for name in ("converted", "accompaniment"))
    _check_shape(converted, accompaniment)
    sung: Source = Scaled(converted, _factor(vocals_db))
    stems = [converted.path, accompaniment.path]
    if original_db is not None:
        original = _stem(folder, "vocals")
        _check_shape(original, accompaniment)
        gain = _factor(_gain_db("original_db", original_db))
        sung = Difference(sung, Scaled(original, -gain))
        stems.append(original.path)
    kept = (_find(folder, name) for name in CONVERSION_STEMS)
    if any(is_same_file(path, stem) for stem in kept if stem is not None):
        raise InputError(f"{path}: is one of the stems; give the mix another name")
    with open_outputs(accompaniment, OutputPaths(mix=path, overwrite=overwrite)) as outputs:
        rest: Source = accompaniment
        if key % 12:
            shifted = pitch_shift(accompaniment, key)
            rest = write_scratch(outputs.scratch / "accompaniment", accompaniment, shifted)
        rest = Scaled(rest, _factor(accompaniment_db))
        remix = Remix(sung, sung, rest, rest, vocals_gain=1.0, folder=outputs.scratch)
        gain = remix.write(outputs.writers, progress or (lambda _: None))
    return MixedStems(path, tuple(stems), gain_to_db(gain), outputs.replaced)


def _stem(folder: Path, name: str) -> AudioFile:
    path = _find(folder, name)
    if path is None:
        raise InputError(
            f"{folder}: has no {name}.flac, nor .wav or the like; give a folder of stems, as "
            "`autovoice convert --stems` writes it"
        )
    return AudioFile(path)


def _find(folder: Path, name: str) -> Path | None:
    return next((path for path in sorted(folder.glob(f"{name}.*")) if path.is_file()), None)


def _check_shape(stem: AudioFile, song: Source) -> None:
    for what, unit in (("sample_rate", "Hz"), ("channels", "channels"), ("frames", "samples")):
        has, needs = getattr(stem, what), getattr(song, what)
        if has != needs:
            raise InputError(
                f"{stem.path}: has {has} {unit}, {song.name} {needs}; give the stem of this song"
            )


def _fit(song: Source, stems: list[AudioFile]) -> tuple[float, float]:
    """Return the gain with which the stems' sum fits the song best, and the rest in dB."""
    across = power = whole = 0.0
    for block, *parts in zip(
        song.blocks(BLOCK_FRAMES), *(stem.blocks(BLOCK_FRAMES) for stem in stems), strict=True
    ):
        total = np.sum(parts, axis=0, dtype=np.float64)
        across += float(np.sum(block * total))
        power += float(np.sum(total**2))
        whole += float(np.sum(block.astype(np.float64) ** 2))
    gain = across / power if power else 0.0
    residue = max(whole - gain * across, 0.0) / whole if whole else 0.0
    return gain, float(10 * np.log10(residue + 1e-20))


def _gain_db(name: str, value: float) -> float:
    decibels = as_number(name, value, unit="dB", example="-3")
    if not MIN_GAIN_DB <= decibels <= MAX_GAIN_DB:
        raise ArgumentError(
            f"{name}: {decibels:g} dB is outside {MIN_GAIN_DB:g} to {MAX_GAIN_DB:g}"
        )
    return decibels


def _factor(decibels: float) -> float:
    return float(10 ** (decibels / 20))
