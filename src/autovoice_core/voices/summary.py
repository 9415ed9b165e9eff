"""``VoiceSummary``: a voice as a listing shows it."""

from __future__ import annotations

from typing import Any

from attrs import Attribute, field, frozen
from attrs.validators import optional

from autovoice_core._arguments import describe
from autovoice_core._errors import ArgumentError
from autovoice_core.voices.limits import (
    as_feature_id,
    as_float,
    is_date,
    is_duration,
    is_label,
    is_loudness,
)
from autovoice_core.voices.names import clean_name
from autovoice_core.voices.profile_values import checked_range
from autovoice_core.voices.records import F0Range

KINDS_SEPARATOR = ", "
"""Between the kinds of features that a voice holds, in one text."""


def _is_count(_: Any, attribute: Attribute[int], value: Any) -> None:
    if not isinstance(value, int) or value < 0:
        raise ArgumentError(f"{attribute.name}: {describe(value)} is not a whole number from 0")


def _listed(text: Any) -> tuple[str, ...]:
    return tuple(as_feature_id("feature_ids", text).split(KINDS_SEPARATOR))


@frozen(repr=False)
class VoiceSummary:
    """A voice in a listing; most attributes are those of :class:`~autovoice_core.VoiceProfile`.

    ``feature_ids`` are given in one text, with commas between.

    ``recordings`` is how many there are, ``encoder`` the speaker encoder that made the embedding
    (or None), ``size`` the size of the profile in bytes. ``keeps_audio`` is whether the recordings
    are kept.
    """

    name: str = field(converter=clean_name)
    feature_ids: tuple[str, ...] = field(converter=_listed)
    f0_range: F0Range = field(converter=checked_range)
    loudness: float = field(converter=as_float, validator=is_loudness)
    voiced_seconds: float = field(converter=as_float, validator=is_duration)
    recordings: int = field(validator=_is_count)
    encoder: str | None = field(validator=optional(is_label))
    created: str = field(validator=is_date)
    size: int = field(validator=_is_count)
    keeps_audio: bool = False

    @property
    def feature_id(self) -> str:
        """The first of the kinds of features that it holds."""
        return self.feature_ids[0]

    def __repr__(self) -> str:
        low, _, high = self.f0_range
        heard = f"{self.voiced_seconds:.0f} s voiced, {low:.0f} to {high:.0f} Hz"
        return f"VoiceSummary({self.name!r}, {heard}, {', '.join(self.feature_ids)})"
