"""The types that callers, core and backends exchange: audio, stems and pitch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Self

import numpy as np
from array_api_compat import array_namespace
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core._arrays import Array, as_array_api, as_numpy
from autovoice_core._errors import InputError
from autovoice_core._provenance import Provenance

__all__ = [
    "Array",
    "Audio",
    "PitchFrames",
    "PitchTrack",
    "Progress",
    "Stems",
]

Progress = Callable[[float], None]
"""Called with the fraction done, 0 to 1; an exception that it raises cancels the work."""

MIN_SAMPLE_RATE = 8_000
MAX_SAMPLE_RATE = 192_000
MAX_CHANNELS = 8


@frozen(eq=False)
class Audio:
    """Sound in memory.

    Attributes
    ----------
    samples
        ``(channels, frames)`` float32, full scale at ±1; any array with ``__dlpack__``.
        Read-only by contract: never write to the samples of an ``Audio``.
    sample_rate
        Frames a second, 8000 to 192000 Hz.
    made_by
        The operations that made it, in order; empty for a recording.

    Raises
    ------
    InputError
        The samples are not float32 of that shape, or rate or channels are out of range.
    """

    samples: Array
    sample_rate: int
    made_by: tuple[Provenance, ...] = ()

    def __attrs_post_init__(self) -> None:
        if not MIN_SAMPLE_RATE <= self.sample_rate <= MAX_SAMPLE_RATE:
            raise InputError(
                f"sample_rate: {self.sample_rate} Hz is outside "
                f"{MIN_SAMPLE_RATE} to {MAX_SAMPLE_RATE} Hz; resample the audio first"
            )
        samples = as_array_api(self.samples)
        if samples.ndim != 2 or not 1 <= samples.shape[0] <= MAX_CHANNELS:
            raise InputError(
                f"samples: the shape {tuple(samples.shape)} is not (channels, frames) with "
                f"1 to {MAX_CHANNELS} channels; a mono signal is samples[numpy.newaxis, :]"
            )
        if samples.dtype != array_namespace(samples).float32:
            raise InputError(
                f"samples: dtype {samples.dtype} is not float32; "
                "convert with samples.astype(numpy.float32)"
            )

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a whole sound file: WAV, FLAC, OGG, MP3 and whatever libsndfile reads.

        Raises
        ------
        InputError
            The file is missing, empty, damaged, of an unknown format, or not finite.
        """
        from autovoice_core.audio.reading import AudioFile

        source = AudioFile(path)
        blocks = list(source.blocks(1 << 20))
        return cls(np.concatenate(blocks, axis=1), source.sample_rate)

    def save(self, path: str | Path) -> None:
        """Write the sound to ``path``; the suffix names the format.

        The file appears under its name only when it is complete. A peak over full scale is
        scaled down, with an :class:`~autovoice_core._errors.AutoVoiceWarning`.

        Raises
        ------
        InputError
            The suffix names no known format, or the file can't be written.
        """
        from autovoice_core.audio.writing import save

        save(self, path)

    def numpy(self) -> NDArray[np.float32]:
        """Return the samples on the host, ``(channels, frames)``, without a copy if possible."""
        return as_numpy(self.samples)

    def mono(self) -> Audio:
        """Return the mean of the channels as one channel, on the same device."""
        samples = as_array_api(self.samples)
        if samples.shape[0] == 1:
            return self
        xp = array_namespace(samples)
        mean = xp.sum(samples, axis=0, keepdims=True, dtype=xp.float64) / samples.shape[0]
        return Audio(xp.astype(mean, xp.float32), self.sample_rate, self.made_by)

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


@frozen(eq=False)
class PitchFrames:
    """What a pitch estimator returns for the sample positions that it is given.

    Attributes
    ----------
    f0
        ``(positions,)`` float64, Hz; 0 where unvoiced.
    voiced
        ``(positions,)`` bool.
    confidence
        ``(positions,)`` float32, 0 to 1.
    """

    f0: Array
    voiced: Array
    confidence: Array


@frozen(eq=False)
class PitchTrack:
    """The fundamental frequency of a voice over time.

    Frame ``i`` describes the sound around ``start + i * hop`` seconds.

    Attributes
    ----------
    f0
        ``(frames,)`` float64, Hz; 0 where unvoiced.
    voiced
        ``(frames,)`` bool.
    confidence
        ``(frames,)`` float32, 0 to 1.
    hop, start
        Seconds from frame to frame, and the time of the first frame.
    made_by
        The operations that made it, in order.
    """

    f0: NDArray[np.float64]
    voiced: NDArray[np.bool_]
    confidence: NDArray[np.float32]
    hop: float
    start: float = 0.0
    made_by: tuple[Provenance, ...] = ()

    def __attrs_post_init__(self) -> None:
        if not self.f0.shape == self.voiced.shape == self.confidence.shape:
            raise InputError(
                f"f0, voiced and confidence differ in shape: {self.f0.shape}, "
                f"{self.voiced.shape}, {self.confidence.shape}; give one value per frame of each"
            )
        if not self.hop > 0:
            raise InputError(f"hop: {self.hop} s is not a positive number of seconds")

    def __len__(self) -> int:
        return int(self.f0.shape[0])

    @property
    def times(self) -> NDArray[np.float64]:
        """``(frames,)`` seconds, the time of each frame."""
        return self.start + self.hop * np.arange(len(self), dtype=np.float64)
