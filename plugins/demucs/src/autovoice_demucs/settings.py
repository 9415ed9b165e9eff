"""The settings of both networks."""

from __future__ import annotations

from attrs import frozen

from autovoice_core.backends import setting

MIN_OVERLAP, MAX_OVERLAP = 0.1, 0.85
"""Range of the overlap; a song takes seven times as long with the most as with the least."""


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
