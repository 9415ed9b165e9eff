"""The settings of both networks."""

from __future__ import annotations

from attrs import frozen

from autovoice_core.backends import setting

MIN_OVERLAP, MAX_OVERLAP = 0.1, 0.9
"""Range of the overlap; at 0.9 a song takes eight times as long as at 0.1."""


@frozen
class DemucsSettings:
    """How a song is cut into segments.

    Attributes
    ----------
    overlap
        Part of a segment, at least, that the next one covers as well.
    """

    overlap: float = setting(
        0.2,
        low=MIN_OVERLAP,
        high=MAX_OVERLAP,
        help="part of a segment that the next one covers: more takes longer, with fainter seams",
    )
