"""Enrolment: the attributes of a voice profile, from recordings."""

from __future__ import annotations

import hashlib
import math
import os
import warnings
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from autovoice_core._arguments import as_number, as_progress, as_text, describe
from autovoice_core._errors import ArgumentError, AutoVoiceWarning
from autovoice_core._types import Audio, Progress
from autovoice_core.audio.loudness import LoudnessMeter
from autovoice_core.audio.reading import AudioFile, SoundInput, as_source_on_host
from autovoice_core.audio.source import BLOCK_FRAMES, Source
from autovoice_core.backends.need import Need, as_need
from autovoice_core.backends.selection import select
from autovoice_core.pitch.extractor import SingingPitchExtractor
from autovoice_core.voices.coverage import Coverage
from autovoice_core.voices.doubts import doubts
from autovoice_core.voices.names import clean_name
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
# Fraction done when pitch, features and loudness are finished.
_AFTER_PITCH, _AFTER_FEATURES, _AFTER_LOUDNESS = 0.5, 0.9, 0.95


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
    if keep is not None:
        keep = as_number("keep", keep, unit="seconds", example="120")
    if keep is not None and not MIN_ENROLLED_SECONDS <= keep <= MAX_KEPT_SECONDS:
        raise ArgumentError(
            f"keep: {keep:g} s is outside {MIN_ENROLLED_SECONDS:g} to {MAX_KEPT_SECONDS:g} s of "
            "voiced sound; by default the converter chooses, usually 300"
        )
    need, progress = as_need(need), as_progress(progress)
    files = _sources(recordings)
    extractor = SingingPitchExtractor(need=need)
    chosen = select("conversion", need)
    converter = chosen.open()

    takes = []
    lengths = [file.frames / file.sample_rate for file in files.values()]
    for file, (begin, end) in _with_shares(files.values(), lengths):
        file_progress = _part(progress, _AFTER_PITCH * begin, _AFTER_PITCH * end)
        takes.append(gated_take(file, extractor.extract(file, progress=file_progress)))
    voiced_seconds = sum(take.voiced_seconds for take in takes)
    if voiced_seconds < MIN_ENROLLED_SECONDS:
        raise ArgumentError(
            f"recordings: only {voiced_seconds:.1f} s of voiced sound were found in "
            f"{_count(len(files))}; a voice needs at least {MIN_ENROLLED_SECONDS:.0f} s, so add "
            "recordings of the voice alone"
        )

    stretches = VoicedStretches(takes, _part(progress, _AFTER_PITCH, _AFTER_FEATURES))
    features = converter.learn(stretches, keep=keep)
    f0 = np.concatenate([take.pitch.f0[take.pitch.voiced] for take in takes])
    stretches = VoicedStretches(takes, _part(progress, _AFTER_FEATURES, _AFTER_LOUDNESS))
    loudness = _loudness(stretches)
    speakers = _speakers(takes, _part(progress, _AFTER_LOUDNESS, 1.0))
    progress(1.0)
    for doubt in doubts(takes, speakers):
        warnings.warn(doubt, AutoVoiceWarning, stacklevel=4)
    return {
        "name": name,
        "features": features,
        "feature_id": converter.feature_id,
        "f0_range": F0Range(*np.percentile(f0, _RANGE_PERCENTILES)),
        "loudness": loudness,
        "heard": _coverage(takes, f0),
        "voiced_seconds": voiced_seconds,
        "recordings": tuple(
            Recording(_short_name(file), sha256, file.frames / file.sample_rate)
            for sha256, file in files.items()
        ),
        "consent": consent,
        "provenance": provenance,
        "made_by": (extractor.chosen.provenance, chosen.provenance),
        "embedding": SpeakerEncoder().embedding(np.stack(speakers)),
    }


def _sources(recordings: Iterable[SoundInput] | SoundInput) -> dict[str, Source]:
    """Return the recordings by their SHA-256, so that a copy of one counts once."""
    several: Any = recordings
    if isinstance(several, (str, bytes, os.PathLike, Audio)) or hasattr(several, "read"):
        several = [several]
    try:
        several = iter(several)
    except TypeError as error:
        raise ArgumentError(
            f"recordings: {describe(several)} is not a list of recordings; give sound files or "
            "Audio of the voice alone"
        ) from error
    sources: dict[str, Source] = {}
    for number, recording in enumerate(several):
        source = as_source_on_host(recording, f"recordings[{number}]")
        sources.setdefault(_sha256(source), source)
    if not sources:
        raise ArgumentError("recordings: none were given; give sound files of the voice alone")
    return sources


def _sha256(source: Source) -> str:
    """Return the SHA-256 of a file, or of the rate and samples of what is in memory."""
    if isinstance(source, AudioFile):
        with source.stored.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    digest = hashlib.sha256(f"{source.sample_rate} {source.channels}".encode())
    for block in source.blocks(BLOCK_FRAMES):
        digest.update(block.tobytes())
    return digest.hexdigest()


def _short_name(source: Source) -> str:
    return source.path.name if isinstance(source, AudioFile) else source.name


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
        stretches = VoicedStretches([take], _part(progress, begin, end))
        parts = [encoder.partials(audio).sum(axis=0) for audio, _ in stretches]
        sums.append(np.stack(parts).sum(axis=0) if parts else None)
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


def _part(progress: Progress, begin: float, end: float) -> Progress:
    """Return the progress of a part that takes the whole from ``begin`` to ``end``."""
    return lambda fraction: progress(begin + (end - begin) * fraction)
