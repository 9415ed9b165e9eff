"""Pitch shift of audio of any length, through Signalsmith Stretch."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from autovoice_core._threads import map_in_order
from autovoice_core.audio.source import Block, Source
from autovoice_core.audio.stretch import stretched
from autovoice_core.audio.windows import Window, iter_windows

_CORE_SECONDS = 30
_OVERLAP_SECONDS = 1.0
_CROSSFADE_SECONDS = 0.03


def accompaniment_shift(key: float) -> float:
    """Return the semitones to shift an accompaniment by where its voice is shifted by ``key``.

    Whole octaves leave it as it is, as they do the harmony.
    """
    return 0.0 if key % 12 == 0 else key


def pitch_shift(
    source: Source, semitones: float, *, core_seconds: int | None = None, threads: int = 1
) -> Iterator[Block]:
    """Yield ``source`` shifted by ``semitones``, of the same length and in time with it.

    It is shifted ``core_seconds`` at a time, 30 by default; fewer take less memory. As many windows
    are in work as there are ``threads``, which gains something inside of
    :func:`~autovoice_core.audio.stretch.stretch_processes`.

    The stretcher's phases depend on where it started, so two windows never agree in their
    overlap: they are spliced where they differ least, which is where the music is quietest or
    least tonal, with a short crossfade.
    """
    rate = source.sample_rate
    overlap, fade = round(_OVERLAP_SECONDS * rate), round(_CROSSFADE_SECONDS * rate)
    tail: Block | None = None  # the last window's end and the context after it
    core = (core_seconds or _CORE_SECONDS) * rate

    def shift(window: Window) -> tuple[Window, Block]:
        return window, stretched(window.samples, rate, semitones)

    windows = iter_windows(source, core=core, context=overlap)
    for window, shifted in map_in_order(shift, windows, threads):
        if tail is not None:
            span = min(tail.shape[1], shifted.shape[1])
            at = _quietest_splice(tail[:, :span], shifted[:, :span], fade)
            shifted = _splice(tail, shifted, at, min(fade, span - at))
        # The context of the next window begins one overlap before the end of this core.
        ready = shifted.shape[1] if window.last else window.keep.stop - overlap
        if ready > 0:
            yield shifted[:, :ready]
        tail = shifted[:, max(ready, 0) :]


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
