"""Protocols of backends: one for each operation, with those of its optional methods."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from autovoice_core._types import Audio, PitchFrames, PitchTrack, Stems


class SupportsMemory(Protocol):
    """An implementation of any protocol below that declares the memory it takes.

    Without it an implementation is refused where memory is limited. A call that runs out of
    memory must leave no trace, as it is repeated with shorter windows.
    """

    def memory(self, frames: int, channels: int, sample_rate: int) -> float:
        """Return the most bytes of its device's memory that processing a window takes.

        They include the result, all that a call allocates on a window of ``frames`` samples, and
        what stays allocated between calls; but not the window itself.
        """


class Separator(Protocol):
    """Separates the vocals from the accompaniment.

    Core calls it on overlapping windows of a long file: each begins at a multiple of
    :meth:`grid` samples, and the result is used from ``context`` seconds away from an edge that
    is not an edge of the file.

    One whose stems are independent, as those of networks are, and need not add up, has an attribute
    ``independent_stems = True``: core distributes the residual.
    """

    context: float

    def grid(self, sample_rate: int) -> int:
        """Return the number of samples of whose multiples windows must begin."""

    def separate(self, mixture: Audio) -> Stems:
        """Return stems of the mixture's shape and rate that add up to it."""


class BatchSeparator(Separator, Protocol):
    """A :class:`Separator` that is faster on many mixtures at a time than one by one.

    The method is optional: without it, core calls ``separate`` on one mixture after another.
    """

    def separate_batch(self, mixtures: Sequence[Audio]) -> list[Stems]:
        """Return for each of two or more mixtures what :meth:`separate` returns of it alone.

        They have the same sample rate and number of channels, but any lengths.
        """


class PitchEstimator(Protocol):
    """Tracks the fundamental frequency of one voice. Windows as for :class:`Separator`."""

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
    """A :class:`PitchEstimator` that is faster on many clips at a time than one by one.

    The method is optional: without it, core calls ``estimate`` on one clip after another.
    """

    def estimate_batch(
        self, audios: Sequence[Audio], centres: Sequence[NDArray[np.int64]]
    ) -> list[PitchFrames]:
        """Return for each clip what :meth:`estimate` returns of it alone.

        There is at least one; each has one channel, all have the same sample rate, but any lengths.
        """


class MixturePitchEstimator(PitchEstimator, Protocol):
    """A :class:`PitchEstimator` that tracks separated vocals better if it has the mixture too.

    The method is optional: without it, core calls ``estimate`` on the vocals.
    """

    def estimate_in_mixture(
        self, vocals: Audio, mixture: Audio, centres: NDArray[np.int64]
    ) -> PitchFrames:
        """Return f0, voicing and confidence of the vocals at ``centres``, as :meth:`estimate` does.

        Vocals and mixture have one channel each, and the same rate and length.
        """


class SupportsBring(Protocol):
    """A separator or pitch estimator that moves a whole song to its device.

    Without it, core passes windows that lie on the host. With it, a song stays on the device
    between operations.
    """

    def bring(self, audio: Audio) -> Audio:
        """Return ``audio`` on the device."""


class Voice(Protocol):
    """The part of a voice that a converter sees; :class:`~autovoice_core.VoiceProfile` is one."""

    @property
    def name(self) -> str:
        """Name of the voice."""

    @property
    def features(self) -> Mapping[str, NDArray[Any]]:
        """The features that :meth:`Converter.learn` returned for its recordings."""


class Conversion(Protocol):
    """The conversion of one song. Windows as for :class:`Separator`.

    Core passes every window of the song to :meth:`observe`, in order, and then to
    :meth:`render`, on the CPU by several threads if the converter has ``renders_in_parallel =
    True``. ``start`` is the position of the window's first sample in the song.
    """

    def observe(self, vocals: Audio, start: int) -> None:
        """Analyse a window of the source, for what depends on the whole of it."""

    def render(self, vocals: Audio, start: int) -> Audio:
        """Return the window in the target's voice, of the same shape and rate."""


class Converter(Protocol):
    """Converts a vocal line to the voice of a profile.

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
    """A :class:`Converter` that takes controls other than the key.

    ``controls`` names the keywords of :meth:`begin` that it takes, each of which is optional and
    passed only if it is not neutral. Core refuses all others. ``keeps`` is the default of
    ``keep``: the seconds of voiced sound that :meth:`learn` keeps of longer recordings.
    """

    controls: frozenset[str]
    keeps: float

    def learn(
        self, recordings: Iterable[tuple[Audio, PitchTrack]], *, keep: float = ...
    ) -> Mapping[str, NDArray[Any]]:
        """Return the reference features of a voice; ``keep`` replaces ``keeps``."""

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
            Semitones to shift the formants of the result by.
        strength
            Position between the source's timbre, 0, and the target's, 1.
        melody
            The pitch of the result before the key, voiced where ``pitch`` is; ``pitch`` by default.
        seed
            Seed of the noise of what is synthesised.
        """


class StreamingConverter(Converter, Protocol):
    """A :class:`Converter` that streams; its offer states a latency."""

    def stream(
        self,
        sample_rate: int,
        *,
        voice: Voice,
        key: float,
        singer: Voice | None = None,
    ) -> Stream[Audio]:
        """Return a new stream into ``voice``, whose output has the shape and rate of its input.

        ``singer`` is a profile of the singer, passed only if there is one; ``learnt`` is what an
        earlier stream of the singer has as an attribute of that name, passed only if it has. The
        controls of :class:`ControlledConverter` are taken here too, except ``melody``.
        """


T_co = TypeVar("T_co", covariant=True)


class Stream(Protocol[T_co]):
    """Processing of audio block by block.

    The output does not depend on the blocks' lengths, agrees with that of a whole file, and is
    complete ``latency`` seconds after the input that it describes.
    """

    latency: float

    def feed(self, block: Audio) -> T_co:
        """Take in a block of any length and return the output that is complete."""

    def flush(self) -> T_co:
        """Return the rest of the output and end the stream."""
