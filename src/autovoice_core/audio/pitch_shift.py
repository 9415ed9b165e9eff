"""Moving the key of an accompaniment, through Signalsmith Stretch."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from python_stretch import Signalsmith

from autovoice_core.audio.source import Block, Source
from autovoice_core.audio.windows import windows

_CORE_S = 30
_OVERLAP_S = 1.0
_FADE_S = 0.03


def transposed(source: Source, semitones: float) -> Iterator[Block]:
    """Yield ``source`` moved by ``semitones``, of the same length and in time with it.

    The stretcher's phases depend on where it started, so two windows never agree in their
    overlap: they are spliced where they differ least, which is where the music is quietest or
    least tonal, with a short cross-fade.
    """
    rate = source.sample_rate
    overlap, fade = round(_OVERLAP_S * rate), round(_FADE_S * rate)
    held: Block | None = None  # what the last window says of its end and the context after it
    for window in windows(source, core=_CORE_S * rate, context=overlap):
        moved = _stretched(window.samples, rate, semitones)
        if held is not None:
            span = min(held.shape[1], moved.shape[1])
            at = _best_splice(held[:, :span], moved[:, :span], fade)
            moved = _spliced(held, moved, at, min(fade, span - at))
        # The context of the next window begins one overlap before the end of this core.
        ready = moved.shape[1] if window.last else window.keep.stop - overlap
        if ready > 0:
            yield moved[:, :ready]
        held = moved[:, max(ready, 0) :]


def _stretched(samples: Block, sample_rate: int, semitones: float) -> Block:
    stretch = Signalsmith.Stretch()
    stretch.preset(samples.shape[0], float(sample_rate))
    stretch.setTransposeSemitones(semitones)
    moved = np.asarray(stretch.process(np.ascontiguousarray(samples)), np.float32)
    out = np.zeros_like(samples)
    kept = min(out.shape[1], moved.shape[1])
    out[:, :kept] = moved[:, :kept]
    return out


def _best_splice(before: Block, after: Block, fade: int) -> int:
    """Return where a fade of ``fade`` frames meets the least difference energy."""
    difference = ((before - after) ** 2).sum(axis=0, dtype=np.float64)
    sums = np.concatenate([[0.0], np.cumsum(difference)])
    if sums.shape[0] <= fade:
        return 0
    return int(np.argmin(sums[fade:] - sums[:-fade]))


def _spliced(before: Block, after: Block, at: int, fade: int) -> Block:
    out = after.copy()
    out[:, :at] = before[:, :at]
    rise = (np.arange(fade, dtype=np.float32) + 0.5) / np.float32(max(fade, 1))
    stretch = slice(at, at + fade)
    out[:, stretch] = (1 - rise) * before[:, stretch] + rise * after[:, stretch]
    return out
