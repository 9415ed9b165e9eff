"""What crosses the boundary between callers, core and backends."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core._arrays import Array, as_numpy
from autovoice_core._errors import InputError

if TYPE_CHECKING:
    from autovoice_core.voices.profile import VoiceProfile

__all__ = [
    "Array",
    "Audio",
    "BatchPitchEstimator",
    "BatchSeparator",
    "Conversion",
    "Converter",
    "PitchEstimator",
    "PitchFrames",
    "PitchTrack",
    "Progress",
    "Provenance",
    "Separator",
    "Stems",
    "Stream",
]

Progress = Callable[[float], None]
"""Told the fraction done, 0 to 1; what it raises cancels the work."""

MIN_SAMPLE_RATE = 8_000
MAX_SAMPLE_RATE = 192_000
MAX_CHANNELS = 8


@frozen
class Provenance:
    """What made a result.

    Attributes
    ----------
    operation
        ``"separation"``, ``"pitch"`` or ``"conversion"``.
    backend
        Full name of the offer, e.g. ``"cpu/nccf"``.
    distribution
        Package and version that offers it, e.g. ``"autovoice-cpu 0.1.0"``.
    device, dtype
        Where and in which precision it ran, e.g. ``"cpu"``, ``"float32"``.
    """

    operation: str
    backend: str
    distribution: str
    device: str
    dtype: str

    def __str__(self) -> str:
        return (
            f"{self.operation}: {self.backend} ({self.distribution}) on {self.device}, {self.dtype}"
        )


@frozen(eq=False)
class Audio:
    """Sound in memory.

    Attributes
    ----------
    samples
        ``(channels, frames)`` float32, full scale at ±1; any array with ``__dlpack__``.
        Read-only by contract: nobody writes to an ``Audio`` that was handed over.
    sample_rate
        Frames a second, 8000 to 192000 Hz.
    made_by
        The operations that made it, the first one first; empty for a recording.

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
        samples = self.numpy()
        if samples.ndim != 2 or not 1 <= samples.shape[0] <= MAX_CHANNELS:
            raise InputError(
                f"samples: the shape {samples.shape} is not (channels, frames) with "
                f"1 to {MAX_CHANNELS} channels; a mono signal is samples[numpy.newaxis, :]"
            )
        if samples.dtype != np.float32:
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
            The file is missing, empty, damaged, of a format nobody reads, or not finite.
        """
        from autovoice_core.audio.files import AudioFile

        source = AudioFile(path)
        blocks = list(source.blocks(1 << 20))
        return cls(np.concatenate(blocks, axis=1), source.sample_rate)

    def save(self, path: str | Path) -> None:
        """Write the sound to ``path``; the suffix names the format.

        The file appears under its name only when it is complete. A peak over full scale is
        brought under it, with an :class:`~autovoice_core._errors.AutoVoiceWarning`.

        Raises
        ------
        InputError
            The suffix is no known format or the place can't be written.
        """
        from autovoice_core.audio.writing import save

        save(self, path)

    def numpy(self) -> NDArray[np.float32]:
        """Return the samples on the host, ``(channels, frames)``, without a copy if possible."""
        return as_numpy(self.samples)

    def mono(self) -> Audio:
        """Return the mean of the channels as one channel."""
        samples = self.numpy()
        if samples.shape[0] == 1:
            return self
        mixed = samples.mean(axis=0, keepdims=True, dtype=np.float64).astype(np.float32)
        return Audio(mixed, self.sample_rate, self.made_by)

    def resample(self, sample_rate: int) -> Audio:
        """Return the sound at another rate; ``round(frames * sample_rate / self.sample_rate)``."""
        from autovoice_core.audio.resampling import resample

        return resample(self, sample_rate)

    @property
    def channels(self) -> int:
        """How many channels there are."""
        return int(self.numpy().shape[0])

    @property
    def frames(self) -> int:
        """How many samples each channel has."""
        return int(self.numpy().shape[1])

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self.frames / self.sample_rate


@frozen(eq=False)
class Stems:
    """A mixture taken apart; ``vocals`` and ``accompaniment`` add up to it.

    ``|mixture - (vocals + accompaniment)| <= 1e-4`` of full scale in every sample.
    """

    vocals: Audio
    accompaniment: Audio


@frozen(eq=False)
class PitchFrames:
    """What a pitch estimator finds at the sample positions it was asked about.

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
        The operations that made it.
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


