"""Sound files read block by block through libsndfile, and other audio as a source."""

from __future__ import annotations

import os
import shutil
import weakref
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, cast

import numpy as np
import soundfile
from attrs import evolve
from numpy.typing import NDArray

from autovoice_core._arguments import PathLike, as_path, describe
from autovoice_core._arrays import Array
from autovoice_core._errors import InputError
from autovoice_core._types import MAX_CHANNELS, MAX_SAMPLE_RATE, MIN_SAMPLE_RATE, Audio
from autovoice_core.audio.ffmpeg import decode
from autovoice_core.audio.formats.layout import parts_of
from autovoice_core.audio.formats.part import Part, cut_off, exact_frames, open_part
from autovoice_core.audio.libsndfile import error_reason
from autovoice_core.audio.source import AudioInMemory, Block, Source, check_finite
from autovoice_core.audio.spooling import STANDARD_INPUT, is_read_once, spool
from autovoice_core.audio.tags import read_tags
from autovoice_core.audio.temporary import temporary_folder

MAX_FRAMES_PER_BYTE = 8192
"""Frames that a byte of a file can stand for: of silence in FLAC, nearly 5000."""

SoundInput = Audio | Source | PathLike | IO[bytes]
"""Sound as callers give it: in memory, as a source, or as a file by its path or opened."""


