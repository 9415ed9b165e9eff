"""Separation of audio of any length, by whichever backend is chosen."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from autovoice_core._errors import InputError
from autovoice_core._types import Audio, Progress, Stems
from autovoice_core.audio.source import Block, Source, as_source
from autovoice_core.audio.windows import Window, join, windows_of
from autovoice_core.backends.engine import Engine
from autovoice_core.backends.offer import Need, Operation
from autovoice_core.backends.residual import Residual, checked_residual

WINDOW = 60.0
"""Seconds that are separated at a time, context apart."""
SAMPLES = 6_000_000
"""Samples, of all channels together, above which the windows get shorter."""
FADE = 0.05
"""Seconds over which one window passes into the next."""
SILENCE = 0.05
"""Seconds of zeros in all channels from which on they are a silence, which both stems keep."""


class VocalSeparator(Engine):
    """Takes the singer out of a mixture.

    Parameters
    ----------
    backend
        Full name of the backend, e.g. ``"cpu/wrpca"``; by default the best that meets ``need``.
    need
        What is asked of the backend; by default float32 on the CPU.
    batch
        Windows of 60 s that are handed to the backend at a time; more need more memory, and
        are quicker where the backend can make use of them.
    residual
        Who gets what is left over by a backend that estimates its stems apart from each other:
        ``"share"``, each stem half, or ``"accompaniment"``, which leaves the vocals as they
        were estimated.

    Raises
    ------
    InputError
        ``batch`` or ``residual`` makes no sense.
    """

    _operation: ClassVar[Operation] = "separation"

    def __init__(
        self,
        *,
        backend: str | None = None,
        need: Need | None = None,
        batch: int = 1,
        residual: Residual = "share",
    ) -> None:
        super().__init__(backend=backend, need=need)
        if batch < 1:
            raise InputError(f"batch: {batch} is not a number of windows; give 1 or more")
        self._batch, self._residual = batch, checked_residual(residual)

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
        for block in join(self._windows(source), int(FADE * source.sample_rate)):
            yield self._stems(block, source.sample_rate, made_by)
            done += block.shape[-1]
            if progress is not None:
                progress(done / source.frames)

    def _windows(self, source: Source) -> Iterator[tuple[Window, Block]]:
        spans = windows_of(
            source,
            seconds=WINDOW,
            samples=SAMPLES,
            context=max(self._opened.context, SILENCE) + FADE,
            grid=self._opened.grid(source.sample_rate),
        )
        while batch := list(islice(spans, self._batch)):
            yield from self._separated(batch)

    def _separated(self, batch: list[Window]) -> Iterator[tuple[Window, Block]]:
        """Yield each window with both its stems, ``(2, channels, frames)``."""
        sounding = [window.audio for window in batch if window.samples.any()]
        stems = iter(self._opened.separate_batch(sounding, residual=self._residual))
        least = int(SILENCE * batch[0].audio.sample_rate)
        for window in batch:
            both = np.zeros((2, *window.samples.shape), np.float32)
            if window.samples.any():
                parts = next(stems)
                both[0], both[1] = parts.vocals.numpy(), parts.accompaniment.numpy()
                for start, stop in _silences(window.samples, least):
                    both[..., start:stop] = 0
            yield window, both

    def _stems(self, samples: Block, sample_rate: int, made_by: tuple[Any, ...]) -> Stems:
        made_by = (*made_by, self.chosen.provenance)
        vocals, accompaniment = (Audio(part, sample_rate, made_by) for part in samples)
        return Stems(vocals, accompaniment)


def _silences(samples: Block, least: int) -> NDArray[np.intp]:
    """Return ``(silences, 2)``, where runs of at least ``least`` silent frames start and stop."""
    sounds = np.concatenate([[True], samples.any(axis=0), [True]])
    edges = np.flatnonzero(sounds[1:] != sounds[:-1]).reshape(-1, 2)
    return edges[edges[:, 1] - edges[:, 0] >= least]
