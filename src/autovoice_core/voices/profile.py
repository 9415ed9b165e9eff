"""``VoiceProfile``: a voice to convert into, with its consent and provenance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from attrs import cmp_using, evolve, field, frozen
from numpy.typing import NDArray

from autovoice_core._errors import InputError
from autovoice_core._provenance import Provenance
from autovoice_core._style import Style
from autovoice_core._types import Progress
from autovoice_core.backends.settings import Value
from autovoice_core.voices import limits
from autovoice_core.voices.coverage import Coverage
from autovoice_core.voices.from_files import FromFiles
from autovoice_core.voices.names import clean_name
from autovoice_core.voices.profile_values import (
    checked_features,
    checked_made_by,
    checked_more,
    checked_range,
    checked_recordings,
    checked_settings,
    instance_of,
    same_features,
    same_sets,
)
from autovoice_core.voices.records import Embedding, F0Range, Recording

if TYPE_CHECKING:
    from autovoice_core.audio.reading import SoundInput
    from autovoice_core.backends.need import Need

FORMAT_VERSION = 3
"""Version of the profile format; a reader refuses a newer one."""


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@frozen(repr=False)
class VoiceProfile(FromFiles):
    """A voice to convert into; see :meth:`from_recordings`. Profiles are equal if all values are.

    Attributes
    ----------
    name
        Any Unicode, normalised to NFC, without spaces around it.
    features
        The reference features of a converter: arrays of bool, integers or finite floats.
    feature_id
        The kind of the features and its version, e.g. ``"retrieval/1"``.
    more_features
        The reference features of further converters, by their ``feature_id``; made of the same
        recordings by :meth:`learn`.
    f0_range
        The 5th, 50th and 95th percentile of the voice's f0, Hz.
    loudness
        Integrated loudness of the recordings without their silences, LUFS (BS.1770).
    voiced_seconds
        How much of the recordings is voiced, seconds.
    recordings
        The recordings it was made from; one given twice is listed once.
    consent, provenance
        Free text: who agreed to what, and where the recordings come from.
    made_by
        The operations that made it.
    embedding
        The speaker embedding; None in profiles of earlier versions made without an encoder.
    heard
        The notes, dynamics and noise of the recordings; None in profiles of format 1, and of voices
        that were trained elsewhere.
    style
        The default style of conversions into this voice.
    settings
        Settings of converters for this voice, by the full names of backends.
    created
        When it was made, UTC, ISO 8601.
    format_version
        Version of the profile format.

    Raises
    ------
    InputError
        A value is out of range, or of the wrong type.
    """

    name: str = field(converter=clean_name)
    features: Mapping[str, NDArray[Any]] = field(
        converter=checked_features, eq=cmp_using(eq=same_features), hash=False
    )
    feature_id: str = field(validator=limits.is_feature_id)
    f0_range: F0Range = field(converter=checked_range)
    loudness: float = field(converter=limits.as_float, validator=limits.is_loudness)
    voiced_seconds: float = field(converter=limits.as_float, validator=limits.is_duration)
    recordings: tuple[Recording, ...] = field(converter=checked_recordings)
    consent: str = field(default="", validator=limits.is_text)
    provenance: str = field(default="", validator=limits.is_text)
    made_by: tuple[Provenance, ...] = field(default=(), converter=checked_made_by)
    embedding: Embedding | None = field(
        default=None, validator=instance_of(Embedding, optional=True)
    )
    heard: Coverage | None = field(default=None, validator=instance_of(Coverage, optional=True))
    style: Style = field(factory=Style, validator=instance_of(Style))
    more_features: Mapping[str, Mapping[str, NDArray[Any]]] = field(
        factory=dict, converter=checked_more, eq=cmp_using(eq=same_sets), hash=False
    )
    settings: Mapping[str, Mapping[str, Value]] = field(
        factory=dict, converter=checked_settings, hash=False
    )
    created: str = field(factory=_now, validator=limits.is_date)
    format_version: int = field(default=FORMAT_VERSION, init=False)

    def __repr__(self) -> str:
        low, _, high = self.f0_range
        heard = f"{self.voiced_seconds:.0f} s voiced, {low:.0f} to {high:.0f} Hz"
        return f"VoiceProfile({self.name!r}, {heard}, {', '.join(self.feature_ids)})"

    @property
    def feature_ids(self) -> tuple[str, ...]:
        """The ``feature_id`` of each set of features that it holds."""
        return (self.feature_id, *self.more_features)

    def features_of(self, feature_id: str) -> Mapping[str, NDArray[Any]]:
        """Return the features of that kind.

        Raises
        ------
        InputError
            The profile has none.
        """
        if feature_id == self.feature_id:
            return self.features
        if feature_id not in self.more_features:
            raise InputError(
                f"{self.name!r} holds features of {', '.join(self.feature_ids)}, not of "
                f"{feature_id}; {self.remedy}"
            )
        return self.more_features[feature_id]

    @property
    def remedy(self) -> str:
        """Advice for who wants to convert by a converter that reads other features."""
        from autovoice_core.voices.remedies import remedy_of

        return remedy_of(self.feature_ids, learnable=bool(self.recordings))

    @property
    def missing(self) -> tuple[str, ...]:
        """What more recordings should add, a sentence each; empty if that isn't known."""
        return () if self.heard is None else tuple(self.heard.missing())

    def learn(
        self,
        recordings: Iterable[SoundInput] | SoundInput,
        *,
        need: Need | None = None,
        progress: Progress | None = None,
        keep: float | None = None,
    ) -> VoiceProfile:
        """Return the profile with the features of one more converter.

        Parameters
        ----------
        recordings
            Those that the profile was made from, all of them.
        need, progress, keep
            As for :meth:`from_recordings`; ``need`` or ``using(conversion=...)`` chooses the
            converter that learns.

        Raises
        ------
        InputError
            The recordings are others than those that the profile was made from, or can't be
            read.
        """
        from autovoice_core.voices.learning import learn
        from autovoice_core.voices.recordings import same_recordings

        files = same_recordings(self.name, self.recordings, recordings)
        return self.with_features(*learn(files, need=need, progress=progress, keep=keep))

    def with_features(
        self,
        feature_id: str,
        features: Mapping[str, NDArray[Any]],
        made_by: Iterable[Provenance] = (),
    ) -> VoiceProfile:
        """Return the profile with these features in place of those of that kind, or added."""
        made = tuple(dict.fromkeys((*self.made_by, *made_by)))
        if feature_id == self.feature_id:
            return evolve(self, features=features, made_by=made)
        more = {**self.more_features, feature_id: features}
        return evolve(self, more_features=more, made_by=made)
