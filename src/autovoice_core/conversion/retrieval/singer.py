"""What is known of a singer: how the sounds lie, and how loud they are."""

from __future__ import annotations

from typing import Any

from attrs import frozen


@frozen(eq=False)
class Singer:
    """Means and deviations of what a singer was heard to sing.

    Attributes
    ----------
    cepstra
        Of the voiced frames.
    shapes, chosen
        ``(1, POINTS)`` of their envelopes, and of those of the target nearest to them, level apart.
    loud
        Level below which the singer is soft.
    """

    cepstra: tuple[Any, Any]
    shapes: tuple[Any, Any]
    chosen: tuple[Any, Any]
    loud: float
