"""What a listing says of a voice, read without its features."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen
from sqlite_utils import Database

from autovoice_core.voices.profile import F0Range


@frozen
class VoiceSummary:
    """A voice in a listing; most attributes are those of :class:`VoiceProfile`.

    ``recordings`` is how many there are, ``encoder`` which speaker encoder made the embedding (or
    None), ``size`` that of the profile in bytes.
    """

    name: str
    feature_id: str
    f0_range: F0Range
    loudness: float
    voiced_seconds: float
    recordings: int
    encoder: str | None
    created: str
    size: int


def summaries(db: Database, clause: str, *parameters: str) -> Iterator[VoiceSummary]:
    """Yield a summary of each voice that ``clause``, which is SQL, selects."""
    query = f"""
        SELECT name, feature_id, f0_p5, f0_p50, f0_p95, loudness, voiced_seconds, recordings,
            encoder, created, length(profile) AS size
        FROM voices {clause}
    """  # noqa: S608
    for row in db.query(query, parameters):
        f0_range = F0Range(row.pop("f0_p5"), row.pop("f0_p50"), row.pop("f0_p95"))
        yield VoiceSummary(f0_range=f0_range, **row)
