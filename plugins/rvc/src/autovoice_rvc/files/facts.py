"""Facts about a voice that its file holds beside what is needed, as lines to be shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from autovoice_rvc.files.texts import listed, one_line, shown

LABELS = {
    "model_name": "name",
    "name": "name",
    "author": "author",
    "info": "training",
    "epoch": "epochs",
    "step": "steps",
    "creation_date": "made on",
    "timestamp": "made on",
    "dataset_length": "length of the recordings",
    "embedder_model": "encoder",
    "vocoder": "vocoder",
    "speakers_id": "speakers",
    "overtrain_info": "overtraining",
    "license": "licence",
    "licence": "licence",
}
"""Names of what RVC, Applio and others write about a voice, and what they are called here."""
_NEEDED = frozenset({"weight", "config", "sr", "f0", "version"})
_HASHES = frozenset({"model_hash", "hash", "id"})
"""Written about a voice, but of no use to a reader."""


def facts_of(found: Mapping[Any, Any]) -> tuple[str, ...]:
    """Return lines about a voice, e.g. ``"epochs: 200"``, from what its file holds."""
    return tuple(_lines(found))


def _lines(found: Mapping[Any, Any]) -> Iterator[str]:
    said = set()
    for name, label in LABELS.items():
        value = found.get(name)
        if value is not None and value != "" and label not in said:
            said.add(label)
            yield f"{label}: {_text(name, value)}"
    names = {name for name in found if isinstance(name, str)}
    if others := names - _NEEDED - _HASHES - LABELS.keys():
        yield f"the file also holds, unused: {listed(others)}"


def _text(name: str, value: Any) -> str:
    if name == "timestamp" and type(value) is int and 0 < value < 1 << 32:
        return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%d")
    return one_line(value) if isinstance(value, str) else shown(value)
