"""Enrolment: the attributes of a voice profile, from recordings."""

from __future__ import annotations

import math
import warnings
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from autovoice_core._arguments import as_number, as_progress, as_text
from autovoice_core._errors import ArgumentError, AutoVoiceWarning
from autovoice_core._types import Progress
from autovoice_core.audio.loudness import LoudnessMeter
from autovoice_core.audio.reading import SoundInput
from autovoice_core.audio.source import Source
from autovoice_core.backends.choice.selection import select
from autovoice_core.backends.need import Need, as_need
from autovoice_core.pitch.extractor import SingingPitchExtractor
from autovoice_core.voices.coverage import Coverage
from autovoice_core.voices.doubts import doubts
from autovoice_core.voices.names import clean_name
from autovoice_core.voices.recordings import short_name, sources_by_hash
from autovoice_core.voices.records import F0Range, Recording
from autovoice_core.voices.speaker_encoder import SpeakerEncoder
from autovoice_core.voices.takes import Take, VoicedStretches, gated_take

MIN_ENROLLED_SECONDS = 8.0
"""Least voiced sound that a profile is made from."""

MAX_KEPT_SECONDS = 600.0
"""Most voiced sound that a profile keeps: 16 MB."""

T = TypeVar("T")

_RANGE_PERCENTILES = (5, 50, 95)
_POWER_FLOOR = 1e-12
# Fraction done when pitch and features are finished, and of what follows when loudness is.
_AFTER_PITCH, _AFTER_FEATURES, _AFTER_LOUDNESS = 0.5, 0.9, 0.5


def enrol(
    recordings: Iterable[SoundInput] | SoundInput,
    *,
    name: str,
    consent: str = "",
    provenance: str = "",
    need: Need | None = None,
    progress: Progress | None = None,
    keep: float | None = None,
) -> dict[str, Any]:
    """Return the attributes of the profile of a voice, as ``VoiceProfile`` takes them.

    See :meth:`autovoice_core.VoiceProfile.from_recordings`.
    """
    # Everything that can be refused at once is refused before any work.
    name = clean_name(name)
    as_text("consent", consent, example="hers, by letter")
    as_text("provenance", provenance, example="our own sessions")
    keep = as_kept_seconds(keep)
    need, progress = as_need(need), as_progress(progress)
    files = sources_by_hash(recordings)
    extractor = SingingPitchExtractor(need=need)
    chosen = select("conversion", need)
    converter = chosen.open()

    takes = tracked_takes(files.values(), extractor, part(progress, 0.0, _AFTER_PITCH))
    require_enough(takes)
    stretches = VoicedStretches(takes, part(progress, _AFTER_PITCH, _AFTER_FEATURES))
    features = converter.learn(stretches, keep=keep)
    heard = heard_in(takes, files, part(progress, _AFTER_FEATURES, 1.0))
    progress(1.0)
    return heard | {
        "name": name,
        "features": features,
        "feature_id": converter.feature_id,
        "consent": consent,
        "provenance": provenance,
        "made_by": (extractor.chosen.provenance, chosen.provenance),
    }


def require_enough(takes: Collection[Take]) -> None:
    """Refuse recordings with too little voiced sound.

    Raises
    ------
    InputError
        They have.
    """
    voiced_seconds = sum(take.voiced_seconds for take in takes)
    if voiced_seconds < MIN_ENROLLED_SECONDS:
        raise ArgumentError(
            f"recordings: only {voiced_seconds:.1f} s of voiced sound were found in "
            f"{_count(len(takes))}; a voice needs at least {MIN_ENROLLED_SECONDS:.0f} s, so add "
            "recordings of the voice alone"
        )


def heard_in(
    takes: Sequence[Take], files: Mapping[str, Source], progress: Progress
) -> dict[str, Any]:
    """Return the attributes of a profile that its recordings tell, whatever the converter.

    ``files`` are the recordings of ``takes``, by their SHA-256. Warns where they hold more than
    one voice alone.
    """
    f0 = np.concatenate([take.pitch.f0[take.pitch.voiced] for take in takes])
    loudness = _loudness(VoicedStretches(takes, part(progress, 0.0, _AFTER_LOUDNESS)))
    speakers = _speakers(takes, part(progress, _AFTER_LOUDNESS, 1.0))
    for doubt in doubts(takes, speakers):
        warnings.warn(doubt, AutoVoiceWarning, stacklevel=5)
    return {
        "f0_range": F0Range(*np.percentile(f0, _RANGE_PERCENTILES)),
        "loudness": loudness,
        "heard": _coverage(takes, f0),
        "voiced_seconds": sum(take.voiced_seconds for take in takes),
        "recordings": tuple(
            Recording(short_name(file), sha256, file.frames / file.sample_rate)
            for sha256, file in files.items()
        ),
        "embedding": SpeakerEncoder().embedding(np.stack(speakers)),
    }


