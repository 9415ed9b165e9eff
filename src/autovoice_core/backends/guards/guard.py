"""Stands between callers and implementations: checks what goes in and what comes out.

A fault of the caller is an :class:`InputError`, one of the backend a
:class:`ContractViolation`; whatever else goes wrong inside becomes a :class:`BackendError`
that says where.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from autovoice_core._arrays import Array, all_finite, as_numpy
from autovoice_core._errors import InputError
from autovoice_core._provenance import Provenance
from autovoice_core._style import Style
from autovoice_core._types import Audio, PitchFrames, PitchTrack
from autovoice_core.backends.controls import CONTROLS, honoured
from autovoice_core.backends.guards import inputs
from autovoice_core.backends.guards.base import Guard, WindowGuard
from autovoice_core.backends.guards.separator import GuardedSeparator
from autovoice_core.backends.guards.stream import GuardedStream

if TYPE_CHECKING:
    from autovoice_core.voices.profile import VoiceProfile


def guard(implementation: Any, provenance: Provenance, latency: float | None = None) -> Any:
    """Return ``implementation`` of ``provenance.operation`` under guard.

    ``latency`` is the one its offer states, None if it can't stream.

    Raises
    ------
    ContractViolation
        It lacks a part of the operation's protocol.
    """
    return _GUARDS[provenance.operation](implementation, provenance, latency=latency)


@frozen
class GuardedPitchEstimator(WindowGuard):
    """A :class:`~autovoice_core._protocols.PitchEstimator` under guard."""

    _methods: ClassVar[tuple[str, ...]] = ("grid", "estimate")

    def estimate(self, audio: Audio, centres: NDArray[np.int64]) -> PitchFrames:
        """Return f0, voicing and confidence at ``centres``, positions in the one channel."""
        inputs.check_audio("audio", audio, mono=True)
        inputs.check_centres(centres, audio.frames)
        with self.watch():
            frames = self.inner.estimate(self.near(audio), centres)
        return self._checked(frames, "estimate()", len(centres))

    def estimate_batch(
        self, audios: Sequence[Audio], centres: Sequence[NDArray[np.int64]]
    ) -> list[PitchFrames]:
        """Return what :meth:`estimate` gives of each clip, all at once if the backend can."""
        inputs.check_clips(audios, centres)
        if len(audios) < 2 or not callable(getattr(self.inner, "estimate_batch", None)):
            return [self.estimate(*clip) for clip in zip(audios, centres, strict=True)]
        with self.watch():
            clips = self.inner.estimate_batch([self.near(audio) for audio in audios], centres)
        if not isinstance(clips, list) or len(clips) != len(audios):
            raise self.violation(f"estimate_batch() returned no list of {len(audios)} PitchFrames")
        return [
            self._checked(frames, f"estimate_batch()[{i}]", len(centres[i]))
            for i, frames in enumerate(clips)
        ]

    def stream(self, sample_rate: int, *, hop: float) -> GuardedStream:
        """Return a stream that is fed blocks of one channel and gives :class:`PitchFrames`.

        Frame ``i`` of the stream lies at ``i * hop`` seconds, the nearest sample; there is one
        for every such sample from 0 to the number fed.
        """
        stream = self.inner_stream(sample_rate, hop=hop)
        return GuardedStream(stream, self.provenance, self._checked, sample_rate)

    def _checked(self, frames: Any, what: str, count: int | None = None) -> PitchFrames:
        if not isinstance(frames, PitchFrames):
            raise self.violation(f"{what} returned {type(frames).__name__}, not PitchFrames")
        if count is None:
            count = len(as_numpy(frames.f0)) if isinstance(frames.f0, Array) else 0
        f0 = self.checked_track(frames.f0, "f0", np.float64, count)
        voiced = self.checked_track(frames.voiced, "voiced", np.bool_, count)
        confidence = self.checked_track(frames.confidence, "confidence", np.float32, count)
        if not all_finite(f0) or np.any(f0 < 0) or np.any((f0 > 0) != voiced):
            raise self.violation("f0 is not a frequency where voiced and 0 where unvoiced")
        if not np.all((confidence >= 0) & (confidence <= 1)):
            raise self.violation("confidence is outside 0 to 1")
        return frames


@frozen
class GuardedConverter(WindowGuard):
    """A :class:`~autovoice_core._protocols.Converter` under guard."""

    _methods: ClassVar[tuple[str, ...]] = ("grid", "learn", "begin")

    feature_id: str = field(init=False)
    """Name and version of the reference features it reads."""
    controls: frozenset[str] = field(init=False)
    """Which of :data:`~autovoice_core.backends.controls.CONTROLS` it takes."""

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        controls: Any = getattr(self.inner, "controls", frozenset())
        if not isinstance(controls, frozenset) or not controls <= CONTROLS.keys():
            raise self.violation(
                f"controls is {controls!r}, not a frozenset of some of {', '.join(CONTROLS)}"
            )
        object.__setattr__(self, "controls", controls)
        feature_id = getattr(self.inner, "feature_id", None)
        if not isinstance(feature_id, str) or not feature_id:
            raise self.violation(f"feature_id is {feature_id!r}, not a name such as 'mine/1'")
        object.__setattr__(self, "feature_id", feature_id)

    def learn(
        self, recordings: Iterable[tuple[Audio, PitchTrack]], *, keep: float | None = None
    ) -> dict[str, NDArray[Any]]:
        """Return the reference features of a voice, from mono recordings with their pitch.

        ``keep`` is how many seconds of voiced sound to keep; by default the backend's own choice.

        Raises
        ------
        InputError
            A recording can't be, or the backend can't choose what to keep.
        """
        if keep is not None and not hasattr(self.inner, "keeps"):
            raise InputError(
                f"keep: {self.provenance.backend} keeps what it needs of recordings; leave it out"
            )
        asked = {} if keep is None else {"keep": keep}
        stopped = None
        try:
            with self.watch():
                features = self.inner.learn(inputs.checked_recordings(recordings), **asked)
        except inputs.FeedStopped as signal:
            stopped = signal.cause
        if stopped is not None:
            raise stopped  # as the caller's own iterable raised it
        if not isinstance(features, Mapping):
            raise self.violation(f"learn() returned {type(features).__name__}, not a mapping")
        for name, value in features.items():
            if not isinstance(name, str):
                raise self.violation(f"the feature name {name!r} is not text")
            if not isinstance(value, np.ndarray):
                raise self.violation(f"feature {name!r} is {type(value).__name__}, not an ndarray")
            if value.dtype.kind not in "biuf":
                raise self.violation(f"feature {name!r} is of dtype {value.dtype}, not numbers")
            if not all_finite(value):
                raise self.violation(f"feature {name!r} holds NaN or infinity")
        return dict(features)

    def begin(
        self, voice: VoiceProfile, pitch: PitchTrack, sample_rate: int, *, key: float, **asked: Any
    ) -> GuardedConversion:
        """Begin a song: the whole song's ``pitch``, moved by ``key`` semitones.

        ``asked`` are :data:`~autovoice_core.backends.controls.CONTROLS` by their names.

        Raises
        ------
        InputError
            The pitch is no finite track, a control is out of range, or the backend lacks it.
        """
        inputs.check_pitch("pitch", pitch)
        told = self._told(key=key, **asked)
        with self.watch():
            conversion = self.inner.begin(voice, pitch, sample_rate, **told)
        return GuardedConversion(conversion, self.provenance, pitch.made_by)

    def stream(
        self,
        sample_rate: int,
        *,
        voice: VoiceProfile,
        key: float,
        singer: VoiceProfile | None = None,
        **asked: Any,
    ) -> GuardedStream:
        """Return a stream that is fed blocks of vocals and gives :class:`Audio`.

        ``singer`` is the profile of who sings, if there is one; ``asked`` is as for
        :meth:`begin`, but for ``melody``, which needs the whole song.
        """
        told = self._told(key=key, **asked)
        if singer is not None:
            told["singer"] = singer
        stream = self.inner_stream(sample_rate, voice=voice, **told)
        return GuardedStream(stream, self.provenance, self._checked_piece, sample_rate)

    def _told(self, *, key: float, **asked: Any) -> dict[str, Any]:
        checked = Style(key=float(key))
        return {
            "key": checked.key,
            **honoured(asked, self.controls, self.provenance.backend),
        }

    def _checked_piece(self, piece: Any, what: str) -> Audio:
        if not isinstance(piece, Audio):
            raise self.violation(f"{what} returned {type(piece).__name__}, not Audio")
        return evolve(self.checked_audio(piece, what, piece), made_by=(self.provenance,))


@frozen
class GuardedConversion(Guard):
    """A :class:`~autovoice_core._protocols.Conversion` under guard."""

    _methods: ClassVar[tuple[str, ...]] = ("observe", "render")

    pitch_made_by: tuple[Provenance, ...]

    def observe(self, vocals: Audio, start: int) -> None:
        """Take in a window of the source, to learn what holds for the whole of it."""
        inputs.check_audio("vocals", vocals)
        with self.watch():
            self.inner.observe(self.near(vocals), start)

    def render(self, vocals: Audio, start: int) -> Audio:
        """Return the window sung in the target's voice, of the same shape and rate."""
        inputs.check_audio("vocals", vocals)
        with self.watch():
            result = self.inner.render(self.near(vocals), start)
        audio = self.checked_audio(result, "the converted window", vocals)
        made_by = dict.fromkeys((*vocals.made_by, *self.pitch_made_by, self.provenance))
        return evolve(audio, made_by=tuple(made_by))


_GUARDS: dict[str, type[WindowGuard]] = {
    "separation": GuardedSeparator,
    "pitch": GuardedPitchEstimator,
    "conversion": GuardedConverter,
}
