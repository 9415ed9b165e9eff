"""Stands between callers and implementations: checks what goes in and what comes out.

A fault of the caller is an :class:`InputError`, one of the backend a
:class:`ContractViolation`; whatever else goes wrong inside becomes a :class:`BackendError`
that says where.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from autovoice_core._types import Audio, PitchFrames, PitchTrack, Provenance, Stems
from autovoice_core.backends import inputs
from autovoice_core.backends.inputs import all_finite, peak
from autovoice_core.backends.watching import Guard, WindowGuard

if TYPE_CHECKING:
    from autovoice_core.voices.profile import VoiceProfile

SUM_TOLERANCE = 1e-4
"""How far the stems' sum may lie from the mixture, in parts of full scale."""


def guard(implementation: Any, provenance: Provenance) -> Any:
    """Return ``implementation`` of ``provenance.operation`` under guard.

    Raises
    ------
    ContractViolation
        It lacks a part of the operation's protocol.
    """
    return _GUARDS[provenance.operation](implementation, provenance)


@frozen
class GuardedSeparator(WindowGuard):
    """A :class:`~autovoice_core._types.Separator` under guard."""

    _methods: ClassVar[tuple[str, ...]] = ("grid", "separate")

    def separate(self, mixture: Audio) -> Stems:
        """Return stems of the mixture's shape and rate that add up to it."""
        inputs.check_audio("mixture", mixture)
        with self.watch():
            stems = self.inner.separate(mixture)
        if not isinstance(stems, Stems):
            raise self.violation(f"separate() returned {type(stems).__name__}, not Stems")
        vocals = self.checked_audio(stems.vocals, "vocals", mixture)
        accompaniment = self.checked_audio(stems.accompaniment, "accompaniment", mixture)
        whole = mixture.numpy()
        with np.errstate(over="ignore"):
            error = peak(whole - vocals.numpy() - accompaniment.numpy())
        if error > SUM_TOLERANCE * max(1.0, peak(whole)):
            raise self.violation(
                f"vocals and accompaniment add up to something {error:.2g} off the mixture"
            )
        made_by = (*mixture.made_by, self.provenance)
        return Stems(evolve(vocals, made_by=made_by), evolve(accompaniment, made_by=made_by))


@frozen
class GuardedPitchEstimator(WindowGuard):
    """A :class:`~autovoice_core._types.PitchEstimator` under guard."""

    _methods: ClassVar[tuple[str, ...]] = ("grid", "estimate")

    def estimate(self, audio: Audio, centres: NDArray[np.int64]) -> PitchFrames:
        """Return f0, voicing and confidence at ``centres``, positions in the one channel."""
        inputs.check_audio("audio", audio, mono=True)
        inputs.check_centres(centres, audio.frames)
        with self.watch():
            frames = self.inner.estimate(audio, centres)
        if not isinstance(frames, PitchFrames):
            raise self.violation(f"estimate() returned {type(frames).__name__}, not PitchFrames")
        count = len(centres)
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
    """A :class:`~autovoice_core._types.Converter` under guard."""

    _methods: ClassVar[tuple[str, ...]] = ("grid", "learn", "begin")

    feature_id: str = field(init=False)
    """Name and version of the reference features it reads."""

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        feature_id = getattr(self.inner, "feature_id", None)
        if not isinstance(feature_id, str) or not feature_id:
            raise self.violation(f"feature_id is {feature_id!r}, not a name such as 'mine/1'")
        object.__setattr__(self, "feature_id", feature_id)

    def learn(self, recordings: Iterable[tuple[Audio, PitchTrack]]) -> dict[str, NDArray[Any]]:
        """Return the reference features of a voice, from mono recordings with their pitch."""
        stopped = None
        try:
            with self.watch():
                features = self.inner.learn(inputs.checked_recordings(recordings))
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
        self, voice: VoiceProfile, pitch: PitchTrack, sample_rate: int, *, key: float
    ) -> GuardedConversion:
        """Begin a song: the whole song's ``pitch``, moved by ``key`` semitones."""
        inputs.check_key(key)
        inputs.check_pitch("pitch", pitch)
        with self.watch():
            conversion = self.inner.begin(voice, pitch, sample_rate, key=key)
        return GuardedConversion(conversion, self.provenance, pitch.made_by)


@frozen
class GuardedConversion(Guard):
    """A :class:`~autovoice_core._types.Conversion` under guard."""

    _methods: ClassVar[tuple[str, ...]] = ("observe", "render")

    pitch_made_by: tuple[Provenance, ...]

    def observe(self, vocals: Audio, start: int) -> None:
        """Take in a window of the source, to learn what holds for the whole of it."""
        inputs.check_audio("vocals", vocals)
        with self.watch():
            self.inner.observe(vocals, start)

    def render(self, vocals: Audio, start: int) -> Audio:
        """Return the window sung in the target's voice, of the same shape and rate."""
        inputs.check_audio("vocals", vocals)
        with self.watch():
            result = self.inner.render(vocals, start)
        audio = self.checked_audio(result, "the converted window", vocals)
        made_by = dict.fromkeys((*vocals.made_by, *self.pitch_made_by, self.provenance))
        return evolve(audio, made_by=tuple(made_by))


_GUARDS: dict[str, type[Guard]] = {
    "separation": GuardedSeparator,
    "pitch": GuardedPitchEstimator,
    "conversion": GuardedConverter,
}
