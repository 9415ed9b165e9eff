"""Doubts about the recordings of a voice: accompaniment, several voices at once, two people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from autovoice_core.voices.signs import (
    MIN_PERIODICITY,
    MIN_SPEAKER_SIMILARITY,
    periodicity,
    speaker_groups,
)
from autovoice_core.voices.takes import Take

MIN_JUDGED_SECONDS = 2.0
"""Least voiced sound of a recording that is judged by itself."""
MAX_NAMED = 3
"""Most recordings that one sentence names."""


def doubts(takes: Sequence[Take], speakers: Sequence[NDArray[np.floating]]) -> Iterator[str]:
    """Yield a sentence for each reason to doubt that ``takes`` hold one voice alone.

    ``speakers`` are the sums of the speaker embeddings of each take, ``(size,)``.
    """
    long = [take.voiced_seconds >= MIN_JUDGED_SECONDS for take in takes]
    judged = [take for take, enough in zip(takes, long, strict=True) if enough]
    mixed = [take for take in judged if periodicity(take.source, take.pitch) < MIN_PERIODICITY]
    if mixed:
        yield (
            "recordings: several voices, or a voice with accompaniment, seem to be in "
            f"{_names(mixed)}; if so, leave {'these files' if len(mixed) > 1 else 'this file'} "
            "out, or separate the vocals first with `autovoice separate`"
        )
        return  # the speaker of a mix is not known either
    sums = [each for each, enough in zip(speakers, long, strict=True) if enough]
    similarity, second = speaker_groups(sums)
    if similarity < MIN_SPEAKER_SIMILARITY:
        fewer = second if second.mean() <= 0.5 else ~second
        others = [take for take, other in zip(judged, fewer, strict=True) if other]
        verb = "sound" if len(others) > 1 else "sounds"
        yield (
            f"recordings: {_names(others)} {verb} like another person than the rest; make a "
            "voice from recordings of one person"
        )


def _names(takes: Sequence[Take]) -> str:
    names = ", ".join(Path(take.source.name).name for take in takes[:MAX_NAMED])
    return f"{names} and {len(takes) - MAX_NAMED} more" if len(takes) > MAX_NAMED else names
