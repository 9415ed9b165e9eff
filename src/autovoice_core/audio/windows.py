"""Windows with context over audio of any length, and their crossfade back to blocks.

An implementation whose result at one moment depends only on the audio within its context gives
the same result in windows as in one piece; memory then depends on the window, not on the length.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from array_api_compat import array_namespace
from attrs import frozen

from autovoice_core._arrays import as_array_api, to_device_of
from autovoice_core._types import Audio
from autovoice_core.audio.source import BLOCK_FRAMES, Source


@frozen(eq=False)
class Window:
    """A stretch of a source with context on both sides.

    Attributes
    ----------
    audio
        The stretch and its context, cut at the ends of the source.
    start
        Position of the window's first sample in the source.
    keep
        The stretch inside ``audio``; the stretches of all windows cover the source exactly.
    last
        Whether it is the last window of the source.
    """

    audio: Audio
    start: int
    keep: slice
    last: bool

    @property
    def core(self) -> slice:
        """The stretch in samples of the source."""
        return slice(self.start + self.keep.start, self.start + self.keep.stop)

    @property
    def samples(self) -> Any:
        """The samples of ``audio``, on the host or on the device where they lie."""
        return as_array_api(self.audio.samples)


def round_up(value: int, grid: int) -> int:
    """Return the smallest multiple of ``grid`` that is not below ``value``."""
    return -(-value // grid) * grid


def iter_windows(source: Source, *, core: int, context: int, grid: int = 1) -> Iterator[Window]:
    """Yield windows whose cores cover ``source`` in order.

    Parameters
    ----------
    source
        Read once, from its beginning.
    core, context
        Frames of a core and of the context on each side. Cores, and the context before them, are
        rounded up to ``grid``.
    grid
        Every window starts at a multiple of this many frames.
    """
    core, before = round_up(max(core, 1), grid), round_up(context, grid)
    blocks = source.blocks(BLOCK_FRAMES)
    held: Any = None
    held_start = 0
    for begin in range(0, source.frames, core):
        end = min(begin + core, source.frames)
        start, stop = max(begin - before, 0), min(end + context, source.frames)
        pieces = [] if held is None else [held[:, start - held_start :]]
        available = start + sum(piece.shape[1] for piece in pieces)
        while available < stop:
            block = next(blocks)
            pieces.append(block)
            available += block.shape[1]
        held = array_namespace(*pieces).concat(pieces, axis=1) if len(pieces) > 1 else pieces[0]
        held_start = start
        yield Window(
            audio=Audio(held[:, : stop - start], source.sample_rate),
            start=start,
            keep=slice(begin - start, end - start),
            last=end == source.frames,
        )


def crossfade(pieces: Iterable[tuple[Window, Any]], fade: int) -> Iterator[Any]:
    """Yield consecutive blocks made of the windows' cores, crossfaded over ``fade`` frames.

    Each piece is a window and the result for all its samples, ``(..., frames)``. The fade reaches
    from the end of a core into its context, so ``fade`` must not exceed the context. Where
    windows agree, as those of a local algorithm do, the fade changes nothing. Blocks lie on the
    device of the pieces.
    """
    tail: Any = None
    for window, samples in pieces:
        block = samples[..., window.keep]
        if tail is not None and tail.shape[-1]:
            length = min(tail.shape[-1], block.shape[-1])
            rise = (np.arange(length, dtype=np.float32) + 0.5) / np.float32(tail.shape[-1])
            rise = to_device_of(block, rise)
            begin = rise * block[..., :length] + (1 - rise) * tail[..., :length]
            block = array_namespace(block).concat([begin, block[..., length:]], axis=-1)
        # A copy, so that the window itself is not kept in memory.
        tail = samples[..., window.keep.stop : window.keep.stop + fade] + 0.0
        yield block
