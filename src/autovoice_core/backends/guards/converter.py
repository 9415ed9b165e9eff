"""The guards of converters and of their conversions: controls, features and converted audio."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import numpy as np
from attrs import evolve, field, frozen
from numpy.typing import NDArray

from autovoice_core._arrays import all_finite
from autovoice_core._errors import ArgumentError
from autovoice_core._printable import quoted
from autovoice_core._provenance import Provenance
from autovoice_core._style import Style
from autovoice_core._types import Audio, PitchTrack, as_sample_rate
from autovoice_core.backends.controls import CONTROLS, check_declared
from autovoice_core.backends.fields import as_plain
from autovoice_core.backends.guards import inputs
from autovoice_core.backends.guards.base import Guard
from autovoice_core.backends.guards.handed import handed_voice, read_only_track
from autovoice_core.backends.guards.stream import GuardedStream
from autovoice_core.backends.guards.window import WindowGuard
from autovoice_core.protocols import Voice

OWN_PACKAGE = "autovoice_core"


@frozen
class GuardedConverter(WindowGuard):
    """A guarded :class:`~autovoice_core.protocols.Converter`."""

    _methods: ClassVar[tuple[str, ...]] = ("grid", "learn", "begin")

    feature_id: str = field(init=False)
    """Name and version of the reference features it reads, :func:`namespaced`."""
    controls: frozenset[str] = field(init=False)
    """Those of :data:`~autovoice_core.backends.controls.CONTROLS` that it takes."""

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        controls: Any = self.attribute("controls", frozenset())
        feature_id = as_plain(self.attribute("feature_id"))
        with self.attributing_errors():
            if not isinstance(controls, frozenset) or not controls <= CONTROLS.keys():
                known = ", ".join(CONTROLS)
                fault = f"controls is {quoted(controls)}, not a frozenset of some of {known}"
                raise self.violation(fault)
            object.__setattr__(self, "controls", controls)
            if type(feature_id) is not str or not feature_id:
                fault = f"feature_id is {quoted(feature_id)}, not a name such as 'mine/1'"
                raise self.violation(fault)
            object.__setattr__(self, "feature_id", namespaced(feature_id, self.inner))

    def learn(
        self, recordings: Iterable[tuple[Audio, PitchTrack]], *, keep: float | None = None
    ) -> dict[str, NDArray[Any]]:
        """Return the reference features of a voice, from mono recordings with their pitch.

        ``keep`` is the seconds of voiced sound to keep, by default the backend's own choice.

        Raises
        ------
        InputError
            A recording is invalid, or the backend does not take ``keep``.
        """
        if keep is not None and not hasattr(self.inner, "keeps"):
            raise ArgumentError(
                f"keep: {self.provenance.backend} chooses what it keeps of recordings; omit it"
            )
        options = {} if keep is None else {"keep": keep}
        raised = None
        try:
            with self.calling("learn", quick=True):
                features = self.inner.learn(inputs.checked_recordings(recordings), **options)
        except inputs.RecordingsRaised as signal:
            raised = signal.cause
        if raised is not None:
            raise raised  # as the caller's own iterable raised it
        with self.attributing_errors():
            return self._checked_features(features)

    def _checked_features(self, features: Any) -> dict[str, NDArray[Any]]:
        if not isinstance(features, Mapping):
            raise self.violation(f"learn() returned {type(features).__name__}, not a mapping")
        for name, value in features.items():
            if not isinstance(name, str):
                raise self.violation(f"the feature name {quoted(name)} is not text")
            if not isinstance(value, np.ndarray):
                raise self.violation(f"feature {name!r} is {type(value).__name__}, not an ndarray")
            if value.dtype.kind not in "biuf":
                raise self.violation(f"feature {name!r} is of dtype {value.dtype}, not numbers")
            if not all_finite(value):
                raise self.violation(f"feature {name!r} holds NaN or infinity")
        return dict(features)

    def begin(
        self, voice: Voice, pitch: PitchTrack, sample_rate: int, *, key: float, **controls: Any
    ) -> GuardedConversion:
        """Begin a song: the whole song's ``pitch``, moved by ``key`` semitones.

        ``controls`` are :data:`~autovoice_core.backends.controls.CONTROLS` by name.

        Raises
        ------
        InputError
            The pitch is not a finite track, a control is out of range, or the backend lacks it.
        """
        inputs.check_pitch("pitch", pitch)
        options = self._checked_options(key, controls)
        handed, track = handed_voice(voice, self.feature_id), read_only_track(pitch)
        with self.calling("begin"):
            conversion = self.inner.begin(handed, track, sample_rate, **options)
        return GuardedConversion(
            conversion, self.provenance, pitch.made_by, self.renders_in_parallel
        )

    @property
    def renders_in_parallel(self) -> bool:
        """Whether several windows of a conversion may be rendered at once, a thread each."""
        return self.attribute("renders_in_parallel", False) is True

    def stream(
        self,
        sample_rate: int,
        *,
        voice: Voice,
        key: float,
        singer: Voice | None = None,
        after: GuardedStream | None = None,
        **controls: Any,
    ) -> GuardedStream:
        """Return a stream that is fed blocks of vocals and gives :class:`Audio`.

        ``singer`` is the profile of the singer, if there is one, and ``after`` an earlier stream
        of the singer; ``controls`` are those of :meth:`begin` except ``melody``, which needs the
        whole song.
        """
        options = self._checked_options(key, controls)
        if singer is not None:
            options["singer"] = handed_voice(singer, self.feature_id)
        if after is not None and (learnt := self._learnt(after)) is not None:
            options["learnt"] = learnt
        sample_rate = as_sample_rate(sample_rate)
        stream = self.inner_stream(
            sample_rate, voice=handed_voice(voice, self.feature_id), **options
        )
        return GuardedStream(stream, self.provenance, self._checked_block, sample_rate)

    def _learnt(self, after: GuardedStream) -> Any:
        """Return what a stream has learnt of its singer, or None if this backend keeps nothing."""
        if not isinstance(after, GuardedStream) or after.provenance != self.provenance:
            raise ArgumentError(
                f"after: {after!r} is not a stream of {self.provenance.backend}; give one that "
                "the same converter opened, or omit it"
            )
        return after.attribute("learnt")

    def _checked_options(self, key: float, controls: Mapping[str, Any]) -> dict[str, Any]:
        checked = Style(key=float(key))
        return {
            "key": checked.key,
            **checked_controls(controls, self.controls, self.provenance.backend),
        }

    def _checked_block(self, block: Any, what: str) -> Audio:
        if not isinstance(block, Audio):
            raise self.violation(f"{what} returned {type(block).__name__}, not Audio")
        return evolve(self.checked_audio(block, what, block), made_by=(self.provenance,))


@frozen
class GuardedConversion(Guard):
    """A guarded :class:`~autovoice_core.protocols.Conversion`."""

    _methods: ClassVar[tuple[str, ...]] = ("observe", "render")

    pitch_made_by: tuple[Provenance, ...]
    renders_in_parallel: bool = False

    def observe(self, vocals: Audio, start: int) -> None:
        """Analyse a window of the source, for what depends on the whole of it."""
        inputs.check_audio("vocals", vocals)
        with self.calling("observe"):
            self.inner.observe(self.as_backend_input(vocals), start)

    def render(self, vocals: Audio, start: int) -> Audio:
        """Return the window in the target's voice, of the same shape and rate."""
        inputs.check_audio("vocals", vocals)
        with self.calling("render"):
            result = self.inner.render(self.as_backend_input(vocals), start)
            audio = self.checked_audio(result, "the converted window", vocals)
        made_by = dict.fromkeys((*vocals.made_by, *self.pitch_made_by, self.provenance))
        return evolve(audio, made_by=tuple(made_by))


