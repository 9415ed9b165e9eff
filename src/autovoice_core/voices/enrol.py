"""Making a profile from recordings."""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from autovoice_core._errors import InputError
from autovoice_core._types import Progress
from autovoice_core.audio.loudness import LoudnessMeter
from autovoice_core.audio.reading import AudioFile
from autovoice_core.backends.offer import Need
from autovoice_core.backends.selection import select
from autovoice_core.pitch.extractor import SingingPitchExtractor
from autovoice_core.voices.coverage import Heard
from autovoice_core.voices.names import clean_name
from autovoice_core.voices.profile import Embedding, F0Range, Recording, VoiceProfile
from autovoice_core.voices.speaker_encoder import speaker_encoder
from autovoice_core.voices.takes import Material, Take, take

MIN_VOICED_S = 8.0
"""Least voiced sound that a profile is made from, seconds."""

MOST_KEPT_S = 600.0
"""Most voiced sound that a profile keeps, seconds: 16 MB."""

_PERCENTILES = (5, 50, 95)
_SILENCE = 1e-12
# How far the whole is when pitch, features and loudness are done.
_PITCH, _FEATURES, _LOUDNESS = 0.5, 0.9, 0.95


def make_profile(
    recordings: Iterable[str | Path],
    *,
    name: str,
    consent: str = "",
    provenance: str = "",
    need: Need | None = None,
    progress: Progress | None = None,
    keep: float | None = None,
) -> VoiceProfile:
    """Make the profile of a voice; see :meth:`VoiceProfile.from_recordings`."""
    # Everything that can be refused at once is refused before the work.
    name = clean_name(name)
    if keep is not None and not MIN_VOICED_S <= keep <= MOST_KEPT_S:
        raise InputError(
            f"keep: {keep:g} s is outside {MIN_VOICED_S:g} to {MOST_KEPT_S:g} s of voiced sound; "
            "by default the converter chooses"
        )
    need = need or Need()
    progress = progress or _nobody
    files = _files(recordings)
    extractor = SingingPitchExtractor(need=need)
    chosen = select("conversion", need)
    converter = chosen.open()

    takes = []
    for file, (begin, end) in zip(files.values(), _parts(files.values()), strict=True):
        told = _within(progress, _PITCH * begin, _PITCH * end)
        takes.append(take(file, extractor.extract(file, progress=told)))
    voiced_seconds = sum(one.voiced_seconds for one in takes)
    if voiced_seconds < MIN_VOICED_S:
        raise InputError(
            f"recordings: only {voiced_seconds:.1f} s of voiced sound were found in "
            f"{_count(len(files))}; a voice takes at least {MIN_VOICED_S:.0f} s, so add recordings "
            "of the voice alone"
        )

    material = Material(takes, _within(progress, _PITCH, _FEATURES))
    features = converter.learn(material, keep=keep)
    f0 = np.concatenate([one.pitch.f0[one.pitch.voiced] for one in takes])
    loudness = _loudness(Material(takes, _within(progress, _FEATURES, _LOUDNESS)))
    embedding = _embedding(Material(takes, _within(progress, _LOUDNESS, 1.0)))
    progress(1.0)
    return VoiceProfile(
        name=name,
        features=features,
        feature_id=converter.feature_id,
        f0_range=F0Range(*np.percentile(f0, _PERCENTILES)),
        loudness=loudness,
        heard=_heard(takes, f0),
        voiced_seconds=voiced_seconds,
        recordings=tuple(
            Recording(file.path.name, sha256, file.frames / file.sample_rate)
            for sha256, file in files.items()
        ),
        consent=consent,
        provenance=provenance,
        made_by=(extractor.chosen.provenance, chosen.provenance),
        embedding=embedding,
    )


def _files(recordings: Iterable[str | Path]) -> dict[str, AudioFile]:
    """Return the recordings by their SHA-256, so that a copy of one counts once."""
    if isinstance(recordings, (str, Path)):
        recordings = [recordings]
    files: dict[str, AudioFile] = {}
    for recording in recordings:
        file = AudioFile(recording)
        with file.path.open("rb") as stream:
            files.setdefault(hashlib.file_digest(stream, "sha256").hexdigest(), file)
    if not files:
        raise InputError("recordings: none were given; give sound files of the voice alone")
    return files


def _heard(takes: Iterable[Take], f0: NDArray[np.float64]) -> Heard:
    """Return what the recordings show, ``f0`` being that of all their voiced frames."""
    takes = list(takes)
    levels = [10 * np.log10(one.power + _SILENCE) for one in takes]
    voiced = [level[one.pitch.voiced] for level, one in zip(levels, takes, strict=True)]
    # Below the 5th percentile there is no sound of the voice's, or hardly any.
    over = [
        np.percentile(loud, 95) - np.percentile(level, 5)
        for level, loud in zip(levels, voiced, strict=True)
        if len(loud)
    ]
    return Heard.of(f0, np.concatenate(voiced), float(np.median(over)), takes[0].pitch.hop)


def _loudness(material: Material) -> float:
    """Return the integrated loudness of all stretches, LUFS."""
    meters: dict[int, LoudnessMeter] = {}
    seconds: defaultdict[int, float] = defaultdict(float)
    for audio, _ in material:
        rate = audio.sample_rate
        meters.setdefault(rate, LoudnessMeter(rate, 1)).feed(audio.numpy())
        seconds[rate] += audio.duration
    powers = [seconds[rate] * 10 ** (meter.integrated() / 10) for rate, meter in meters.items()]
    if not any(powers):
        raise InputError(
            "recordings: everything in them is below -70 LUFS; record the voice louder"
        )
    return 10 * math.log10(sum(powers) / sum(seconds.values()))


def _embedding(material: Material) -> Embedding | None:
    encoder = speaker_encoder()
    return None if encoder is None else encoder.embedding_of(audio for audio, _ in material)


def _parts(files: Iterable[AudioFile]) -> Iterator[tuple[float, float]]:
    """Yield the part of all the recordings' time that each takes, as fractions."""
    seconds = np.cumsum([0.0, *(file.frames / file.sample_rate for file in files)])
    yield from zip(seconds[:-1] / seconds[-1], seconds[1:] / seconds[-1], strict=True)


def _count(recordings: int) -> str:
    return "1 recording" if recordings == 1 else f"{recordings} recordings"


def _within(progress: Progress, begin: float, end: float) -> Progress:
    """Return the progress of a part that takes the whole from ``begin`` to ``end``."""
    return lambda fraction: progress(begin + (end - begin) * fraction)


def _nobody(fraction: float) -> None:
    """Take in the progress where nobody asked for it."""
