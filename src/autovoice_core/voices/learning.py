"""Learning: the features of one more converter, from the recordings of a voice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, TypedDict

from numpy.typing import NDArray

from autovoice_core._arguments import as_progress
from autovoice_core._provenance import Provenance
from autovoice_core._types import Progress
from autovoice_core.audio.source import Source
from autovoice_core.backends.choice.selection import select
from autovoice_core.backends.need import Need, as_need
from autovoice_core.pitch.extractor import SingingPitchExtractor
from autovoice_core.voices.enrol import as_kept_seconds, part, tracked_takes
from autovoice_core.voices.takes import VoicedStretches

_AFTER_PITCH = 0.6  # of the work


class LearningOptions(TypedDict, total=False):
    """Options of :meth:`autovoice_core.VoiceProfile.learn`."""

    need: Need | None
    progress: Progress | None
    keep: float | None


class Learnt(NamedTuple):
    """What a converter has learnt of a voice, and what made it."""

    feature_id: str
    features: Mapping[str, NDArray[Any]]
    made_by: tuple[Provenance, ...]


def learn(
    files: Mapping[str, Source],
    *,
    need: Need | None = None,
    progress: Progress | None = None,
    keep: float | None = None,
) -> Learnt:
    """Return what the converter that ``need`` chooses learns of recordings, by their SHA-256.

    See :meth:`autovoice_core.VoiceProfile.learn`.
    """
    keep, need, progress = as_kept_seconds(keep), as_need(need), as_progress(progress)
    extractor, chosen = SingingPitchExtractor(need=need), select("conversion", need)
    converter = chosen.open()
    takes = tracked_takes(files.values(), extractor, part(progress, 0.0, _AFTER_PITCH))
    stretches = VoicedStretches(takes, part(progress, _AFTER_PITCH, 1.0))
    features = converter.learn(stretches, keep=keep)
    progress(1.0)
    return Learnt(converter.feature_id, features, (extractor.chosen.provenance, chosen.provenance))
