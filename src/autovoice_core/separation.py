"""Separation of audio of any length, by whichever backend is chosen."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from autovoice_core._types import Audio, Progress, Stems
from autovoice_core.audio.source import Block, Source, as_source
from autovoice_core.audio.windows import Window, join, windows
from autovoice_core.backends.engine import Engine
from autovoice_core.backends.offer import Need, Operation

WINDOW = 30.0
"""Seconds that are separated at a time, context apart."""
SAMPLES = 3_000_000
"""Samples, of all channels together, above which the windows get shorter."""
FADE = 0.05
"""Seconds over which one window passes into the next."""


class VocalSeparator(Engine):
    """Takes the singer out of a mixture.

    Parameters
    ----------
    backend
        Full name of the backend, e.g. ``"cpu/repet"``; by default the best that meets ``need``.
    need
        What is asked of the backend; by default float32 on the CPU.
    """

    _operation: ClassVar[Operation] = "separation"

    def __init__(self, *, backend: str | None = None, need: Need | None = None) -> None:
        super().__init__(backend=backend, need=need)

    def separate(
        self, audio: Audio | Source | str | Path, *, progress: Progress | None = None
    ) -> Stems:
        """Return the stems of ``audio``, in memory; of its length, rate and channels.

        They add up to it, and where it is silent they are.

        Parameters
        ----------
        audio
            Sound in memory, or the path of a sound file.
        progress
            Told the fraction done.

        Raises
        ------
        InputError
            The file can't be read, or samples are not finite.
        SelectionError
            No backend meets the need.
        """
        source = as_source(audio)
        whole = np.zeros((2, source.channels, source.frames), np.float32)
        done = 0
        for stems in self.separate_blocks(source, progress=progress):
            stop = done + stems.vocals.frames
            whole[0, :, done:stop] = stems.vocals.numpy()
            whole[1, :, done:stop] = stems.accompaniment.numpy()
            done = stop
        made_by = audio.made_by if isinstance(audio, Audio) else ()
        return self._stems(whole, source.sample_rate, made_by)

    def separate_blocks(
        self, audio: Audio | Source | str | Path, *, progress: Progress | None = None
    ) -> Iterator[Stems]:
        """Yield the stems of consecutive blocks that cover ``audio`` exactly.

        Parameters and exceptions are those of :meth:`separate`; memory does not grow with the
        length.
        """
        source = as_source(audio)
        made_by = audio.made_by if isinstance(audio, Audio) else ()
        done = 0
        fade = int(min(FADE, self._opened.context) * source.sample_rate)
        for block in join(self._windows(source, fade), fade):
            yield self._stems(block, source.sample_rate, made_by)
            done += block.shape[-1]
            if progress is not None:
                progress(done / source.frames)

    def _windows(self, source: Source, fade: int) -> Iterator[tuple[Window, Block]]:
        rate = source.sample_rate
        context = ceil(self._opened.context * rate)
        core = min(WINDOW * rate, max(SAMPLES / source.channels, context))
        for window in windows(
            source, core=int(core), context=context, grid=self._opened.grid(rate)
        ):
            yield window, self._separated(window, window.keep.stop + fade)

    def _separated(self, window: Window, stop: int) -> Block:
        """Return both stems of the window up to ``stop``, ``(2, channels, frames)``."""
        both = np.zeros((2, *window.samples[:, :stop].shape), np.float32)
        if window.samples.any():
            stems = self._opened.separate(window.audio)
            both[0] = stems.vocals.numpy()[:, :stop]
            both[1] = stems.accompaniment.numpy()[:, :stop]
        return both

    def _stems(self, samples: Block, sample_rate: int, made_by: tuple[Any, ...]) -> Stems:
        made_by = (*made_by, self.chosen.provenance)
        vocals, accompaniment = (Audio(part, sample_rate, made_by) for part in samples)
        return Stems(vocals, accompaniment)
