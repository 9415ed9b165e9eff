"""What a backend implements: one protocol for each operation, and for what streams."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from autovoice_core._types import Audio, PitchFrames, PitchTrack, Stems


class Sized(Protocol):
    """What any of the implementations below may say, so that a limit to memory can be kept.

    The method is optional: an implementation without it is refused where there is a limit. A
    call that fails for want of memory must leave no trace, as it is made again with less.
    """

    def memory(self, frames: int, channels: int, sample_rate: int) -> float:
        """Return the most bytes that work on a window takes, of its device's memory.

        That is what is allocated while a method is called on a window of ``frames`` samples, the
        result included, the window itself not; and what was opened for it and stays.
        """


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


class Bringing(Protocol):
    """A separator or pitch estimator on a device, to which core brings a whole song at a time.

    The method is optional: without it, core hands over windows that lie on the host. With it, a
    song that is worked on by several operations stays on the device in between.
    """

    def bring(self, audio: Audio) -> Audio:
        """Return ``audio`` on the device."""


class Voice(Protocol):
    """What a converter sees of a voice; a :class:`~autovoice_core.VoiceProfile` is one."""

    @property
    def name(self) -> str:
        """Name of the voice."""

    @property
    def features(self) -> Mapping[str, NDArray[Any]]:
        """What :meth:`Converter.learn` returned of its recordings."""


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

    def begin(self, voice: Voice, pitch: PitchTrack, sample_rate: int, *, key: float) -> Conversion:
        """Begin a song: the whole song's ``pitch``, moved by ``key`` semitones."""


class ControlledConverter(Converter, Protocol):
    """A :class:`Converter` that can be asked for more than voice and key.

    ``controls`` names the keywords of :meth:`begin` that it takes, each of which is optional and
    given only where it asks for something. Core refuses callers who ask for others. ``keeps`` is
    how many seconds of voiced sound :meth:`learn` keeps of more than that, unless told otherwise.
    """

    controls: frozenset[str]
    keeps: float

    def learn(
        self, recordings: Iterable[tuple[Audio, PitchTrack]], *, keep: float = ...
    ) -> Mapping[str, NDArray[Any]]:
        """Return the reference features of a voice; ``keep`` stands in for ``keeps``."""

    def begin(
        self,
        voice: Voice,
        pitch: PitchTrack,
        sample_rate: int,
        *,
        key: float,
        formant: float = 0.0,
        strength: float = 1.0,
        melody: PitchTrack | None = None,
        seed: int = 0,
    ) -> Conversion:
        """Begin a song, as :meth:`Converter.begin` does.

        Parameters
        ----------
        formant
            Semitones to move the resonances of the result by.
        strength
            How far to go from the source's timbre, 0, to the target's, 1.
        melody
            The pitch to sing before the key, voiced where ``pitch`` is; that by default.
        seed
            Chooses the noise of what is synthesised.
        """


class StreamingConverter(Converter, Protocol):
    """A :class:`Converter` that can be fed block by block; its offer states a latency."""

    def stream(
        self,
        sample_rate: int,
        *,
        voice: Voice,
        key: float,
        singer: Voice | None = None,
    ) -> Stream[Audio]:
        """Return a new stream into ``voice``, of sound of the shape and rate that is fed.

        Parameters
        ----------
        singer
            A profile of who is going to sing, given only where it is known. The controls of
            :class:`ControlledConverter` are taken here too, ``melody`` apart.
        """


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
