"""Sound files in and out, through libsndfile."""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import soundfile

from autovoice_core._errors import AutoVoiceWarning, InputError
from autovoice_core._types import MAX_CHANNELS, MAX_SAMPLE_RATE, MIN_SAMPLE_RATE, Audio
from autovoice_core.audio.atomic import moved_into_place
from autovoice_core.audio.source import Block, check_finite

_UNKNOWN_LENGTH = 1 << 48  # libsndfile reports 2**63 - 1 frames where the header has no length
_RF64_BYTES = (1 << 32) - (1 << 20)  # a plain WAV ends at 4 GiB
_FULL_BYTES = 1 << 20
_BEST_SUBTYPE = {"WAV": "PCM_24", "FLAC": "PCM_24", "AIFF": "PCM_24"}


class AudioFile:
    """A sound file, read block by block; a :class:`~autovoice_core.audio.source.Source`.

    Attributes
    ----------
    path
        Where it lies.
    sample_rate, channels, frames
        As in the file's header.
    format, subtype
        libsndfile's names, e.g. ``"FLAC"``, ``"PCM_16"``.

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
            with soundfile.SoundFile(self.path) as file:
                self.sample_rate: int = file.samplerate
                self.channels: int = file.channels
                self.format: str = file.format
                self.subtype: str = file.subtype
                self.frames: int = file.frames
        except soundfile.LibsndfileError as error:
            raise InputError(
                f"{self.path}: not a sound file that can be read ({_reason(error)}); "
                "give a WAV, FLAC, OGG, MP3 or AIFF file"
            ) from error
        if self.frames >= _UNKNOWN_LENGTH:
            raise InputError(
                f"{self.path}: its header does not say how long it is, as of a stream that was "
                "never closed; convert the file again"
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
        with soundfile.SoundFile(self.path) as file:
            while done < self.frames:
                try:
                    block = file.read(min(size, self.frames - done), "float32", always_2d=True)
                except soundfile.LibsndfileError as error:
                    raise self._damaged(done, _reason(error)) from error
                if not len(block):
                    raise self._damaged(done, "it ends early")
                samples = np.ascontiguousarray(block.T)
                check_finite(samples, self.name, done, self.sample_rate)
                yield samples
                done += len(block)

    def _damaged(self, done: int, reason: str) -> InputError:
        return InputError(
            f"{self.path}: the file is damaged after {done / self.sample_rate:.2f} s of "
            f"{self.frames / self.sample_rate:.2f} s ({reason}); get a whole copy of it"
        )


class AudioWriter:
    """Writes a sound file that appears under its name only when it is complete.

    A context manager; the suffix of ``path`` names the format. The sample format is that of
    ``like`` where the format allows it, else 24 bits.

    Raises
    ------
    InputError
        The suffix is no known format, the format can't hold the rate or channels, or the place
        can't be written.
    """

    def __init__(
        self,
        path: str | Path,
        sample_rate: int,
        channels: int,
        *,
        like: AudioFile | None = None,
        frames: int | None = None,
    ) -> None:
        self.path = Path(path)
        self.sample_rate = sample_rate
        self.channels = channels
        self.format, self.subtype = _format_for(self.path, like)
        if self.format == "WAV" and frames is not None and frames * channels * 4 > _RF64_BYTES:
            self.format = "RF64"
        self._place = moved_into_place(self.path)

    def __enter__(self) -> Self:
        temporary = self._place.__enter__()
        try:
            self._file = soundfile.SoundFile(
                temporary,
                "w",
                samplerate=self.sample_rate,
                channels=self.channels,
                format=self.format,
                subtype=self.subtype,
            )
        except soundfile.LibsndfileError as error:
            self._place.__exit__(type(error), error, error.__traceback__)
            raise InputError(
                f"{self.path}: {self.format} can't hold {self.channels} channels at "
                f"{self.sample_rate} Hz ({_reason(error)}); write a .wav or .flac file instead"
            ) from error
        return self

    def write(self, block: Block) -> None:
        """Append ``block``, ``(channels, frames)`` float32."""
        try:
            self._file.write(block.T)
        # soundfile asserts that libsndfile took every frame, which a full disk prevents.
        except (soundfile.LibsndfileError, AssertionError, OSError) as error:
            raise self._stopped(error) from error

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._file.close()
        except (soundfile.LibsndfileError, OSError) as close_error:
            self._place.__exit__(type(close_error), close_error, None)
            if error is None:
                raise self._stopped(close_error) from close_error
            return
        self._place.__exit__(kind, error, trace)

    def _stopped(self, error: BaseException) -> InputError:
        # libsndfile says no more than "system error" of a disk that is full.
        full = shutil.disk_usage(self.path.parent).free < _FULL_BYTES
        reason = "no space left" if full else _reason(error)
        return InputError(
            f"{self.path}: writing stopped ({reason}); "
            "free some space on the disk or choose another place"
        )


def save(audio: Audio, path: str | Path) -> None:
    """Write ``audio`` to ``path``; see :meth:`Audio.save`."""
    samples = audio.numpy()
    check_finite(samples, "samples", 0, audio.sample_rate)
    peak = float(np.abs(samples).max(initial=0.0))
    if peak > 1.0:
        warnings.warn(
            f"{path}: the peak, {20 * np.log10(peak):.1f} dB over full scale, was brought under it",
            AutoVoiceWarning,
            stacklevel=3,
        )
        samples = samples * np.float32(under_full_scale(peak))
    with AudioWriter(path, audio.sample_rate, audio.channels, frames=audio.frames) as writer:
        writer.write(samples)


def under_full_scale(peak: float) -> float:
    """Return the gain that brings ``peak`` (1.0 is full scale) just under full scale."""
    # One 16-bit step of headroom, so that rounding can't reach full scale.
    ceiling = 1.0 - 2.0**-15
    return ceiling / peak if peak > ceiling else 1.0


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


def _format_for(path: Path, like: AudioFile | None) -> tuple[str, str]:
    suffix = path.suffix.lstrip(".").upper()
    name = {"AIF": "AIFF", "OGA": "OGG", "OPUS": "OGG"}.get(suffix, suffix)
    if name not in soundfile.available_formats():
        raise InputError(
            f"{path}: the suffix {path.suffix or '(none)'!r} is no sound format that can be "
            "written; use .wav, .flac, .ogg or .mp3"
        )
    if like is not None and soundfile.check_format(name, like.subtype):
        return name, like.subtype
    if suffix == "OPUS":
        return name, "OPUS"
    return name, _BEST_SUBTYPE.get(name) or soundfile.default_subtype(name)


def _reason(error: BaseException) -> str:
    if isinstance(error, soundfile.LibsndfileError):
        return str(error.error_string).removeprefix("Error : ").strip().rstrip(".").lower()
    if isinstance(error, AssertionError):
        return "not every sample was taken"
    return str(error)
