"""Separation of audio of any length, by whichever backend is chosen."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from array_api_compat import array_namespace
from numpy.typing import NDArray

from autovoice_core._arrays import as_numpy, beside
from autovoice_core._errors import InputError
from autovoice_core._types import Audio, Progress, Stems
from autovoice_core._windowed import Job, WindowedEngine
from autovoice_core.audio.gathering import gathered
from autovoice_core.audio.source import Source, as_source
from autovoice_core.audio.windows import Window, join
from autovoice_core.backends.guards.residual import Residual, checked_residual
from autovoice_core.backends.offer import Need, Operation
from autovoice_core.memory.limit import Amount, MemoryLimit

WINDOW = 60.0
"""Seconds that are separated at a time, context apart."""
SAMPLES = 6_000_000
"""Samples, of all channels together, above which the windows get shorter."""
FADE = 0.05
"""Seconds over which one window passes into the next."""
SILENCE = 0.05
"""Seconds of zeros in all channels from which on they are a silence, which both stems keep."""
OWN = 32.0
"""Bytes that are taken here for each sample of a window: it, its stems, and their copies."""


class VocalSeparator(WindowedEngine):
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
    memory_limit
        Bytes, or text such as ``"2 GB"``: what this process may hold in all, or of the GPU on a
        GPU. Windows get as short, and as few at a time, as that takes. By default what the
        environment variable ``AUTOVOICE_MEMORY_LIMIT`` says, if anything.

    Raises
    ------
    InputError
        ``batch``, ``residual`` or ``memory_limit`` makes no sense.
    """

    _operation: ClassVar[Operation] = "separation"

    def __init__(
        self,
        *,
        backend: str | None = None,
        need: Need | None = None,
        batch: int = 1,
        residual: Residual = "share",
        memory_limit: Amount | MemoryLimit | None = None,
    ) -> None:
        super().__init__(backend=backend, need=need, memory_limit=memory_limit)
        if batch < 1:
            raise InputError(f"batch: {batch} is not a number of windows; give 1 or more")
        self._batch, self._residual = batch, checked_residual(residual)

    def separate(
        self, audio: Audio | Source | str | Path, *, progress: Progress | None = None
    ) -> Stems:
        """Return the stems of ``audio``, in memory where it lies; of its length, rate and channels.

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
            The file can't be read, samples are not finite, or the memory limit is too little.
        SelectionError
            No backend meets the need.
        """
        source = as_source(audio)
        lasting = 4.0 * 2 * source.channels * source.frames
        blocks = self._blocks(source, progress, lasting)
        whole = gathered(blocks, (2, source.channels, source.frames))
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
        for block in self._blocks(source, progress):
            yield self._stems(block, source.sample_rate, made_by)

    def _blocks(
        self, source: Source, progress: Progress | None, lasting: float = 0.0
    ) -> Iterator[Any]:
        """Yield both stems of consecutive blocks, ``(2, channels, frames)``, where the song is.

        ``lasting`` bytes are left free for who keeps them.
        """
        done = 0
        for block in join(self._windows(source, lasting), int(FADE * source.sample_rate)):
            yield block
            done += block.shape[-1]
            if progress is not None:
                progress(done / source.frames)

    def _job(self, source: Source, lasting: float = 0.0) -> Job:
        return Job(
            rate=source.sample_rate,
            channels=source.channels,
            frames=source.frames,
            seconds=WINDOW,
            samples=SAMPLES,
            context=max(self._opened.context, SILENCE) + FADE,
            heard=source.channels,
            own=OWN,
            lasting=lasting,
            at_once=self._batch,
        )

    def _windows(self, source: Source, lasting: float) -> Iterator[tuple[Window, Any]]:
        portions, at_once = self._fitted(self._job(source, lasting))
        spans = portions.windows(source)
        while batch := [(None, window) for window in islice(spans, at_once)]:
            for _, window, stems in portions.worked(batch, self._separated):
                both = _both(window, stems)
                del stems
                yield window, both

    def _separated(self, batch: list[tuple[None, Window]]) -> list[Stems | None]:
        """Return the stems of each window, None for silence."""
        sounding = [_sounds(window.samples) for _, window in batch]
        audios = [window.audio for (_, window), heard in zip(batch, sounding, strict=True) if heard]
        stems = iter(self._opened.separate_batch(audios, residual=self._residual))
        return [next(stems) if heard else None for heard in sounding]

    def _stems(self, samples: Any, sample_rate: int, made_by: tuple[Any, ...]) -> Stems:
        made_by = (*made_by, self.chosen.provenance)
        vocals, accompaniment = (Audio(samples[i, ...], sample_rate, made_by) for i in (0, 1))
        return Stems(vocals, accompaniment)


def _both(window: Window, stems: Stems | None) -> Any:
    """Return the stems of a window, ``(2, channels, frames)``, silent where it is."""
    samples = window.samples
    parts = (samples, samples)
    if stems is not None:
        parts = stems.vocals.samples, stems.accompaniment.samples
    both = array_namespace(samples).stack([beside(samples, part) for part in parts])
    for start, stop in _silences(samples, int(SILENCE * window.audio.sample_rate)):
        both[..., start:stop] = 0
    return both


def _sounds(samples: Any) -> bool:
    return bool(array_namespace(samples).any(samples != 0))


def _silences(samples: Any, least: int) -> NDArray[np.intp]:
    """Return ``(silences, 2)``, where runs of at least ``least`` silent frames start and stop."""
    xp = array_namespace(samples)
    silent = xp.all(samples == 0, axis=0)
    changes = as_numpy(xp.nonzero(silent[1:] != silent[:-1])[0]) + 1
    ends = [0] * bool(silent[0]), [silent.shape[0]] * bool(silent[-1])
    edges = np.concatenate([ends[0], changes, ends[1]]).astype(np.intp).reshape(-1, 2)
    return edges[edges[:, 1] - edges[:, 0] >= least]
