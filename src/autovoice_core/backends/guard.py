"""Stands between callers and implementations: checks what goes in and what comes out.

A fault of the caller is an :class:`InputError`, one of the backend a
:class:`ContractViolation`; whatever else goes wrong inside becomes a :class:`BackendError`
that says where.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from autovoice_core import _types
from autovoice_core._arrays import Array, as_numpy, device_name
from autovoice_core._errors import (
    AutoVoiceError,
    BackendError,
    ContractViolation,
    DeviceMismatch,
    InputError,
)
from autovoice_core._types import Audio, PitchFrames, PitchTrack, Provenance, Stems
from autovoice_core.backends import inputs
from autovoice_core.backends.host import FASTEST_FIRST
from autovoice_core.backends.inputs import all_finite, peak
from autovoice_core.backends.wording import described

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
class _Guard:
    """What the guards share: one backend, and how its faults are reported."""

    inner: Any
    provenance: Provenance
    """What results are stamped with."""

    _methods: ClassVar[tuple[str, ...]] = ()

    def __attrs_post_init__(self) -> None:
        for name in self._methods:
            if not callable(getattr(self.inner, name, None)):
                raise self._violation(f"{type(self.inner).__name__} has no method {name}()")

    def _violation(self, fault: str) -> ContractViolation:
        return ContractViolation(f"{self._who} broke its contract: {fault}")

    @property
    def _who(self) -> str:
        made_by = self.provenance
        return f"{made_by.backend} ({made_by.distribution}) on {made_by.device}"

    @contextmanager
    def _watch(self) -> Iterator[None]:
        """Turn what is raised inside into the error that says whose fault it is."""
        try:
            yield
        except InputError as error:
            if not _raised_by_types(error):
                raise
            # What went in was checked, so this is a result that the backend made up.
            raise self._violation(f"it made a result that can't be: {error}") from error
        except AutoVoiceError:
            raise
        except Exception as error:
            remedy = "; free memory or use another device" if isinstance(error, MemoryError) else ""
            raise BackendError(
                f"{self._who} failed at {self.provenance.operation}: {described(error)}{remedy}",
                self.provenance,
            ) from error

    def _check_device(self, array: Array, what: str) -> None:
        promised, found = self.provenance.device, device_name(array)
        # DLPack has no name for every kind of device that a plugin may bring.
        if promised in FASTEST_FIRST and found != promised:
            raise DeviceMismatch(
                f"{self._who} broke its contract: {what} is on {found}, not on {promised}"
            )

    def _checked_audio(self, result: Any, what: str, like: Audio) -> Audio:
        if not isinstance(result, Audio):
            raise self._violation(f"{what} is {type(result).__name__}, not Audio")
        self._check_device(result.samples, what)
        if result.sample_rate != like.sample_rate:
            raise self._violation(f"{what} has {result.sample_rate} Hz, not {like.sample_rate} Hz")
        samples, shape = result.numpy(), like.numpy().shape
        if samples.shape != shape:
            raise self._violation(f"{what} has shape {samples.shape}, not {shape}")
        if not all_finite(samples):
            raise self._violation(f"{what} holds NaN or infinity")
        return result

    def _checked_track(self, array: Any, what: str, dtype: Any, count: int) -> NDArray[Any]:
        if not isinstance(array, Array):
            raise self._violation(f"{what} is {type(array).__name__}, not an array with __dlpack__")
        self._check_device(array, what)
        values = as_numpy(array)
        if values.dtype != dtype or values.shape != (count,):
            raise self._violation(
                f"{what} is {values.dtype} of shape {values.shape}, "
                f"not {np.dtype(dtype)} of shape {(count,)}"
            )
        return values


@frozen
class _Windowed(_Guard):
    """A guard of what is applied to windows of a long file."""

    context: float = field(init=False)
    """Seconds from an edge within which a result is not used."""

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        context = getattr(self.inner, "context", None)
        if not isinstance(context, int | float) or not 0 <= context < float("inf"):
            raise self._violation(f"context is {context!r}, not a number of seconds")
        object.__setattr__(self, "context", float(context))

    def grid(self, sample_rate: int) -> int:
        """Return the number of samples of whose multiples windows must begin."""
        with self._watch():
            grid = self.inner.grid(sample_rate)
        if not isinstance(grid, int | np.integer) or grid < 1:
            raise self._violation(f"grid({sample_rate}) returned {grid!r}, not a count of samples")
        return int(grid)


@frozen
class GuardedSeparator(_Windowed):
    """A :class:`~autovoice_core._types.Separator` under guard."""

    _methods: ClassVar[tuple[str, ...]] = ("grid", "separate")

    def separate(self, mixture: Audio) -> Stems:
        """Return stems of the mixture's shape and rate that add up to it."""
        inputs.check_audio("mixture", mixture)
        with self._watch():
            stems = self.inner.separate(mixture)
        if not isinstance(stems, Stems):
            raise self._violation(f"separate() returned {type(stems).__name__}, not Stems")
        vocals = self._checked_audio(stems.vocals, "vocals", mixture)
        accompaniment = self._checked_audio(stems.accompaniment, "accompaniment", mixture)
        whole = mixture.numpy()
        error = peak(whole - vocals.numpy() - accompaniment.numpy())
        if error > SUM_TOLERANCE * max(1.0, peak(whole)):
            raise self._violation(
                f"vocals and accompaniment add up to something {error:.2g} off the mixture"
            )
        made_by = (*mixture.made_by, self.provenance)
        return Stems(evolve(vocals, made_by=made_by), evolve(accompaniment, made_by=made_by))