class AudioFile:
    """A sound file, read block by block; a :class:`~autovoice_core.audio.source.Source`.

    Attributes
    ----------
    path
        Path of the file.
    stored
        Where its bytes lie: ``path``, or a copy of what can be read only once. A copy is removed
        with this object.
    sample_rate, channels, frames
        The length is that of all that is in the file, whatever its header says.
    format, subtype
        libsndfile's names, e.g. ``"FLAC"``, ``"PCM_16"``; both ``"FFMPEG"`` for a file that is read
        through ffmpeg.
    tags
        Title, artist and the like, by the names of :data:`~autovoice_core.audio.tags.TAGS`.

    Raises
    ------
    InputError
        The file is missing, a directory, empty, cut off, no sound file, of a format that neither
        libsndfile nor an installed ffmpeg reads, holds no samples, or its rate or channels are out
        of range.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.stored = self.path
        self.format = self.subtype = ""
        if is_read_once(self.path):
            self.stored = self._temporary_folder() / "sound"
            spool(self.path, self.stored, self.name)
        _check_readable(self.stored, self.name)
        try:
            self._open(self.stored)
        except soundfile.LibsndfileError as error:
            decoded = self._temporary_folder() / "decoded"
            decode(self.stored, decoded, self.name, error_reason(error))
            self._open(decoded)
            self.format = self.subtype = "FFMPEG"
        if self.frames == 0:
            raise InputError(f"{self.name}: the file holds no samples; give a recording")
        if not MIN_SAMPLE_RATE <= self.sample_rate <= MAX_SAMPLE_RATE:
            raise InputError(
                f"{self.name}: the sample rate {self.sample_rate} Hz is outside {MIN_SAMPLE_RATE} "
                f"to {MAX_SAMPLE_RATE} Hz; resample the file first"
            )
        if self.channels > MAX_CHANNELS:
            raise InputError(
                f"{self.name}: {self.channels} channels are more than {MAX_CHANNELS}; "
                "mix the file down first"
            )

    def _open(self, path: Path) -> None:
        """Find the parts of the file at ``path``; take what the first says of all."""
        self._parts: list[tuple[Part, int]] = []
        for part in parts_of(path, self.name):
            with open_part(part) as file:
                self._parts.append((part, exact_frames(part, file, self.name)))
                if len(self._parts) == 1:
                    self.sample_rate: int = file.samplerate
                    self.channels: int = file.channels
                    self.format = file.format
                    self.subtype = file.subtype
                    self.tags: dict[str, str] = read_tags(file)
                elif (file.samplerate, file.channels) != (self.sample_rate, self.channels):
                    raise InputError(
                        f"{self.name}: is joined from files of other rates or channels; "
                        "give each of them"
                    )
        self.frames: int = sum(frames for _, frames in self._parts)
        size = path.stat().st_size
        if self.frames > MAX_FRAMES_PER_BYTE * size:
            raise cut_off(self.name, f"{size} bytes can't hold the {self.frames} samples stated")

    def _temporary_folder(self) -> Path:
        """Return a folder that is removed with this object."""
        stack = ExitStack()
        folder = stack.enter_context(temporary_folder())
        weakref.finalize(self, stack.close)
        return folder

    @property
    def name(self) -> str:
        """The path, as error messages call the file."""
        return "standard input" if self.path == STANDARD_INPUT else str(self.path)

    def blocks(self, size: int) -> Iterator[Block]:
        """Yield consecutive blocks of ``size`` frames, the last one shorter.

        Raises
        ------
        InputError
            The file ends before its header says, is there no longer, or holds samples that are not
            finite.
        """
        try:
            yield from self._read(size)
        except OSError as error:
            raise InputError(
                f"{self.name}: can't be read any more ({error.strerror}); leave the file in its "
                "place until the work is done"
            ) from error

    def _read(self, size: int) -> Iterator[Block]:
        done = 0
        held: list[NDArray[np.float32]] = []
        for part, frames in self._parts:
            with open_part(part) as file:
                end = done + frames
                while done < end:
                    wanted = size - sum(map(len, held))
                    try:
                        read = file.read(min(wanted, end - done), "float32", always_2d=True)
                    except soundfile.LibsndfileError as error:
                        raise self._damaged(done, error_reason(error)) from error
                    if not len(read):
                        raise self._damaged(done, "it ends early")
                    held.append(read)
                    done += len(read)
                    if len(read) == wanted or done == self.frames:
                        samples = np.ascontiguousarray(np.concatenate(held).T)
                        held = []
                        check_finite(samples, self.name, done - samples.shape[1], self.sample_rate)
                        yield samples

    def _damaged(self, done: int, reason: str) -> InputError:
        return InputError(
            f"{self.name}: the file is damaged after {done / self.sample_rate:.2f} s of "
            f"{self.frames / self.sample_rate:.2f} s ({reason}); get an intact copy"
        )


def as_source(audio: SoundInput, name: str = "audio") -> Source:
    """Return ``audio`` as a :class:`Source`; a file object is read whole.

    Raises
    ------
    InputError
        It is no sound, or a file that can't be read as sound; the message calls what is in memory
        ``name``.
    """
    if isinstance(audio, Audio):
        return AudioInMemory(audio, name)
    if isinstance(audio, (str, bytes, os.PathLike)):
        return AudioFile(as_path(name, audio))
    if hasattr(audio, "read"):
        return AudioInMemory(_read_file_object(cast("IO[bytes]", audio), name), name)
    if all(
        hasattr(audio, part) for part in ("name", "sample_rate", "channels", "frames", "blocks")
    ):
        return audio
    if hasattr(audio, "__array__") or isinstance(audio, Array):
        raise InputError(f"{name}: an array has no sample rate; give Audio(samples, sample_rate)")
    raise InputError(
        f"{name}: {describe(audio)} is not sound; give Audio(samples, sample_rate) or the path of "
        "a sound file"
    )


def as_source_on_host(audio: SoundInput, name: str = "audio") -> Source:
    """Return ``audio`` as :func:`as_source` does, what lies on a device copied to the host."""
    if isinstance(audio, Audio):
        audio = evolve(audio, samples=audio.numpy())
    return as_source(audio, name)


def _read_file_object(file: IO[bytes], name: str) -> Audio:
    """Return the sound in a file object, from where it stands."""
    with temporary_folder() as folder:
        # A real file, as some formats are read from one only.
        path = folder / "sound"
        try:
            with path.open("wb") as copy:
                shutil.copyfileobj(file, copy)
        # Whatever it raises: it is the caller's own object.
        except Exception as error:
            raise InputError(
                f"{name}: the file object can't be read ({error}); "
                "give one that is open in binary mode"
            ) from error
        if not path.stat().st_size:
            raise InputError(f"{name}: the file object is at its end; call its seek(0) first")
        try:
            return Audio.load(path)
        except InputError as error:
            raise InputError(str(error).replace(str(path), name)) from error


def _check_readable(path: Path, name: str) -> None:
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        pass
    except OSError as error:  # e.g. a name that is too long
        raise InputError(f"{name}: can't be read ({error.strerror}); check the path") from error
    if path.is_dir():
        raise InputError(f"{name}: is a directory; give a sound file")
    if not path.exists():
        raise InputError(f"{name}: no such file; check the path")
    if not os.access(path, os.R_OK):
        raise InputError(f"{name}: may not be read; change its permissions")
    if path.stat().st_size == 0:
        raise InputError(f"{name}: the file is empty; give a recording")
