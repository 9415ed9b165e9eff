"""Recordings of a voice as sources, each known by its hash."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import soundfile

from autovoice_core._arguments import describe
from autovoice_core._errors import ArgumentError, StorageError
from autovoice_core._regular_files import digest_of_file
from autovoice_core._types import Audio
from autovoice_core.audio.reading import AudioFile, SoundInput, as_source, as_source_on_host
from autovoice_core.audio.source import BLOCK_FRAMES, Source
from autovoice_core.voices.limits import MAX_AUDIO_BYTES, MAX_RECORDINGS, require_few
from autovoice_core.voices.records import Recording

Recordings: TypeAlias = Iterable[SoundInput] | SoundInput
"""Recordings of a voice, or only one."""


def sources_by_hash(recordings: Recordings) -> dict[str, Source]:
    """Return the recordings by their SHA-256, so that a copy of one counts once."""
    several: Any = recordings
    if isinstance(several, (str, bytes, os.PathLike, Audio)) or hasattr(several, "read"):
        several = [several]
    try:
        several = iter(several)
    except TypeError as error:
        raise ArgumentError(
            f"recordings: {describe(several)} is not a list of recordings; give sound files or "
            "Audio of the voice alone"
        ) from error
    sources: dict[str, Source] = {}
    for number, recording in enumerate(several):
        source = as_source_on_host(recording, f"recordings[{number}]")
        sources.setdefault(sha256_of(source), source)
        require_few("recordings", sources, MAX_RECORDINGS, "recordings")
    if not sources:
        raise ArgumentError("recordings: none were given; give sound files of the voice alone")
    return sources


def sha256_of(source: Source) -> str:
    """Return the SHA-256 of a file, or of the rate and samples of what is in memory."""
    if isinstance(source, AudioFile):
        return digest_of_file(source.stored)
    digest = hashlib.sha256(f"{source.sample_rate} {source.channels}".encode())
    for block in source.blocks(BLOCK_FRAMES):
        digest.update(block.tobytes())
    return digest.hexdigest()


def short_name(source: Source) -> str:
    """Return the name of a recording's file, without its folder."""
    return source.path.name if isinstance(source, AudioFile) else source.name


def same_recordings(
    voice: str, known: Iterable[Recording], recordings: Recordings
) -> dict[str, Source]:
    """Return the recordings that a voice was made from, which are ``known``, by their SHA-256.

    Raises
    ------
    InputError
        They are others, or not all of them.
    """
    names = {recording.sha256: recording.name for recording in known}
    if not names:
        raise ArgumentError(
            f"recordings: {voice!r} was made from none, so no other converter can learn it; make "
            "a voice of another name from recordings"
        )
    sources = sources_by_hash(recordings)
    strange = [short_name(source) for sha256, source in sources.items() if sha256 not in names]
    lacking = [name for sha256, name in names.items() if sha256 not in sources]
    if strange or lacking:
        what = f"{strange[0]!r} is none" if strange else f"{lacking[0]!r} is missing"
        raise ArgumentError(
            f"recordings: {what} of those that {voice!r} was made from, "
            f"{', '.join(map(repr, names.values()))}; give exactly these, or make the voice again"
        )
    return sources


def kept_bytes(
    voice: str, known: Iterable[Recording], recordings: Recordings | None
) -> dict[str, bytes]:
    """Return the files of a voice's recordings, if they are to be kept; of sound in memory too.

    Raises
    ------
    InputError
        They are others than those of the voice, or larger than ``MAX_AUDIO_BYTES`` together.
    """
    kept: dict[str, bytes] = {}
    room = MAX_AUDIO_BYTES
    if recordings is None:
        return kept
    for sha256, source in same_recordings(voice, known, recordings).items():
        room -= _file_size(source)
        if room < 0:
            raise ArgumentError(
                f"keep_audio: the recordings are larger than the {MAX_AUDIO_BYTES / 1e6:.0f} MB "
                "that are kept of a voice; give FLAC, or fewer recordings"
            )
        kept[sha256] = _file_bytes(source)
    return kept


def given_or_kept(
    voice: str, known: Sequence[Recording], given: Recordings | None, kept: dict[str, bytes]
) -> dict[str, Source]:
    """Return the recordings of a voice that are given, or else those that were kept.

    Raises
    ------
    InputError
        Others are given.
    StorageError
        None are given, and none were kept.
    """
    if given is not None or not known:
        return same_recordings(voice, known, given or ())
    if not kept:
        raise StorageError(
            f"no recordings of {voice!r} are kept; give them, or add the voice with its audio "
            "next time"
        )
    return {sha256: as_source(io.BytesIO(data), "recording") for sha256, data in kept.items()}


def _file_size(source: Source) -> int:
    if isinstance(source, AudioFile):
        return source.stored.stat().st_size
    return 4 * source.frames * source.channels


def _file_bytes(source: Source) -> bytes:
    if isinstance(source, AudioFile):
        return source.stored.read_bytes()
    buffer = io.BytesIO()
    with soundfile.SoundFile(
        buffer, "w", source.sample_rate, source.channels, "FLOAT", format="WAV"
    ) as file:
        for block in source.blocks(BLOCK_FRAMES):
            file.write(block.T)
    return buffer.getvalue()
