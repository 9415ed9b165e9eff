"""A batch as one long signal: rows one behind another, too far apart to hear each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core.pitch.nccf.parameters import BLOCK


@frozen(eq=False)
class Rows:
    """Where each row lies, in samples of the lower rate.

    Attributes
    ----------
    starts
        ``(rows + 1,)`` int64, multiples of :data:`BLOCK`; the last is the length of the whole.
    counts
        ``(rows,)`` int64, samples of each row; silence follows them.
    """

    starts: NDArray[np.int64]
    counts: NDArray[np.int64]

    @classmethod
    def of(cls, lengths: Sequence[int], factor: int, silence: int) -> Rows:
        """Lay out rows of ``lengths`` samples of ``factor`` times the rate."""
        counts = -(-np.asarray(lengths, np.int64) // factor)
        # Behind the last one a frame may still ask how loud it is.
        after = np.append(np.full(len(counts) - 1, silence + BLOCK), 1)
        spans = -(-(counts + after) // BLOCK) * BLOCK
        return cls(np.append(0, np.cumsum(spans)), counts)

    def joined(self, xp: Any, rows: Sequence[Any], factor: int = 1) -> Any:
        """Return the rows, of ``factor`` times the rate, as one signal with silence between."""
        pieces = []
        for row, span in zip(rows, np.diff(self.starts), strict=True):
            pieces += [row, xp.zeros(int(span) * factor - row.shape[0], dtype=row.dtype)]
        return xp.concat(pieces)

    def alone(self, xp: Any, signal: Any) -> Any:
        """Return ``signal`` with silence where no row is."""
        begins = (int(start) for start in self.starts[:-1])
        counts = (int(count) for count in self.counts)
        return self.joined(xp, [signal[b : b + c] for b, c in zip(begins, counts, strict=True)])

    def positions(self, centres: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
        """Return where each row's centres lie in the whole."""
        placed = [at + start for at, start in zip(centres, self.starts[:-1], strict=True)]
        return np.concatenate(placed)
