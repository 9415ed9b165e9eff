"""VocalSeparator: separation of audio of any length, by the backend selected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import islice
from typing import Any, ClassVar

import numpy as np
from array_api_compat import array_namespace
from numpy.typing import NDArray

from autovoice_core._arguments import as_progress, as_whole_number
from autovoice_core._arrays import as_numpy, to_device_of
from autovoice_core._errors import ArgumentError
from autovoice_core._threads import allowed_threads
from autovoice_core._types import Audio, Progress, Stems
from autovoice_core._windowed import WindowedEngine, Workload
from autovoice_core.audio.reading import SoundInput, as_source
from autovoice_core.audio.source import Source, concatenate
from autovoice_core.audio.windows import Window, crossfade
from autovoice_core.backends.guards.residual import Residual, checked_residual
from autovoice_core.backends.need import Need
from autovoice_core.backends.offer import Operation
from autovoice_core.backends.settings import Value
from autovoice_core.memory.limit import Amount, MemoryLimit

WINDOW_SECONDS = 60.0
"""Seconds that are separated at a time, without context."""
MAX_WINDOW_SAMPLES = 6_000_000
"""Samples of a window at most, of all channels together; else windows are shorter."""
CROSSFADE_SECONDS = 0.05
"""Seconds over which windows are crossfaded."""
MIN_SILENCE_SECONDS = 0.05
"""Seconds of zeros in all channels that are a silence, which both stems keep."""
BYTES_PER_SAMPLE = 32.0
"""Bytes that core takes for each sample of a window: it, its stems, and their copies."""


class VocalSeparator(WindowedEngine):
    """Separates a mixture into vocals and accompaniment.

    Parameters
    ----------
    backend
        Full name of the backend, e.g. ``"cpu/wrpca"``; by default the best that meets ``need``.
    need
        Requirements of the backend; by default float32 on the CPU.
    settings
        Settings of the backend by name, e.g. ``{"overlap": 0.5}``.
    batch
        Windows of 60 s that the backend is given at a time; more take more memory, and are
        faster where the backend can make use of them.
    residual
        Where the rest goes that is left over by a backend that estimates its stems independently:
        ``"share"``, half to each stem, or ``"accompaniment"``, which leaves the vocals as
        estimated.
    memory_limit
        Bytes, or text such as ``"2 GB"``: what this process may hold in all, or of the GPU if the
        backend runs on one. Windows get as short, and as few at a time, as that requires. By
        default the value of the environment variable ``AUTOVOICE_MEMORY_LIMIT``, if it is set.
    threads
        Threads to use on the CPU, by default the value of the environment variable
        ``AUTOVOICE_THREADS``, or one per core. The result does not depend on it.

    Raises
    ------
    InputError
        ``batch``, ``residual``, ``memory_limit`` or ``threads`` is invalid.
    """

    _operation: ClassVar[Operation] = "separation"

    def __init__(
        self,
        *,
        backend: str | None = None,
        need: Need | None = None,
        settings: Mapping[str, Value] | None = None,
        batch: int = 1,
        residual: Residual = "share",
        memory_limit: Amount | MemoryLimit | None = None,
        threads: int | None = None,
    ) -> None:
        super().__init__(
            backend=backend,
            need=need,
            settings=settings,
            memory_limit=memory_limit,
            threads=threads,
        )
        self._batch = as_whole_number("batch", batch, unit="windows", example="1")
        if self._batch < 1:
            raise ArgumentError(f"batch: {batch} is not a number of windows; give 1 or more")
        self._residual = checked_residual(residual)

    def separate(self, audio: SoundInput, *, progress: Progress | None = None) -> Stems:
        """Return the stems of ``audio``, on its device; of its length, rate and channels.

        They add up to it, and are silent where it is.

        Parameters
        ----------
        audio
            Sound in memory, or a sound file by its path or opened in binary mode.
        progress
            Called with the fraction done.

        Raises
        ------
        InputError
            The file can't be read, samples are not finite, or the memory limit is too small.
        SelectionError
            No backend meets the need.
        """
        source = as_source(audio)
        reserved_bytes = 4.0 * 2 * source.channels * source.frames
        blocks = self._blocks(source, progress, reserved_bytes)
        whole = concatenate(blocks, (2, source.channels, source.frames))
        made_by = audio.made_by if isinstance(audio, Audio) else ()
        return self._stems(whole, source.sample_rate, made_by)

    def separate_blocks(
        self, audio: SoundInput, *, progress: Progress | None = None
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
        self, source: Source, progress: Progress | None, reserved_bytes: float = 0.0
    ) -> Iterator[Any]:
        """Yield both stems of consecutive blocks, ``(2, channels, frames)``, on the song's device.

        ``reserved_bytes`` are left free for what the caller keeps.
        """
        report = as_progress(progress)
        done, fade = 0, int(CROSSFADE_SECONDS * source.sample_rate)
        for block in crossfade(self._windows(source, reserved_bytes), fade):
            yield block
            done += block.shape[-1]
            report(done / source.frames)

    def _workload(self, source: Source, reserved_bytes: float = 0.0) -> Workload:
        return Workload(
            sample_rate=source.sample_rate,
            channels=source.channels,
            frames=source.frames,
            window_seconds=WINDOW_SECONDS,
            max_window_samples=MAX_WINDOW_SAMPLES,
            context=max(self._opened.context, MIN_SILENCE_SECONDS) + CROSSFADE_SECONDS,
            input_channels=source.channels,
            bytes_per_sample=BYTES_PER_SAMPLE,
            reserved_bytes=reserved_bytes,
            max_batch=self._batch,
            threads=self._threads,
        )

    def _windows(self, source: Source, reserved_bytes: float) -> Iterator[tuple[Window, Any]]:
        plan, max_batch = self._fit_windows(self._workload(source, reserved_bytes))
        spans = plan.windows(source)
        while batch := [(None, window) for window in islice(spans, max_batch)]:
            for _, window, stems in plan.process(batch, partial(self._separate, plan.threads)):
                both = _stacked(window, stems)
                del stems
                yield window, both

    def _separate(self, threads: int, batch: list[tuple[None, Window]]) -> list[Stems | None]:
        """Return the stems of each window, None for silence."""
        sounding = [_has_sound(window.samples) for _, window in batch]
        audios = [window.audio for (_, window), sound in zip(batch, sounding, strict=True) if sound]
        with allowed_threads(threads):
            stems = iter(self._opened.separate_batch(audios, residual=self._residual))
        return [next(stems) if sound else None for sound in sounding]

    def _stems(self, samples: Any, sample_rate: int, made_by: tuple[Any, ...]) -> Stems:
        made_by = (*made_by, self.chosen.provenance)
        vocals, accompaniment = (Audio(samples[i, ...], sample_rate, made_by) for i in (0, 1))
        return Stems(vocals, accompaniment)


def _stacked(window: Window, stems: Stems | None) -> Any:
    """Return the stems of a window, ``(2, channels, frames)``, silent where it is."""
    samples = window.samples
    parts = (samples, samples)
    if stems is not None:
        parts = stems.vocals.samples, stems.accompaniment.samples
    both = array_namespace(samples).stack([to_device_of(samples, part) for part in parts])
    for start, stop in _silences(samples, int(MIN_SILENCE_SECONDS * window.audio.sample_rate)):
        both[..., start:stop] = 0
    return both


def _has_sound(samples: Any) -> bool:
    return bool(array_namespace(samples).any(samples != 0))


def _silences(samples: Any, min_frames: int) -> NDArray[np.intp]:
    """Return ``(silences, 2)``: start and end of each run of ``min_frames`` silent frames."""
    xp = array_namespace(samples)
    silent = xp.all(samples == 0, axis=0)
    changes = as_numpy(xp.nonzero(silent[1:] != silent[:-1])[0]) + 1
    ends = [0] * bool(silent[0]), [silent.shape[0]] * bool(silent[-1])
    edges = np.concatenate([ends[0], changes, ends[1]]).astype(np.intp).reshape(-1, 2)
    return edges[edges[:, 1] - edges[:, 0] >= min_frames]
