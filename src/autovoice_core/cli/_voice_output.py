"""A voice as JSON and as rows of a table, for ``autovoice voices list`` and ``show``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

import attrs
from rich.table import Table
from rich.text import Text

from autovoice_core._printable import printable, shortened
from autovoice_core.pitch.notes import nearest_note_name
from autovoice_core.voices.profile import VoiceProfile
from autovoice_core.voices.records import F0Range, Recording
from autovoice_core.voices.summary import VoiceSummary

_Record = TypeVar("_Record")

MAX_SHOWN = 200
"""Most rows of one kind that are shown of a voice: its recordings, say."""
_LONGEST_LABEL = 300
"""Most characters of a name, an operation or the like that are shown in a row."""


def summary_table(summaries: Iterable[VoiceSummary]) -> Table:
    """Return a table with a row for each voice."""
    table = Table("name", "range", "median", "voiced", "loudness", "files", "features", box=None)
    for summary in summaries:
        table.add_row(
            Text(summary.name),
            note_range(summary.f0_range),
            nearest_note_name(summary.f0_range.p50),
            f"{summary.voiced_seconds:.0f} s" if summary.recordings else "",
            f"{summary.loudness:.1f} LUFS" if summary.recordings else "",
            str(summary.recordings),
            Text(_label(", ".join(summary.feature_ids))),
        )
    return table


def profile_table(profile: VoiceProfile) -> Table:
    """Return a table with a row for each property of a voice.

    Whoever made the voice, it has few rows of few characters, as rich takes long for others.
    """
    table = Table.grid(padding=(0, 2))
    for label, value in _profile_rows(profile):
        table.add_row(label, Text(shortened(value)))
    return table


def _profile_rows(profile: VoiceProfile) -> Iterator[tuple[str, str]]:
    f0_range, embedding = profile.f0_range, profile.embedding
    hertz = ", ".join(f"{value:.0f}" for value in f0_range)
    yield "name", profile.name
    yield "range", f"{note_range(f0_range)}, median {nearest_note_name(f0_range.p50)}"
    yield "f0", f"{hertz} Hz (5th, 50th, 95th percentile)"
    if profile.recordings:
        yield "loudness", f"{profile.loudness:.1f} LUFS"
        yield "voiced", f"{profile.voiced_seconds:.1f} s"
    yield "style", style_text(profile)
    yield "consent", profile.consent or "(not stated)"
    yield "provenance", profile.provenance or "(not stated)"
    yield from _first("features", profile.feature_ids, lambda each: _feature_text(profile, each))
    if embedding:
        yield "embedding", f"{_label(embedding.encoder)} {_label(embedding.version)}"
    elif profile.recordings:
        yield "embedding", "(none; make the voice again from its recordings to have one)"
    for missing in profile.missing:
        yield "advice", missing
    yield "created", profile.created
    yield from _first("made by", profile.made_by, lambda each: _label(str(each)))
    yield from _first("recording", profile.recordings, _recording_text)


def _first(
    label: str, records: Sequence[_Record], text: Callable[[_Record], str]
) -> Iterator[tuple[str, str]]:
    """Yield a row for each of the first records, and one that counts the others."""
    for record in records[:MAX_SHOWN]:
        yield label, text(record)
    if len(records) > MAX_SHOWN:
        yield label, f"and {len(records) - MAX_SHOWN} more, which --json shows"


def _label(text: str) -> str:
    """Return a name that others gave on one short line."""
    return printable(shortened(text, _LONGEST_LABEL))


def _recording_text(recording: Recording) -> str:
    return f"{_label(recording.name)}, {recording.seconds:.1f} s, sha256 {recording.sha256[:16]}…"


def _feature_text(profile: VoiceProfile, feature_id: str) -> str:
    features = profile.features_of(feature_id)
    size = sum(values.nbytes for values in features.values())
    return f"{_label(feature_id)}, {len(features)} arrays, {size / 1e6:.1f} MB"


def style_text(profile: VoiceProfile) -> str:
    """Return the style of a voice and its settings, as far as they are not the defaults."""
    settings = [
        f"{name}={value} ({backend})"
        for backend, values in profile.settings.items()
        for name, value in values.items()
    ]
    text = ", ".join(filter(None, [str(profile.style), *settings]))
    return printable(shortened(text)) or "the defaults"


def note_range(f0_range: F0Range) -> str:
    """Return the range of a voice as notes, e.g. ``"A3 to E5"``."""
    return f"{nearest_note_name(f0_range.p5)} to {nearest_note_name(f0_range.p95)}"


def summary_as_dict(summary: VoiceSummary) -> dict[str, Any]:
    """Return a summary as plain data."""
    return {
        "name": summary.name,
        "f0_range_hz": list(summary.f0_range),
        "loudness_lufs": summary.loudness if summary.recordings else None,
        "voiced_seconds": summary.voiced_seconds,
        "recordings": summary.recordings,
        "feature_id": summary.feature_id,
        "feature_ids": list(summary.feature_ids),
        "encoder": summary.encoder,
        "created": summary.created,
        "bytes": summary.size,
        "keeps_audio": summary.keeps_audio,
    }


def profile_as_dict(profile: VoiceProfile) -> dict[str, Any]:
    """Return a profile as plain data, its features without their values."""
    embedding = profile.embedding
    return {
        "name": profile.name,
        "f0_range_hz": list(profile.f0_range),
        "loudness_lufs": profile.loudness if profile.recordings else None,
        "voiced_seconds": profile.voiced_seconds,
        "style": attrs.asdict(profile.style),
        "settings": profile.settings,
        "consent": profile.consent,
        "provenance": profile.provenance,
        "feature_id": profile.feature_id,
        "feature_ids": list(profile.feature_ids),
        "features": {
            name: {"dtype": str(values.dtype), "shape": list(values.shape)}
            for name, values in profile.features.items()
        },
        "embedding": embedding and {"encoder": embedding.encoder, "version": embedding.version},
        "missing": list(profile.missing),
        "created": profile.created,
        "made_by": [attrs.asdict(made_by) for made_by in profile.made_by],
        "recordings": [attrs.asdict(recording) for recording in profile.recordings],
        "format_version": profile.format_version,
    }
