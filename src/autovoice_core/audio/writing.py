"""Sound files that are written through libsndfile and appear when they are complete."""

from __future__ import annotations

import shutil
import warnings
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import soundfile

from autovoice_core._errors import AutoVoiceWarning, InputError
from autovoice_core._types import Audio
from autovoice_core.audio.atomic import moved_into_place
from autovoice_core.audio.reading import AudioFile, reason
from autovoice_core.audio.source import Block, check_finite

_RF64_BYTES = (1 << 32) - (1 << 20)  # a plain WAV ends at 4 GiB
_FULL_BYTES = 1 << 20
_BEST_SUBTYPE = {"WAV": "PCM_24", "FLAC": "PCM_24", "AIFF": "PCM_24"}


class AudioWriter:
    """Writes a sound file that appears under its name only when it is complete.

    A context manager; the suffix of ``path`` names the format. The sample format is that of
    ``like`` where the format allows it, else 24 bits. ``in_place`` says whether it lies there.

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
        self.in_place = False

    def __enter__(self) -> Self:
        # Whatever stops it, a signal too, takes the temporary file back.
        with ExitStack() as place:
            self._file = self._opened(place.enter_context(self._place))
            place.pop_all()
        return self

    def write(self, block: Block) -> None:
        """Append ``block``, ``(channels, frames)`` float32."""
        try:
            self._file.write(block.T)
        # soundfile asserts that libsndfile took every frame, which a full disk prevents.
        except (soundfile.LibsndfileError, AssertionError, OSError) as error:
            raise self._stopped(error) from error

    def close(self) -> None:
        """Write what is still held back; the file stays under its temporary name until exit."""
        try:
            self._file.close()
        except (soundfile.LibsndfileError, OSError) as error:
            raise self._stopped(error) from error

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self.close()
        except InputError as stopped:
            self._place.__exit__(type(stopped), stopped, None)
            if error is None:
                raise
            return
        self._place.__exit__(kind, error, trace)
        self.in_place = error is None

    def _opened(self, temporary: Path) -> soundfile.SoundFile:
        try:
            return soundfile.SoundFile(
                temporary,
                "w",
                samplerate=self.sample_rate,
                channels=self.channels,
                format=self.format,
                subtype=self.subtype,
            )
        except soundfile.LibsndfileError as error:
            raise InputError(
                f"{self.path}: {self.format} can't hold {self.channels} channels at "
                f"{self.sample_rate} Hz ({reason(error)}); write a .wav or .flac file instead"
            ) from error

    def _stopped(self, error: BaseException) -> InputError:
        # libsndfile says no more than "system error" of a disk that is full.
        full = shutil.disk_usage(self.path.parent).free < _FULL_BYTES
        why = "no space left" if full else reason(error)
        return InputError(
            f"{self.path}: writing stopped ({why}); "
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
