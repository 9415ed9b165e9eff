"""``VoiceProfile``: a voice to convert into, with its consent and provenance."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import Attribute, cmp_using, field, frozen
from numpy.typing import NDArray

from autovoice_core._arguments import as_instance, as_made_by, describe, is_number, plain_number
from autovoice_core._errors import InputError
from autovoice_core._provenance import Provenance
from autovoice_core._style import Style
from autovoice_core._types import Progress
from autovoice_core.voices.coverage import Coverage
from autovoice_core.voices.names import clean_name
from autovoice_core.voices.records import Embedding, F0Range, Recording, is_text

if TYPE_CHECKING:
    from autovoice_core.audio.reading import SoundInput
    from autovoice_core.backends.need import Need

FORMAT_VERSION = 2
"""Version of the profile format; a reader refuses a newer one."""


def _checked_features(features: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    if not isinstance(features, Mapping):
        raise InputError(f"features: {describe(features)} is not a mapping from names to arrays")
    for name, values in features.items():
        as_instance(f"features[{name!r}]", values, np.ndarray, "give an array of NumPy")
        if values.dtype.kind not in "biuf" or values.dtype.itemsize > 8:
            raise InputError(
                f"features[{name!r}]: dtype {values.dtype} can't be kept; "
                "use bool, integers or floats of at most 64 bits"
            )
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            raise InputError(
                f"features[{name!r}]: not every value is finite; drop those that are not"
            )
    return dict(features)


def _checked_range(values: Iterable[float]) -> F0Range:
    try:
        low, median, high = (float(value) for value in values)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"f0_range: {describe(values)} is not three frequencies; give the 5th, 50th and 95th "
            "percentile of an f0 in Hz"
        ) from error
    if not 0 < low <= median <= high < math.inf:
        raise InputError(
            f"f0_range: {low:g}, {median:g}, {high:g} Hz are not the 5th, 50th and 95th percentile "
            "of an f0; give three positive frequencies in rising order"
        )
    return F0Range(low, median, high)


def _checked_recordings(recordings: Any) -> tuple[Recording, ...]:
    if isinstance(recordings, (tuple, list)) and all(
        isinstance(recording, Recording) for recording in recordings
    ):
        return tuple(recordings)
    raise InputError(f"recordings: {describe(recordings)} is not a tuple of Recording; give ()")


def _instance_of(kind: type[Any], *, optional: bool = False) -> Any:
    """Return a validator that refuses what is not of ``kind``, or None if that is ``optional``."""

    def check(_: VoiceProfile, attribute: Attribute[Any], value: Any) -> None:
        if not (optional and value is None):
            as_instance(attribute.name, value, kind, f"give a {kind.__name__} or omit it")

    return check


def _as_loudness(value: Any) -> float:
    return _as_finite("loudness", value)


def _as_voiced_seconds(value: Any) -> float:
    return _as_finite("voiced_seconds", value)


def _as_finite(name: str, value: Any) -> float:
    number = plain_number(value)
    if not is_number(number):
        raise InputError(f"{name}: {describe(value)} is not finite; give a number")
    return float(number)


def _same_features(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(one[k], other[k]) for k in one)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@frozen(repr=False)
class VoiceProfile:
    """A voice to convert into; see :meth:`from_recordings`. Profiles are equal if all values are.

    Attributes
    ----------
    name
        Any Unicode, normalised to NFC, without spaces around it.
    features
        The reference features of a converter: arrays of bool, integers or finite floats.
    feature_id
        The kind of the features and its version, e.g. ``"retrieval/1"``.
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
        The notes, dynamics and noise of the recordings; None in profiles of format 1.
    style
        The default style of conversions into this voice.
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
        converter=_checked_features, eq=cmp_using(eq=_same_features), hash=False
    )
    feature_id: str = field(validator=is_text)
    f0_range: F0Range = field(converter=_checked_range)
    loudness: float = field(converter=_as_loudness)
    voiced_seconds: float = field(converter=_as_voiced_seconds)
    recordings: tuple[Recording, ...] = field(converter=_checked_recordings)
    consent: str = field(default="", validator=is_text)
    provenance: str = field(default="", validator=is_text)
    made_by: tuple[Provenance, ...] = field(default=(), converter=as_made_by)
    embedding: Embedding | None = field(
        default=None, validator=_instance_of(Embedding, optional=True)
    )
    heard: Coverage | None = field(default=None, validator=_instance_of(Coverage, optional=True))
    style: Style = field(factory=Style, validator=_instance_of(Style))
    created: str = field(factory=_now, validator=is_text)
    format_version: int = field(default=FORMAT_VERSION, init=False)

    def __repr__(self) -> str:
        low, _, high = self.f0_range
        heard = f"{self.voiced_seconds:.0f} s voiced, {low:.0f} to {high:.0f} Hz"
        return f"VoiceProfile({self.name!r}, {heard}, {self.feature_id})"

    @property
    def missing(self) -> tuple[str, ...]:
        """What more recordings should add, a sentence each; empty if that isn't known."""
        return () if self.heard is None else tuple(self.heard.missing())

    @staticmethod
    def from_recordings(
        recordings: Iterable[SoundInput] | SoundInput,
        *,
        name: str,
        consent: str = "",
        provenance: str = "",
        need: Need | None = None,
        progress: Progress | None = None,
        keep: float | None = None,
    ) -> VoiceProfile:
        """Make the profile of a voice from recordings of it alone, spoken or sung.

        Parameters
        ----------
        recordings
            Sound files of any format, rate and length that can be read, or sounds in memory,
            or only one of them. Silences are skipped, and a recording given twice counts once.
            Memory does not grow with the length of files, apart from the features that are kept.
        name
            The name of the voice.
        consent, provenance
            Free text: who agreed to what, and where the recordings come from.
        need
            What the backends must offer; by default any on the processor.
            ``using(conversion=...)`` and ``using(pitch=...)`` name one.
        progress
            Called with the fraction done.
        keep
            Seconds of voiced sound to keep of longer recordings, 8 to 600; pieces from all of
            them are kept. By default the converter chooses: 300.

        Raises
        ------
        InputError
            A recording can't be read, less than 8 s in all are voiced, or ``keep`` is out of
            range.
        """
        # Enrolment needs most of the library; a profile needs next to nothing of it.
        from autovoice_core.voices.enrol import enrol

        return VoiceProfile(
            **enrol(
                recordings,
                name=name,
                consent=consent,
                provenance=provenance,
                need=need,
                progress=progress,
                keep=keep,
            )
        )