def checked_controls(
    controls: Mapping[str, Any], declared: frozenset[str], backend: str
) -> dict[str, Any]:
    """Return those of ``controls`` that are not neutral, to hand to a converter.

    Raises
    ------
    InputError
        A value is out of range, or not neutral while the control is not among ``declared``.
    """
    Style(**{name: value for name, value in controls.items() if name != "melody"})
    if controls.get("melody") is not None:
        inputs.check_pitch("melody", controls["melody"])
    effective = {name: value for name, value in controls.items() if value != CONTROLS[name].neutral}
    check_declared(effective, declared, backend)
    if "melody" in effective:
        effective["melody"] = read_only_track(effective["melody"])
    return effective


def namespaced(feature_id: str, implementation: Any) -> str:
    """Return a ``feature_id`` led by the package that defines it: ``"mine/1"``, ``"mine/pca/2"``.

    So two packages never take each other's features for their own. Those of core's own algorithm
    have no such lead, whichever plugin runs it, and all its plugins share a voice.
    """
    owner = next(
        (kind for kind in type(implementation).__mro__ if "feature_id" in vars(kind)),
        type(implementation),
    )
    package = owner.__module__.partition(".")[0]
    if package == OWN_PACKAGE or feature_id.startswith(f"{package}/"):
        return feature_id
    # Ours are named as their plugins are: "rvc/2" of autovoice_rvc.
    return f"{package.removeprefix('autovoice_')}/{feature_id}"
