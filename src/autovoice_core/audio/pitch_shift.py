"""Pitch shift of audio of any length, through Signalsmith Stretch."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from python_stretch import Signalsmith

from autovoice_core.audio.source import Block, Source
from autovoice_core.audio.windows import iter_windows

_CORE_SECONDS = 30
_OVERLAP_SECONDS = 1.0
_CROSSFADE_SECONDS = 0.03


def pitch_shift(
    source: Source, semitones: float, *, core_seconds: int | None = None
) -> Iterator[Block]:
    """Yield ``source`` shifted by ``semitones``, of the same length and in time with it.

    It is shifted ``core_seconds`` at a time, 30 by default; fewer take less memory.

    The stretcher's phases depend on where it started, so two windows never agree in their
    overlap: they are spliced where they differ least, which is where the music is quietest or
    least tonal, with a short crossfade.
    """
    rate = source.sample_rate
    overlap, fade = round(_OVERLAP_SECONDS * rate), round(_CROSSFADE_SECONDS * rate)
    tail: Block | None = None  # the last window's end and the context after it
    core = (core_seconds or _CORE_SECONDS) * rate
    for window in iter_windows(source, core=core, context=overlap):
        shifted = _shift_window(window.samples, rate, semitones)
        if tail is not None:
            span = min(tail.shape[1], shifted.shape[1])
            at = _quietest_splice(tail[:, :span], shifted[:, :span], fade)
            shifted = _splice(tail, shifted, at, min(fade, span - at))
        # The context of the next window begins one overlap before the end of this core.
        ready = shifted.shape[1] if window.last else window.keep.stop - overlap
        if ready > 0:
            yield shifted[:, :ready]
        tail = shifted[:, max(ready, 0) :]


def _shift_window(samples: Block, sample_rate: int, semitones: float) -> Block:
    stretch = Signalsmith.Stretch()
    stretch.preset(samples.shape[0], float(sample_rate))
    stretch.setTransposeSemitones(semitones)
    shifted = np.asarray(stretch.process(np.ascontiguousarray(samples)), np.float32)
    out = np.zeros_like(samples)
    length = min(out.shape[1], shifted.shape[1])
    out[:, :length] = shifted[:, :length]
    return out


def _quietest_splice(before: Block, after: Block, fade: int) -> int:
    """Return where a crossfade of ``fade`` frames meets the least difference energy."""
    difference = ((before - after) ** 2).sum(axis=0, dtype=np.float64)
    sums = np.concatenate([[0.0], np.cumsum(difference)])
    if sums.shape[0] <= fade:
        return 0
    return int(np.argmin(sums[fade:] - sums[:-fade]))


def _splice(before: Block, after: Block, at: int, fade: int) -> Block:
    out = after.copy()
    out[:, :at] = before[:, :at]
    rise = (np.arange(fade, dtype=np.float32) + 0.5) / np.float32(max(fade, 1))
    stretch = slice(at, at + fade)
    out[:, stretch] = (1 - rise) * before[:, stretch] + rise * after[:, stretch]
    return out
