"""The protocols of separators."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from autovoice_core._types import Audio, Stems


class Separator(Protocol):
    """Separates the vocals from the accompaniment.

    Core calls it on overlapping windows of a long file: each begins at a multiple of
    :meth:`grid` samples, and the result is used from ``context`` seconds away from an edge that
    is not an edge of the file.

    One whose stems are independent, as those of networks are, and need not add up, has an attribute
    ``independent_stems = True``: core distributes the residual.
    """

    context: float

    def grid(self, sample_rate: int) -> int:
        """Return the number of samples of whose multiples windows must begin."""

    def separate(self, mixture: Audio) -> Stems:
        """Return stems of the mixture's shape and rate that add up to it."""


class BatchSeparator(Separator, Protocol):
    """A :class:`Separator` that is faster on many mixtures at a time than one by one.

    The method is optional: without it, core calls ``separate`` on one mixture after another.
    """

    def separate_batch(self, mixtures: Sequence[Audio]) -> list[Stems]:
        """Return for each of several mixtures what :meth:`Separator.separate` returns of it.

        They have the same sample rate and number of channels, but any lengths.
        """