class Separator(Protocol):
    """Takes the singer out of a mixture.

    Core calls it on overlapping windows of a long file: each begins at a multiple of
    :meth:`grid` samples, and the result is used ``context`` seconds away from an edge that is
    not an edge of the file.

    One that estimates its stems apart from each other, as networks do, says so by an attribute
    ``independent_stems = True``. Its stems need not add up: core deals out what is left over.
    """

    context: float

    def grid(self, sample_rate: int) -> int:
        """Return the number of samples of whose multiples windows must begin."""

    def separate(self, mixture: Audio) -> Stems:
        """Return stems of the mixture's shape and rate that add up to it."""


class BatchSeparator(Separator, Protocol):
    """A :class:`Separator` that is quicker with many mixtures at a time than one by one.

    The method is optional: of a separator without it, core asks for one mixture after another.
    """

    def separate_batch(self, mixtures: Sequence[Audio]) -> list[Stems]:
        """Return for each mixture what :meth:`separate` returns of it alone.

        Parameters
        ----------
        mixtures
            At least two, of one sample rate and number of channels, but any lengths.
        """


class PitchEstimator(Protocol):
    """Follows the fundamental frequency of one voice. Windows as for :class:`Separator`."""

    context: float

    def grid(self, sample_rate: int) -> int:
        """Return the number of samples of whose multiples windows must begin."""

    def estimate(self, audio: Audio, centres: NDArray[np.int64]) -> PitchFrames:
        """Return f0, voicing and confidence at ``centres``.

        Parameters
        ----------
        audio
            One channel.
        centres
            ``(positions,)`` increasing sample positions in ``0 .. audio.frames``.
        """


class BatchPitchEstimator(PitchEstimator, Protocol):
    """A :class:`PitchEstimator` that is quicker with many clips at a time than one by one.

    The method is optional: of an estimator without it, core asks for one clip after another.
    """

    def estimate_batch(
        self, audios: Sequence[Audio], centres: Sequence[NDArray[np.int64]]
    ) -> list[PitchFrames]:
        """Return for each clip what :meth:`estimate` returns of it alone.

        Parameters
        ----------
        audios
            At least one, each of one channel; of one sample rate, but any lengths.
        centres
            The positions asked about in each of them.
        """


class Conversion(Protocol):
    """One song being sung again. Windows as for :class:`Separator`.

    Core shows every window of the song to :meth:`observe`, in order, and then asks
    :meth:`render` for each. ``start`` is the position of the window's first sample in the song.
    """

    def observe(self, vocals: Audio, start: int) -> None:
        """Take in a window of the source, to learn what holds for the whole of it."""

    def render(self, vocals: Audio, start: int) -> Audio:
        """Return the window sung in the target's voice, of the same shape and rate."""


class Converter(Protocol):
    """Sings a vocal line again in the voice of a profile.

    ``feature_id`` names the reference features it reads and their version, e.g.
    ``"retrieval/1"``; a profile made with another ``feature_id`` is refused by core.
    """

    context: float
    feature_id: str

    def grid(self, sample_rate: int) -> int:
        """Return the number of samples of whose multiples windows must begin."""

    def learn(self, recordings: Iterable[tuple[Audio, PitchTrack]]) -> Mapping[str, NDArray[Any]]:
        """Return the reference features of a voice, from mono recordings with their pitch."""

    def begin(
        self, voice: VoiceProfile, pitch: PitchTrack, sample_rate: int, *, key: float
    ) -> Conversion:
        """Begin a song: the whole song's ``pitch``, moved by ``key`` semitones."""


T_co = TypeVar("T_co", covariant=True)


class Stream(Protocol[T_co]):
    """Audio fed block by block.

    What comes out is the same whatever the blocks are, agrees with whole-file work, and is
    complete ``latency`` seconds after what it describes.
    """

    latency: float

    def feed(self, block: Audio) -> T_co:
        """Take in a block of any length and return what can be said by now."""

    def flush(self) -> T_co:
        """Return what is left; the stream is over."""
