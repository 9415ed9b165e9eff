"""Sound files read block by block through libsndfile, and other audio as a source."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile

from autovoice_core._errors import InputError
from autovoice_core._types import MAX_CHANNELS, MAX_SAMPLE_RATE, MIN_SAMPLE_RATE, Audio
from autovoice_core.audio.source import AudioInMemory, Block, Source, check_finite
from autovoice_core.audio.tags import read_tags

_MAX_FRAMES = 1 << 48  # libsndfile reports 2**63 - 1 frames where the header has no length


class AudioFile:
    """A sound file, read block by block; a :class:`~autovoice_core.audio.source.Source`.

    Attributes
    ----------
    path
        Path of the file.
    sample_rate, channels, frames
        As in the file's header.
    format, subtype
        libsndfile's names, e.g. ``"FLAC"``, ``"PCM_16"``.
    tags
        Title, artist and the like, by the names of :data:`~autovoice_core.audio.tags.TAGS`.

    Raises
    ------
    InputError
        The file is missing, a directory, empty, of a format that libsndfile does not read, holds
        no samples, or its rate or channels are out of range.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        _check_readable(self.path)
        try:
            with soundfile.SoundFile(libsndfile_path(self.path)) as file:
                self.sample_rate: int = file.samplerate
                self.channels: int = file.channels
                self.format: str = file.format
                self.subtype: str = file.subtype
                self.frames: int = file.frames
                self.tags: dict[str, str] = read_tags(file)
        except soundfile.LibsndfileError as error:
            raise InputError(
                f"{self.path}: not a sound file that can be read ({error_reason(error)}); "
                "give a WAV, FLAC, OGG, MP3 or AIFF file"
            ) from error
        if self.frames >= _MAX_FRAMES:
            raise InputError(
                f"{self.path}: its header states no length, as in a stream that was never closed; "
                "convert the file again"
            )
        if self.frames == 0:
            raise InputError(f"{self.path}: the file holds no samples; give a recording")
        if not MIN_SAMPLE_RATE <= self.sample_rate <= MAX_SAMPLE_RATE:
            raise InputError(
                f"{self.path}: the sample rate {self.sample_rate} Hz is outside {MIN_SAMPLE_RATE} "
                f"to {MAX_SAMPLE_RATE} Hz; resample the file first"
            )
        if self.channels > MAX_CHANNELS:
            raise InputError(
                f"{self.path}: {self.channels} channels are more than {MAX_CHANNELS}; "
                "mix the file down first"
            )

    @property
    def name(self) -> str:
        """The path, as error messages call the file."""
        return str(self.path)

    def blocks(self, size: int) -> Iterator[Block]:
        """Yield consecutive blocks of ``size`` frames, the last one shorter.

        Raises
        ------
        InputError
            The file ends before its header says, or holds samples that are not finite.
        """
        done = 0
        with soundfile.SoundFile(libsndfile_path(self.path)) as file:
            while done < self.frames:
                try:
                    block = file.read(min(size, self.frames - done), "float32", always_2d=True)
                except soundfile.LibsndfileError as error:
                    raise self._damaged(done, error_reason(error)) from error
                if not len(block):
                    raise self._damaged(done, "it ends early")
                samples = np.ascontiguousarray(block.T)
                check_finite(samples, self.name, done, self.sample_rate)
                yield samples
                done += len(block)

    def _damaged(self, done: int, reason: str) -> InputError:
        return InputError(
            f"{self.path}: the file is damaged after {done / self.sample_rate:.2f} s of "
            f"{self.frames / self.sample_rate:.2f} s ({reason}); get an intact copy"
        )


def as_source(audio: Audio | Source | str | Path) -> Source:
    """Return ``audio`` as a :class:`Source`.

    Raises
    ------
    InputError
        ``audio`` is the path of a file that can't be read as sound.
    """
    if isinstance(audio, Audio):
        return AudioInMemory(audio)
    if isinstance(audio, (str, Path)):
        return AudioFile(audio)
    return audio


def readable_formats() -> dict[str, str]:
    """Return the formats that the installed libsndfile knows, short name to description."""
    return dict(soundfile.available_formats())


def _check_readable(path: Path) -> None:
    if path.is_dir():
        raise InputError(f"{path}: is a directory; give a sound file")
    if not path.exists():
        raise InputError(f"{path}: no such file; check the path")
    if not os.access(path, os.R_OK):
        raise InputError(f"{path}: may not be read; change its permissions")
    if path.is_file() and path.stat().st_size == 0:
        raise InputError(f"{path}: the file is empty; give a recording")


def libsndfile_path(path: Path) -> str | bytes:
    """Return ``path`` for ``soundfile``, which refuses a name that is not UTF-8 unless in bytes."""
    return str(path) if sys.platform == "win32" else os.fsencode(path)


def error_reason(error: BaseException) -> str:
    """Return the reason that libsndfile gives for a failure, to be quoted in a message."""
    if isinstance(error, soundfile.LibsndfileError):
        return str(error.error_string).removeprefix("Error : ").strip().rstrip(".").lower()
    if isinstance(error, AssertionError):
        return "not every sample was written"
    return str(error)
