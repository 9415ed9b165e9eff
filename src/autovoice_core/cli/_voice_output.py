"""A voice as JSON and as rows of a table, for ``autovoice voices list`` and ``show``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs
from rich.table import Table
from rich.text import Text

from autovoice_core._printable import printable
from autovoice_core.pitch.notes import nearest_note_name
from autovoice_core.voices.profile import VoiceProfile
from autovoice_core.voices.records import F0Range
from autovoice_core.voices.summary import VoiceSummary

MAX_SHOWN = 200
"""Most recordings of a voice that are shown as rows."""


def summary_table(summaries: tuple[VoiceSummary, ...]) -> Table:
    """Return a table with a row for each voice."""
    table = Table("name", "range", "median", "voiced", "loudness", "files", "features", box=None)
    for summary in summaries:
        table.add_row(
            Text(summary.name),
            note_range(summary.f0_range),
            nearest_note_name(summary.f0_range.p50),
            f"{summary.voiced_seconds:.0f} s",
            f"{summary.loudness:.1f} LUFS",
            str(summary.recordings),
            Text(summary.feature_id),
        )
    return table


def profile_table(profile: VoiceProfile) -> Table:
    """Return a table with a row for each property of a voice."""
    table = Table.grid(padding=(0, 2))
    for label, value in _profile_rows(profile):
        table.add_row(label, Text(value))
    return table


def _profile_rows(profile: VoiceProfile) -> Iterator[tuple[str, str]]:
    f0_range, embedding = profile.f0_range, profile.embedding
    hertz = ", ".join(f"{value:.0f}" for value in f0_range)
    yield "name", profile.name
    yield "range", f"{note_range(f0_range)}, median {nearest_note_name(f0_range.p50)}"
    yield "f0", f"{hertz} Hz (5th, 50th, 95th percentile)"
    yield "loudness", f"{profile.loudness:.1f} LUFS"
    yield "voiced", f"{profile.voiced_seconds:.1f} s"
    yield "style", style_text(profile)
    yield "consent", profile.consent or "(not stated)"
    yield "provenance", profile.provenance or "(not stated)"
    for feature_id in profile.feature_ids:
        features = profile.features_of(feature_id)
        size = sum(values.nbytes for values in features.values())
        yield "features", f"{feature_id}, {len(features)} arrays, {size / 1e6:.1f} MB"
    yield (
        "embedding",
        (
            f"{embedding.encoder} {embedding.version}"
            if embedding
            else "(none; make the voice again from its recordings to have one)"
        ),
    )
    for missing in profile.missing:
        yield "advice", missing
    yield "created", profile.created
    for made_by in profile.made_by:
        yield "made by", str(made_by)
    for item in profile.recordings[:MAX_SHOWN]:
        name = printable(item.name)
        yield "recording", f"{name}, {item.seconds:.1f} s, sha256 {item.sha256[:16]}…"
    if len(profile.recordings) > MAX_SHOWN:
        yield "recordings", f"and {len(profile.recordings) - MAX_SHOWN} more, which --json shows"


def style_text(profile: VoiceProfile) -> str:
    """Return the style of a voice and its settings, as far as they are not the defaults."""
    settings = [
        f"{name}={value} ({backend})"
        for backend, values in profile.settings.items()
        for name, value in values.items()
    ]
    return ", ".join(filter(None, [str(profile.style), *settings])) or "the defaults"


def note_range(f0_range: F0Range) -> str:
    """Return the range of a voice as notes, e.g. ``"A3 to E5"``."""
    return f"{nearest_note_name(f0_range.p5)} to {nearest_note_name(f0_range.p95)}"


def summary_as_dict(summary: VoiceSummary) -> dict[str, Any]:
    """Return a summary as plain data."""
    return {
        "name": summary.name,
        "f0_range_hz": list(summary.f0_range),
        "loudness_lufs": summary.loudness,
        "voiced_seconds": summary.voiced_seconds,
        "recordings": summary.recordings,
        "feature_id": summary.feature_id,
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
        "loudness_lufs": profile.loudness,
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
