"""The types that callers, core and backends exchange: audio, stems and pitch."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO, Any, Self

import numpy as np
from attrs import cmp_using, field, frozen
from numpy.typing import NDArray

from autovoice_core._arguments import PathLike, as_made_by, as_number, as_path, as_whole_number
from autovoice_core._arrays import Array, as_array_api, as_numpy, device_name
from autovoice_core._downmix import mono
from autovoice_core._errors import ArgumentError, InputError
from autovoice_core._pitch_track import PitchFrames, PitchTrack
from autovoice_core._provenance import Provenance
from autovoice_core._samples import MAX_CHANNELS, as_samples

__all__ = [
    "MAX_CHANNELS",
    "Array",
    "Audio",
    "PitchFrames",
    "PitchTrack",
    "Progress",
    "Stems",
]

Progress = Callable[[float], None]
"""Called with the fraction done, 0 to 1; an exception that it raises cancels the work."""

MAX_LOADED_SECONDS = 2 * 3600.0
"""The longest file that :meth:`Audio.load` reads by default: 2.5 GB of stereo sound."""
MIN_SAMPLE_RATE = 8_000
MAX_SAMPLE_RATE = 192_000


def as_sample_rate(value: Any, name: str = "sample_rate") -> int:
    """Return a sample rate in Hz; 44100.0 is 44100.

    Raises
    ------
    InputError
        It is not a whole number, or out of range.
    """
    rate = as_whole_number(name, value, unit="Hz", example="44100")
    if not MIN_SAMPLE_RATE <= rate <= MAX_SAMPLE_RATE:
        raise ArgumentError(
            f"{name}: {rate} Hz is outside {MIN_SAMPLE_RATE} to {MAX_SAMPLE_RATE} Hz; "
            "resample the audio first"
        )
    return rate


def _same_values(one: Array, other: Array) -> bool:
    return bool(np.array_equal(as_numpy(one), as_numpy(other)))


@frozen(repr=False)
class Audio:
    """Sound in memory.

    The samples may be of any array library, and

    - of shape ``(frames,)``, ``(channels, frames)`` as librosa and torchaudio have them, or
      ``(frames, channels)`` as soundfile and SciPy do: a first axis of 1 to 8 is the channels;
    - floats of any precision with full scale at ±1, or int16, int32 or uint8 as in sound files.

    What is made of sound on the host is a NumPy array, of sound on a GPU an array on that GPU;
    ``torch.from_dlpack(audio.samples)`` is either as a tensor, without a copy.

    ``audio[1.0:2.5]`` is the sound between two times in seconds, negative ones from its end.
    Sounds are equal if their samples, rates and origins are; on a device this copies them to
    the host.

    Attributes
    ----------
    samples
        ``(channels, frames)`` float32, full scale at ±1: the memory given if it is so already,
        else a copy on the same device. Read-only by contract: never write to it.
    sample_rate
        Frames a second, 8000 to 192000 Hz; a whole number.
    made_by
        The operations that made it, in order; empty for a recording.

    Raises
    ------
    InputError
        The samples are something else, or rate or channels are out of range.
    """

    samples: Array = field(
        converter=as_samples, eq=cmp_using(eq=_same_values, require_same_type=False), hash=False
    )
    sample_rate: int = field(converter=as_sample_rate)
    made_by: tuple[Provenance, ...] = field(default=(), converter=as_made_by)

    def __repr__(self) -> str:
        channels = "1 channel" if self.channels == 1 else f"{self.channels} channels"
        device = device_name(self.samples)
        where = "" if device == "cpu" else f" on {device}"
        return f"Audio({channels}, {self.duration:.2f} s at {self.sample_rate} Hz{where})"

    def _repr_html_(self) -> str:
        """Return a player for notebooks; of long sound, of its first two minutes."""
        from autovoice_core.audio.player import player

        return player(self)

    def __getitem__(self, seconds: slice) -> Audio:
        """Return the sound from ``start`` up to ``end`` seconds: a view of the same samples."""
        if not isinstance(seconds, slice) or seconds.step is not None:
            raise ArgumentError(
                "seconds: Audio is cut by start and end in seconds; write for example "
                "audio[1.0:2.5]"
            )
        start, end = (self._frame_at(edge) for edge in (seconds.start, seconds.stop))
        samples = as_array_api(self.samples)[:, start:end]
        return Audio(samples, self.sample_rate, self.made_by)

    def _frame_at(self, seconds: Any) -> int | None:
        if seconds is None:
            return None
        time = as_number("seconds", seconds, unit="seconds", example="audio[1.0:2.5]")
        frame = round(time * self.sample_rate)
        return max(0, self.frames + frame) if time < 0 else frame

    @classmethod
    def load(cls, path: PathLike | IO[bytes], *, max_seconds: float = MAX_LOADED_SECONDS) -> Self:
        """Read a whole sound file: WAV, FLAC, OGG, MP3 and more; M4A and video through ffmpeg.

        The file is given by its path, or open in binary mode.

        Raises
        ------
        InputError
            The file is missing, empty, damaged, of an unknown format, not finite, or longer than
            ``max_seconds``.
        """
        from autovoice_core.audio.reading import as_source

        most = as_number("max_seconds", max_seconds, unit="seconds", example="7200")
        source = as_source(path, "path")
        seconds = source.frames / source.sample_rate
        if seconds > most:
            raise InputError(
                f"{source.name}: {seconds:.0f} s are more than the {most:g} s that are "
                "loaded into memory; give more max_seconds, or the path itself, which is read in "
                "parts"
            )
        blocks = list(source.blocks(1 << 20))
        return cls(np.concatenate(blocks, axis=1), source.sample_rate)

    def save(self, path: PathLike, *, overwrite: bool = True) -> None:
        """Write the sound to ``path``; the suffix names the format.

        The file appears under its name only when it is complete; one that exists is replaced, or
        refused with ``overwrite`` False. A peak over full scale is
        scaled down, with an :class:`~autovoice_core._errors.AutoVoiceWarning`.

        Raises
        ------
        InputError
            The suffix names no known format, or the file can't be written.
        """
        from autovoice_core.audio.writing import save

        save(self, as_path("path", path), overwrite=overwrite)

    def numpy(self) -> NDArray[np.float32]:
        """Return the samples on the host, ``(channels, frames)``, without a copy if possible."""
        return as_numpy(self.samples)

    def mono(self) -> Audio:
        """Return the channels mixed to one, on the same device.

        It is their mean, except where they are in antiphase and would cancel: there, channels are
        inverted before they are added.
        """
        if self.channels == 1:
            return self
        mix = mono(as_array_api(self.samples), self.sample_rate)
        return Audio(mix, self.sample_rate, self.made_by)

    def resample(self, sample_rate: int) -> Audio:
        """Return the sound at another rate; ``round(frames * sample_rate / self.sample_rate)``."""
        from autovoice_core.audio.resample import resample

        return resample(self, sample_rate)

    @property
    def channels(self) -> int:
        """Number of channels."""
        return int(as_array_api(self.samples).shape[0])

    @property
    def frames(self) -> int:
        """Number of samples of each channel."""
        return int(as_array_api(self.samples).shape[1])

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self.frames / self.sample_rate


@frozen(eq=False)
class Stems:
    """A mixture separated; ``vocals`` and ``accompaniment`` add up to it.

    ``|mixture - (vocals + accompaniment)| <= 1e-4`` of full scale in every sample.
    """

    vocals: Audio
    accompaniment: Audio

    def _repr_html_(self) -> str:
        """Return a player of each stem, for notebooks."""
        from autovoice_core.audio.player import player

        return player(self.vocals, "vocals") + player(self.accompaniment, "accompaniment")
