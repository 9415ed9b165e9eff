"""Tasks on songs and voices: convert, separate, pitch, enrol, with files in the current folder."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import asdict, evolve

from autovoice_core._style import STYLE_NAMES
from autovoice_core._types import PitchTrack
from autovoice_core.backends.choice.chosen import Chosen, reason_clauses
from autovoice_core.backends.choice.given_settings import by_operation, using_settings
from autovoice_core.backends.choice.named_backends import NamedBackend, using_named
from autovoice_core.backends.choice.selection import plan, select
from autovoice_core.backends.need import Need
from autovoice_core.backends.offer import SONG_OPERATIONS, Operation
from autovoice_core.conversion.readers import using_reader_of
from autovoice_core.pitch.extractor import SingingPitchExtractor
from autovoice_core.pitch.files import write_csv
from autovoice_core.separation.separator import VocalSeparator
from autovoice_core.server.jobs.enabled_plugins import require_enabled
from autovoice_core.server.jobs.folders import SCRATCH
from autovoice_core.songs.convert import convert_song
from autovoice_core.songs.separate import separate_song
from autovoice_core.voices.profile import VoiceProfile
from autovoice_core.voices.storage import VoiceProfileStorage

if TYPE_CHECKING:
    from autovoice_core.server.jobs.worker import Report, Task

MEDIA_TYPES = {
    ".flac": "audio/flac",
    ".csv": "text/csv; charset=utf-8",
    ".html": "text/html; charset=utf-8",
}
# Fractions of a job that its main stages take, before what comes after them.
_CONVERTED, _SEPARATED = 0.93, 0.85


def warm_up() -> None:
    """Load the backends, so that the first job begins at once; one that fails is told by jobs."""
    with suppress(Exception):
        plan()


def convert(task: Task, report: Report) -> dict[str, Any]:
    """Convert a song, and track the pitch of the new vocals."""
    options = task["options"]
    vocals_only = options.get("vocals_only", False)
    style = {name: options[name] for name in STYLE_NAMES if name in options}
    profile = _voices(task).get(task["voice"])
    with (
        _source(task) as song,
        _need(options) as need,
        using_reader_of(profile, need, None),
    ):
        operations = SONG_OPERATIONS[1:] if vocals_only else SONG_OPERATIONS
        need = _tell_backends(operations, need, report)
        result = convert_song(
            song,
            profile,
            Path("result.flac"),
            stems=Path(),
            vocals_only=vocals_only,
            report=Path("report.html") if options.get("report") else None,
            need=need,
            progress=lambda stage, fraction: report.progress(stage, _CONVERTED * fraction),
            **style,
        )
        write_csv(result.pitch, "pitch.csv")
        new = SingingPitchExtractor(need=need).extract(
            Path("converted.flac"),
            progress=lambda done: report.progress("new pitch", _CONVERTED + 0.07 * done),
        )
        write_csv(new, "pitch_converted.csv")
    summary = {
        "voice": result.voice,
        "key": result.key,
        "key_reason": result.key_reason,
        "sung": result.sung.as_dict(),
        "style": asdict(result.style),
        "vocals_gain_db": round(result.vocals_gain_db, 2),
        "mix_gain_db": round(result.mix_gain_db, 2),
        "seconds": _rounded(result.seconds),
    }
    names = ["result", "vocals", "accompaniment", "converted", "pitch", "pitch_converted", "report"]
    return {"outputs": _outputs(names), "summary": summary}


def separate(task: Task, report: Report) -> dict[str, Any]:
    """Separate a song into vocals and accompaniment."""
    with _source(task) as song, _need(task["options"]) as need:
        need = _tell_backends(["separation"], need, report)
        separator = VocalSeparator(need=need)
        result = separate_song(song, Path(), separator=separator, progress=report.progress)
    summary = {"gain_db": round(result.gain_db, 2), "seconds": _rounded(result.seconds)}
    return {"outputs": _outputs(["vocals", "accompaniment"]), "summary": summary}


def pitch(task: Task, report: Report) -> dict[str, Any]:
    """Track the pitch of a voice alone, or of a song's vocals."""
    separates = task["options"].get("separate", False)
    with _source(task) as sound, _need(task["options"]) as need:
        need = _tell_backends(SONG_OPERATIONS[:2] if separates else ["pitch"], need, report)
        voice, share = sound, 0.0
        if separates:
            stem = separate_song(
                sound,
                Path(SCRATCH),
                stems="vocals",
                separator=VocalSeparator(need=need),
                progress=lambda stage, done: report.progress(stage, _SEPARATED * done),
            )
            voice, share = stem.stems[0], _SEPARATED
        track = SingingPitchExtractor(need=need).extract(
            voice,
            mixture=sound if separates else None,
            progress=lambda done: report.progress("pitch", share + (1 - share) * done),
        )
    write_csv(track, "pitch.csv")
    return {"outputs": _outputs(["pitch"]), "summary": _pitch_summary(track)}


