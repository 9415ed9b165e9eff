"""The protocols of converters, and of what they are handed and return."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from numpy.typing import NDArray

from autovoice_core._types import Audio, PitchTrack
from autovoice_core.protocols.stream import Stream


class Voice(Protocol):
    """The part of a voice that a converter sees."""

    @property
    def name(self) -> str:
        """Name of the voice."""

    @property
    def features(self) -> Mapping[str, NDArray[Any]]:
        """The features that :meth:`Converter.learn` returned for its recordings."""


class Conversion(Protocol):
    """The conversion of one song, whose windows overlap as for :class:`Separator`.

    Core passes every window of the song to :meth:`observe`, in order, and then every window to
    :meth:`render`. ``start`` is the position of the window's first sample in the song, a multiple
    of the grid. The windows of the two passes may differ in length, and where memory runs out
    under a limit, a window comes again, in shorter ones.
    """

    def observe(self, vocals: Audio, start: int) -> None:
        """Analyse a window of the source, for what depends on the whole of it.

        The overlap with the window before comes twice: count it once.
        """

    def render(self, vocals: Audio, start: int) -> Audio:
        """Return the window in the target's voice, of the same shape and rate.

        The result is the same whatever was rendered before: a window may repeat, and with
        ``renders_in_parallel = True`` on the CPU windows come in any order, a thread each. If the
        key is not 0, what is not sung in them was shifted already.
        """


class Converter(Protocol):
    """Converts a vocal line to the voice of a profile.

    ``feature_id`` names the reference features it reads and their version, e.g. ``"pca/2"``. Core
    puts the package that defines it in front, ``"mine/pca/2"``, so it need only be unique there;
    raise the version whenever features change. A profile that holds no such features is refused
    before :meth:`begin`, and one that lacks a feature by the error of reading it.
    """

    context: float
    feature_id: str

    def grid(self, sample_rate: int) -> int:
        """Return the number of samples of whose multiples windows must begin."""

    def learn(self, recordings: Iterable[tuple[Audio, PitchTrack]]) -> Mapping[str, NDArray[Any]]:
        """Return the reference features of a voice: arrays of numbers by name, all finite.

        A converter whose voices are all trained elsewhere raises
        :class:`~autovoice_core.InputError` instead, says so by an attribute ``learns = False``,
        and its offer names a ``voice_reader``.

        Parameters
        ----------
        recordings
            Stretches of at most 30 s around what is voiced, with one channel each and the rate of
            their file, in order and once. A pitch is that of its stretch alone, and begins at 0.
        """

    def begin(self, voice: Voice, pitch: PitchTrack, sample_rate: int, *, key: float) -> Conversion:
        """Begin a song.

        Parameters
        ----------
        voice
            Name and features, the latter as :meth:`learn` returned them.
        pitch
            That of the whole song as it is sung, before the key; any hop and start.
        sample_rate
            Of all windows, Hz.
        key
            Semitones by which the result is to be higher than ``pitch``.
        """


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
