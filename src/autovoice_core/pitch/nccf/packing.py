"""Clips of any length packed into one signal, separated by silence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core.pitch.nccf.parameters import ENERGY_BLOCK


@frozen(eq=False)
class Packing:
    """The places of clips in one signal, in samples of the analysis rate.

    Attributes
    ----------
    starts
        ``(clips + 1,)`` int64, multiples of :data:`ENERGY_BLOCK`; the last is the length of the
        whole.
    counts
        ``(clips,)`` int64, samples of each clip; silence follows them.
    """

    starts: NDArray[np.int64]
    counts: NDArray[np.int64]

    @classmethod
    def of(cls, lengths: Sequence[int], factor: int, silence: int) -> Packing:
        """Return the packing of clips of ``lengths`` samples of ``factor`` times the rate."""
        counts = -(-np.asarray(lengths, np.int64) // factor)
        # A frame may lie at the sample behind the last one, whose loudness is then needed.
        after = np.append(np.full(len(counts) - 1, silence + ENERGY_BLOCK), 1)
        spans = -(-(counts + after) // ENERGY_BLOCK) * ENERGY_BLOCK
        return cls(np.append(0, np.cumsum(spans)), counts)

    def join(self, xp: Any, clips: Sequence[Any], factor: int = 1) -> Any:
        """Return clips of ``factor`` times the rate as one signal with silence between."""
        pieces = []
        for clip, span in zip(clips, np.diff(self.starts), strict=True):
            pieces += [clip, xp.zeros(int(span) * factor - clip.shape[0], dtype=clip.dtype)]
        return xp.concat(pieces)

    def silence_gaps(self, xp: Any, signal: Any) -> Any:
        """Return ``signal`` with silence where no clip is."""
        begins = (int(start) for start in self.starts[:-1])
        counts = (int(count) for count in self.counts)
        return self.join(xp, [signal[b : b + c] for b, c in zip(begins, counts, strict=True)])

    def blocks_inside(self) -> NDArray[np.bool_]:
        """Return which blocks lie within a clip, of those of the whole."""
        inside = np.zeros(self.starts[-1] // ENERGY_BLOCK, bool)
        for start, count in zip(self.starts[:-1] // ENERGY_BLOCK, self.counts, strict=True):
            inside[start : start + count // ENERGY_BLOCK] = True
        return inside

    def positions(self, centres: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
        """Return the positions in the whole of each clip's centres."""
        moved = [each + start for each, start in zip(centres, self.starts[:-1], strict=True)]
        return np.concatenate(moved)