@frozen
class GuardedPitchEstimator(_Windowed):
    """A :class:`~autovoice_core._types.PitchEstimator` under guard."""

    _methods: ClassVar[tuple[str, ...]] = ("grid", "estimate")

    def estimate(self, audio: Audio, centres: NDArray[np.int64]) -> PitchFrames:
        """Return f0, voicing and confidence at ``centres``, positions in the one channel."""
        inputs.check_audio("audio", audio, mono=True)
        inputs.check_centres(centres, audio.frames)
        with self._watch():
            frames = self.inner.estimate(audio, centres)
        if not isinstance(frames, PitchFrames):
            raise self._violation(f"estimate() returned {type(frames).__name__}, not PitchFrames")
        count = len(centres)
        f0 = self._checked_track(frames.f0, "f0", np.float64, count)
        voiced = self._checked_track(frames.voiced, "voiced", np.bool_, count)
        confidence = self._checked_track(frames.confidence, "confidence", np.float32, count)
        if not all_finite(f0) or np.any(f0 < 0) or np.any((f0 > 0) != voiced):
            raise self._violation("f0 is not a frequency where voiced and 0 where unvoiced")
        if not np.all((confidence >= 0) & (confidence <= 1)):
            raise self._violation("confidence is outside 0 to 1")
        return frames


@frozen
class GuardedConverter(_Windowed):
    """A :class:`~autovoice_core._types.Converter` under guard."""

    _methods: ClassVar[tuple[str, ...]] = ("grid", "learn", "begin")

    feature_id: str = field(init=False)
    """Name and version of the reference features it reads."""

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        feature_id = getattr(self.inner, "feature_id", None)
        if not isinstance(feature_id, str) or not feature_id:
            raise self._violation(f"feature_id is {feature_id!r}, not a name such as 'mine/1'")
        object.__setattr__(self, "feature_id", feature_id)

    def learn(self, recordings: Iterable[tuple[Audio, PitchTrack]]) -> dict[str, NDArray[Any]]:
        """Return the reference features of a voice, from mono recordings with their pitch."""
        try:
            with self._watch():
                features = self.inner.learn(inputs.checked_recordings(recordings))
        except inputs.FeedStopped as stopped:
            raise stopped.cause from None
        if not isinstance(features, Mapping):
            raise self._violation(f"learn() returned {type(features).__name__}, not a mapping")
        for name, value in features.items():
            if not isinstance(name, str) or not isinstance(value, np.ndarray):
                raise self._violation(f"feature {name!r} is {type(value).__name__}, not an ndarray")
            if value.dtype.kind not in "biuf":
                raise self._violation(f"feature {name!r} is of dtype {value.dtype}, not numbers")
            if not all_finite(value):
                raise self._violation(f"feature {name!r} holds NaN or infinity")
        return dict(features)

    def begin(
        self, voice: VoiceProfile, pitch: PitchTrack, sample_rate: int, *, key: float
    ) -> GuardedConversion:
        """Begin a song: the whole song's ``pitch``, moved by ``key`` semitones."""
        inputs.check_key(key)
        inputs.check_pitch("pitch", pitch)
        with self._watch():
            conversion = self.inner.begin(voice, pitch, sample_rate, key=key)
        return GuardedConversion(conversion, self.provenance, pitch.made_by)


@frozen
class GuardedConversion(_Guard):
    """A :class:`~autovoice_core._types.Conversion` under guard."""

    _methods: ClassVar[tuple[str, ...]] = ("observe", "render")

    pitch_made_by: tuple[Provenance, ...]

    def observe(self, vocals: Audio, start: int) -> None:
        """Take in a window of the source, to learn what holds for the whole of it."""
        inputs.check_audio("vocals", vocals)
        with self._watch():
            self.inner.observe(vocals, start)

    def render(self, vocals: Audio, start: int) -> Audio:
        """Return the window sung in the target's voice, of the same shape and rate."""
        inputs.check_audio("vocals", vocals)
        with self._watch():
            result = self.inner.render(vocals, start)
        audio = self._checked_audio(result, "the converted window", vocals)
        made_by = dict.fromkeys((*vocals.made_by, *self.pitch_made_by, self.provenance))
        return evolve(audio, made_by=tuple(made_by))


_GUARDS: dict[str, type[_Guard]] = {
    "separation": GuardedSeparator,
    "pitch": GuardedPitchEstimator,
    "conversion": GuardedConverter,
}


def _raised_by_types(error: BaseException) -> bool:
    """Whether an error comes from the construction of one of core's own types."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and trace.tb_frame.f_globals.get("__name__") == _types.__name__
