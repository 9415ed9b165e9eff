"""``VoiceProfile``: a voice to convert into, with its consent and provenance."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import field, frozen
from attrs.validators import instance_of
from numpy.typing import NDArray

from autovoice_core._errors import InputError
from autovoice_core._provenance import Provenance
from autovoice_core._style import Style
from autovoice_core._types import Progress
from autovoice_core.voices.coverage import Coverage
from autovoice_core.voices.names import clean_name
from autovoice_core.voices.records import Embedding, F0Range, Recording

if TYPE_CHECKING:
    from autovoice_core.backends.need import Need

FORMAT_VERSION = 2
"""Version of the profile format; a reader refuses a newer one."""


def _checked_features(features: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    for name, values in features.items():
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
    low, median, high = (float(value) for value in values)
    if not 0 < low <= median <= high < math.inf:
        raise InputError(
            f"f0_range: {low:g}, {median:g}, {high:g} Hz are not the 5th, 50th and 95th percentile "
            "of an f0; give three positive frequencies in rising order"
        )
    return F0Range(low, median, high)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@frozen(eq=False)
class VoiceProfile:
    """A voice to convert into; see :meth:`from_recordings`.

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
        The embedding of the voice; None where no speaker encoder was installed.
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
    features: Mapping[str, NDArray[Any]] = field(converter=_checked_features, repr=False)
    feature_id: str = field(validator=instance_of(str))
    f0_range: F0Range = field(converter=_checked_range)
    loudness: float = field(converter=float)
    voiced_seconds: float = field(converter=float)
    recordings: tuple[Recording, ...] = field(repr=False)
    consent: str = field(default="", validator=instance_of(str))
    provenance: str = field(default="", validator=instance_of(str))
    made_by: tuple[Provenance, ...] = field(default=(), repr=False)
    embedding: Embedding | None = field(default=None)
    heard: Coverage | None = field(default=None, repr=False)
    style: Style = field(factory=Style, validator=instance_of(Style))
    created: str = field(factory=_now, validator=instance_of(str))
    format_version: int = field(default=FORMAT_VERSION, init=False)

    def __attrs_post_init__(self) -> None:
        for name in ("loudness", "voiced_seconds"):
            if not math.isfinite(getattr(self, name)):
                raise InputError(f"{name}: {getattr(self, name)} is not finite; give a number")

    @property
    def missing(self) -> tuple[str, ...]:
        """What more recordings should add, a sentence each; empty if that isn't known."""
        return () if self.heard is None else tuple(self.heard.missing())

    @staticmethod
    def from_recordings(
        recordings: Iterable[str | Path],
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
            Sound files of any format, rate and length that libsndfile reads. Silences are skipped,
            and a file given twice counts once. Memory does not grow with their length, apart from
            the features that are kept.
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
