"""Formats of the sound files that are written: by suffix, and after the file that was read."""

from __future__ import annotations

from pathlib import Path

import soundfile

from autovoice_core._errors import InputError
from autovoice_core.audio.output_stream import is_output_stream
from autovoice_core.audio.reading import AudioFile

_FORMATS = {"AIF": "AIFF", "OGA": "OGG", "OPUS": "OGG", "WAVE": "WAV", "BWF": "WAV"}
"""Formats of suffixes that are not the name of one."""

_NOT_WRITTEN = {"RAW", "SD2"}  # without a header, and with it in a second file

_WITH_24_BITS = {"WAV", "WAVEX", "RF64", "W64", "FLAC", "AIFF", "CAF", "AU"}
_KEPT_SUBTYPES = {
    *("PCM_S8", "PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ALAW", "ULAW"),
    *("ALAC_16", "ALAC_20", "ALAC_24", "ALAC_32", "VORBIS", "OPUS"),
}
"""Sample formats that libsndfile writes to the sample; others are padded to whole blocks."""

_PADDED_SUBTYPES = {
    "AIFF": {"PCM_S8", "PCM_U8", "ALAW", "ULAW"},
    "VOC": {"ALAW", "ULAW"},
    "PAF": {"PCM_24"},
}
"""Of them, those to which libsndfile adds a sample or more in some formats."""

_USUAL_SUFFIXES = {"FLAC": (".flac",), "OGG": (".ogg", ".oga"), "MP3": (".mp3",)}
_KEPT_SUFFIXES = {
    *(".wav", ".wave", ".bwf", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff"),
    *(".w64", ".rf64", ".caf", ".au"),
}

_THROUGH_FFMPEG = {
    *(".m4a", ".m4b", ".aac", ".mp4", ".wma", ".ape", ".wv", ".mka", ".webm", ".ac3", ".amr"),
    *(".alac", ".dsf", ".tta", ".mpc"),
}
"""Suffixes of sound that libsndfile does not read."""


def suffixes_of_sound() -> frozenset[str]:
    """Return the suffixes, in lower case, by which sound files are known in a folder."""
    names = {*soundfile.available_formats(), *_FORMATS} - _NOT_WRITTEN
    return frozenset(_THROUGH_FFMPEG | {f".{name.lower()}" for name in names})


def written_suffix(name: str) -> str:
    """Return the suffix for a file after one called ``name``, which is not opened for it."""
    suffix = Path(name).suffix
    return suffix if suffix.lower() in _KEPT_SUFFIXES else ".wav"


def format_for(path: Path, like: AudioFile | None) -> tuple[str, str]:
    """Return libsndfile's format and sample format for a file to be written to ``path``.

    The sample format is that of ``like`` where the format can hold it to the sample, else 24 bits
    or what the format usually has. A FIFO or device without a suffix gets WAV.

    Raises
    ------
    InputError
        The suffix is not a known format, or ``path`` is a directory.
    """
    suffix = path.suffix.lstrip(".").upper()
    name = _FORMATS.get(suffix, suffix)
    if not suffix and is_output_stream(path):
        name = "WAV"
    if path.is_dir():
        raise InputError(f"{path}: is a directory; give the name of a file")
    if name not in soundfile.available_formats() or name in _NOT_WRITTEN:
        usual = ".wav, .flac, .ogg or .mp3"
        if not suffix:
            raise InputError(f"{path}: has no suffix; add {usual}")
        raise InputError(
            f"{path}: the suffix {path.suffix!r} is not a sound format that can be written; "
            f"use {usual}"
        )
    if suffix == "OPUS":
        return name, "OPUS"
    kept = _KEPT_SUBTYPES - _PADDED_SUBTYPES.get(name, set())
    if like is not None and like.subtype in kept and soundfile.check_format(name, like.subtype):
        return name, like.subtype
    return name, "PCM_24" if name in _WITH_24_BITS else soundfile.default_subtype(name)


def suffix_like(source: AudioFile) -> str:
    """Return the suffix of a file after ``source``: its own, if that names a format to write."""
    own = source.path.suffix.lower()
    # Ogg and MP3 can't hold every rate and number of channels that another format holds.
    lossy = _FORMATS.get(own[1:].upper(), own[1:].upper()) in {"OGG", "MP3"}
    if own in _KEPT_SUFFIXES and (not lossy or own in _suffixes(source)):
        return source.path.suffix
    return _suffixes(source)[0]


def _suffixes(source: AudioFile) -> tuple[str, ...]:
    """Return the suffixes that files of the format of ``source`` usually have."""
    if source.subtype == "OPUS":
        return (".opus", ".ogg", ".oga")
    return _USUAL_SUFFIXES.get(source.format, (".wav",))