def as_kept_seconds(keep: Any) -> float | None:
    """Return the seconds of voiced sound to keep, if any are given.

    Raises
    ------
    InputError
        It is no number, or out of range.
    """
    if keep is None:
        return None
    seconds = as_number("keep", keep, unit="seconds", example="120")
    if not MIN_ENROLLED_SECONDS <= seconds <= MAX_KEPT_SECONDS:
        raise ArgumentError(
            f"keep: {seconds:g} s is outside {MIN_ENROLLED_SECONDS:g} to {MAX_KEPT_SECONDS:g} s of "
            "voiced sound; by default the converter chooses, usually 300"
        )
    return seconds


def tracked_takes(
    files: Collection[Source], extractor: SingingPitchExtractor, progress: Progress
) -> list[Take]:
    """Return the recordings with their pitch."""
    takes = []
    lengths = [file.frames / file.sample_rate for file in files]
    for file, (begin, end) in _with_shares(files, lengths):
        pitch = extractor.extract(file, progress=part(progress, begin, end))
        takes.append(gated_take(file, pitch))
    return takes


def _coverage(takes: Iterable[Take], f0: NDArray[np.float64]) -> Coverage:
    """Return the coverage of ``takes``, ``f0`` being that of all their voiced frames."""
    takes = list(takes)
    levels = [10 * np.log10(take.power + _POWER_FLOOR) for take in takes]
    voiced_levels = [level[take.pitch.voiced] for level, take in zip(levels, takes, strict=True)]
    # Below the 5th percentile of a take the voice is silent, or nearly so.
    noise_distances = [
        np.percentile(voiced, 95) - np.percentile(level, 5)
        for level, voiced in zip(levels, voiced_levels, strict=True)
        if len(voiced)
    ]
    return Coverage.from_frames(
        f0,
        np.concatenate(voiced_levels),
        float(np.median(noise_distances)),
        takes[0].pitch.hop,
    )


def _loudness(stretches: VoicedStretches) -> float:
    """Return the integrated loudness of all stretches, LUFS."""
    meters: dict[int, LoudnessMeter] = {}
    seconds: defaultdict[int, float] = defaultdict(float)
    for audio, _ in stretches:
        rate = audio.sample_rate
        meters.setdefault(rate, LoudnessMeter(rate, 1)).feed(audio.numpy())
        seconds[rate] += audio.duration
    powers = [seconds[rate] * 10 ** (meter.integrated() / 10) for rate, meter in meters.items()]
    if not any(powers):
        raise ArgumentError("recordings: all of them are below -70 LUFS; record the voice louder")
    return 10 * math.log10(sum(powers) / sum(seconds.values()))


def _speakers(takes: Sequence[Take], progress: Progress) -> list[NDArray[np.float32]]:
    """Return the sum of the speaker embeddings in each take, ``(size,)``; zeros if none is."""
    encoder = SpeakerEncoder()
    sums: list[NDArray[np.float32] | None] = []
    for take, (begin, end) in _with_shares(takes, [take.voiced_seconds for take in takes]):
        stretches = VoicedStretches([take], part(progress, begin, end))
        sums.append(encoder.partials_sum(audio for audio, _ in stretches))
    size = next(len(each) for each in sums if each is not None)
    return [np.zeros(size, np.float32) if each is None else each for each in sums]


def _with_shares(
    items: Iterable[T], seconds: Sequence[float]
) -> Iterator[tuple[T, tuple[float, float]]]:
    """Yield each of ``items`` and where it begins and ends in the time of all, as fractions."""
    ends = np.cumsum([0.0, *seconds]) / sum(seconds)
    yield from zip(items, pairwise(ends.tolist()), strict=True)


def _count(recordings: int) -> str:
    return "1 recording" if recordings == 1 else f"{recordings} recordings"


def part(progress: Progress, begin: float, end: float) -> Progress:
    """Return the progress of a part that takes the whole from ``begin`` to ``end``."""
    return lambda fraction: progress(begin + (end - begin) * fraction)
