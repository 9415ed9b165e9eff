"""Sound files written through libsndfile, which appear only when they are complete."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import NoReturn, Self

import numpy as np
import soundfile

from autovoice_core._errors import AutoVoiceWarning, InputError
from autovoice_core._types import Audio
from autovoice_core.audio.atomic import atomic_file, write_failure
from autovoice_core.audio.distinct_files import check_distinct
from autovoice_core.audio.libsndfile import error_reason, libsndfile_path
from autovoice_core.audio.output_format import format_for
from autovoice_core.audio.output_stream import is_output_stream
from autovoice_core.audio.reading import AudioFile
from autovoice_core.audio.source import Block, check_finite
from autovoice_core.audio.tags import prepend_id3, write_tags

_MAX_WAV_BYTES = (1 << 32) - (1 << 20)  # a plain WAV ends at 4 GiB
MIN_TOLD_GAIN_DB = 0.05
"""Least reduction of a level that users are told of, dB: less reads as 0.0."""
_SPARE_BYTES = 1 << 16  # that a disk must have left when a file is complete


class AudioWriter:
    """Writes a sound file that appears under its name only when it is complete.

    A context manager; the suffix of ``path`` names the format. The sample format is that of
    ``like`` where the format allows it, else 24 bits; so are the tags. ``in_place`` says whether it
    has appeared. With ``overwrite`` False, a file that exists is refused.

    Raises
    ------
    InputError
        The suffix is not a known format, the format can't hold the rate or channels, or the
        place can't be written.
    """

    def __init__(
        self,
        path: str | Path,
        sample_rate: int,
        channels: int,
        *,
        like: AudioFile | None = None,
        frames: int | None = None,
        overwrite: bool = True,
    ) -> None:
        self.path = Path(path)
        self.sample_rate = sample_rate
        self.channels = channels
        self.format, self.subtype = format_for(self.path, like)
        self._tags = {} if like is None else like.tags
        if self.format == "WAV" and frames is not None and frames * channels * 4 > _MAX_WAV_BYTES:
            self.format = "RF64"
        self._place = atomic_file(self.path, overwrite=overwrite)
        self.in_place = False

    def __enter__(self) -> Self:
        # Whatever stops it, a signal too, removes the temporary file.
        with ExitStack() as stack:
            self._file = self._open(stack.enter_context(self._place))
            stack.pop_all()
        return self

    @property
    def lossless(self) -> bool:
        """Whether the file decodes to what is written, up to rounding."""
        return self.subtype.startswith(("PCM_", "ALAC_", "FLOAT", "DOUBLE"))

    def trial(self, folder: Path) -> AudioWriter:
        """Return a writer of the same format to a file in ``folder``, to see how it decodes."""
        writer = AudioWriter(
            folder / f"trial.{self.format.lower()}", self.sample_rate, self.channels
        )
        writer.format, writer.subtype = self.format, self.subtype
        return writer

    def write(self, block: Block) -> None:
        """Append ``block``, ``(channels, frames)`` float32."""
        try:
            self._file.write(block.T)
        # soundfile asserts that libsndfile took every frame, which a full disk prevents.
        except (soundfile.LibsndfileError, AssertionError, OSError) as error:
            self._fail(error)

    def close(self) -> None:
        """Write what is still buffered; the file keeps its temporary name until exit."""
        if self._file.closed:
            return
        try:
            self._file.close()
            self._check_space()
            if self._tags and self.format == "MP3":
                prepend_id3(self._temporary, self._tags)
        except (soundfile.LibsndfileError, OSError) as error:
            self._fail(error)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self.close()
        except InputError as failure:
            self._place.__exit__(type(failure), failure, None)
            if error is None:
                raise
            return
        self._place.__exit__(kind, error, trace)
        self.in_place = error is None

    def _open(self, temporary: Path) -> soundfile.SoundFile:
        self._temporary = temporary
        try:
            file = soundfile.SoundFile(
                libsndfile_path(temporary),
                "w",
                samplerate=self.sample_rate,
                channels=self.channels,
                format=self.format,
                subtype=self.subtype,
            )
            write_tags(file, self._tags)
            return file
        except soundfile.LibsndfileError as error:
            raise InputError(
                f"{self.path}: {self.format} can't hold {self.channels} channels at "
                f"{self.sample_rate} Hz ({error_reason(error)}); write a .wav or .flac file instead"
            ) from error

    def remove(self) -> None:
        """Remove the file again after it has appeared; not a device that was written to."""
        if self.in_place and not is_output_stream(self.path):
            Path(os.path.realpath(self.path)).unlink(missing_ok=True)

    def _check_space(self) -> None:
        """Check that the file could be longer: libsndfile doesn't say that its end was lost."""
        size = self._temporary.stat().st_size
        try:
            with self._temporary.open("ab") as file:
                file.write(bytes(_SPARE_BYTES))
        finally:
            os.truncate(self._temporary, size)

    def _fail(self, error: BaseException) -> NoReturn:
        # libsndfile reports no more than "system error"; the system itself says which.
        try:
            self._check_space()
        except OSError as reason:
            raise write_failure(self.path, reason) from reason
        raise InputError(
            f"{self.path}: writing stopped ({error_reason(error)}); "
            "free some space on the disk or choose another place"
        ) from error


@contextmanager
def open_writers(writers: Sequence[AudioWriter]) -> Iterator[Sequence[AudioWriter]]:
    """Open ``writers``; on success their files appear together, on failure none of them does.

    Raises
    ------
    InputError
        A place can't be written, or two of the files have one name.
    """
    check_distinct(writer.path for writer in writers)
    try:
        with ExitStack() as stack:
            for writer in writers:
                stack.enter_context(writer)
            yield writers
            # All that can fail is done before the first file takes its place.
            for writer in writers:
                writer.close()
    except BaseException:
        for writer in writers:
            writer.remove()
        raise


def save(audio: Audio, path: str | Path, *, overwrite: bool = True) -> None:
    """Write ``audio`` to ``path``; see :meth:`Audio.save`."""
    samples = audio.numpy()
    check_finite(samples, "samples", 0, audio.sample_rate)
    peak = float(np.abs(samples).max(initial=0.0))
    if peak > 1.0:
        excess_db = 20 * np.log10(peak)
        if excess_db >= MIN_TOLD_GAIN_DB:
            warnings.warn(
                f"{path}: the peak was {excess_db:.1f} dB over full scale; "
                "the audio was turned down to fit",
                AutoVoiceWarning,
                stacklevel=3,
            )
        samples = samples * np.float32(headroom_gain(peak))
    rate, channels = audio.sample_rate, audio.channels
    with AudioWriter(path, rate, channels, frames=audio.frames, overwrite=overwrite) as writer:
        writer.write(samples)


def headroom_gain(peak: float) -> float:
    """Return the gain that brings ``peak`` (1.0 is full scale) just under full scale."""
    # One 16-bit step of headroom, so that rounding can't reach full scale.
    ceiling = 1.0 - 2.0**-15
    return ceiling / peak if peak > ceiling else 1.0