def enrol(task: Task, report: Report) -> dict[str, Any]:
    """Make a voice from recordings, and keep it in the voice database."""
    voices = _voices(task)
    voices.require_free(task["name"])
    with _sources(task) as recordings, _need({}) as need:
        need = _tell_backends(SONG_OPERATIONS[1:], need, report)
        profile = VoiceProfile.from_recordings(
            recordings,
            name=task["name"],
            consent=task["consent"],
            need=need,
            progress=lambda done: report.progress("enrolment", done),
        )
    voices.add(profile)
    low, _, high = profile.f0_range
    summary = {
        "voice": profile.name,
        "range_hz": [round(low, 1), round(high, 1)],
        "voiced_seconds": round(profile.voiced_seconds, 1),
        "advice": list(profile.missing),
    }
    return {"outputs": [], "summary": summary}


TASKS = {"convert": convert, "separate": separate, "pitch": pitch, "enrol": enrol}
"""The tasks by the kind of job."""


def _voices(task: Task) -> VoiceProfileStorage:
    return VoiceProfileStorage(task["voices"])


@contextmanager
def _source(task: Task) -> Iterator[Path]:
    """Yield the one source of a task; see :func:`_sources`."""
    with _sources(task) as (source,):
        yield source


@contextmanager
def _sources(task: Task) -> Iterator[list[Path]]:
    """Yield the sources of a task under names that messages and reports may show.

    They have no suffix, and so can't bear the name of a result.
    """
    paths = []
    try:
        for name, path in task["sources"].items():
            paths.append(Path(name))
            try:
                os.link(path, name)
            except OSError:  # a file system without hard links
                Path(name).symlink_to(path)
        yield paths
    finally:
        for each in paths:
            each.unlink(missing_ok=True)


@contextmanager
def _need(options: Mapping[str, Any]) -> Iterator[Need]:
    """Yield what the options ask of backends, with those that they name in force."""
    named = {
        operation: NamedBackend(name, f"the option backends.{operation}")
        for operation, name in options.get("backends", {}).items()
    }
    require_enabled(options.get("backends", {}))
    settings = by_operation(options.get("settings", {}), "the option settings")
    with using_named(named), using_settings(settings):
        yield Need(devices=(options.get("device", "cpu"),))


def _tell_backends(operations: Sequence[Operation], need: Need, report: Report) -> Need:
    """Choose backends, tell of them with the reasons, and return the need on their one device."""
    if tuple(operations) == SONG_OPERATIONS:
        device = plan(need).device
    else:
        device = select(operations[0], need).device
    need = evolve(need, devices=(device,))
    chosen = [select(operation, need) for operation in operations]
    report.send(type="backends", backends=[_backend(each) for each in chosen])
    return need


def _backend(chosen: Chosen) -> dict[str, str]:
    return {
        "operation": chosen.operation,
        "backend": chosen.backend,
        "device": chosen.device,
        "why": "; ".join([chosen.because, *reason_clauses(chosen.considered)]),
    }


def _outputs(names: Sequence[str]) -> list[dict[str, str]]:
    """Return those of the outputs that were written."""
    files = {path.stem: path for path in Path().iterdir() if path.suffix in MEDIA_TYPES}
    return [
        {"name": name, "media_type": MEDIA_TYPES[files[name].suffix]}
        for name in names
        if name in files
    ]


def _pitch_summary(track: PitchTrack) -> dict[str, Any]:
    f0 = track.f0[track.voiced]
    low, median, high = np.percentile(f0, (0, 50, 100)).round(2).tolist() if f0.size else [None] * 3
    return {
        "frames": len(track),
        "hop": track.hop,
        "voiced_share": round(float(track.voiced.mean()), 4),
        "lowest_hz": low,
        "median_hz": median,
        "highest_hz": high,
    }


def _rounded(seconds: Mapping[str, float]) -> dict[str, float]:
    return {stage: round(value, 2) for stage, value in seconds.items()}
