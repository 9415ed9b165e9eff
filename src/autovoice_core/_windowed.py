"""The base class of engines that work in windows, and window lengths within a memory limit."""

from __future__ import annotations

import logging
import math
from bisect import bisect_right
from collections.abc import Mapping
from typing import Any

from attrs import frozen

from autovoice_core._engine import Engine
from autovoice_core._errors import ArgumentError
from autovoice_core._threads import allowed_threads, thread_count
from autovoice_core.audio.source import Source
from autovoice_core.audio.window_plan import WindowPlan
from autovoice_core.audio.windows import round_up
from autovoice_core.backends.known_devices import memory_in_use
from autovoice_core.backends.need import Need
from autovoice_core.backends.settings import Value
from autovoice_core.memory.limit import Amount, MemoryLimit, format_memory

_logger = logging.getLogger(__name__)

LIMIT_STEP_BYTES = 10_000_000
"""The least sufficient limit that an error names is a multiple of this."""
LIMIT_MARGIN = 0.02
"""Fraction added to the least sufficient limit, as no two processes hold exactly the same."""


@frozen
class Workload:
    """What an engine is to process, and the windows that it prefers.

    Attributes
    ----------
    sample_rate, channels, frames
        Of the longest source.
    window_seconds, max_window_samples
        Preferred length of a window's core; it is shorter where the core's channels together
        would have more samples.
    context
        Seconds on each side of a core.
    input_channels
        Number of channels that the backend is given.
    bytes_per_sample
        Bytes that core itself takes for each sample of each channel of a window.
    reserved_bytes
        Bytes that core takes in addition, whatever the windows: for results that it keeps.
    max_batch
        Preferred number of windows in a batch.
    threads
        Number of threads to use.
    parallel_windows
        Whether each thread has a window of its own, or all work on the same.
    """

    sample_rate: int
    channels: int
    frames: int
    window_seconds: float
    max_window_samples: float
    context: float
    input_channels: int
    bytes_per_sample: float
    reserved_bytes: float = 0.0
    max_batch: int = 1
    threads: int = 1
    parallel_windows: bool = False


def fit_windows(opened: Any, limit: MemoryLimit | None, load: Workload) -> tuple[WindowPlan, int]:
    """Return the windows to work in, and the number of them in a batch.

    Parameters
    ----------
    opened
        A backend's implementation, guarded.
    limit
        On the memory of the process, or on what it holds of a GPU if the backend runs on one.
    load
        What is to be processed.

    Raises
    ------
    InputError
        The limit is too small even for the shortest windows, or the backend does not declare the
        memory that it takes.
    """
    grid = opened.grid(load.sample_rate)
    context = math.ceil(load.context * load.sample_rate)
    core = min(
        load.window_seconds * load.sample_rate,
        max(load.max_window_samples / load.channels, context),
    )
    preferred = round_up(max(1, int(core)), grid)
    # Shorter ones would be mostly context.
    shortest = min(preferred, round_up(max(1, context), grid))
    plan = WindowPlan(preferred, context, grid, shortest, opened.provenance, limit is not None)
    plan.threads = load.threads
    if limit is None:
        return plan, load.max_batch

    def cost(core: int) -> float:
        frames = min(core + round_up(context, grid) + context, load.frames)
        windows, threads = (plan.threads, 1) if load.parallel_windows else (1, plan.threads)
        with allowed_threads(threads):
            backend_bytes = opened.memory(frames, load.input_channels, load.sample_rate)
        if backend_bytes is None:
            raise ArgumentError(
                f"{limit.origin}: {opened.provenance.backend} does not declare how much memory it "
                "takes, so no limit can be kept; omit the limit, or choose another backend"
            )
        core_bytes = load.bytes_per_sample * frames * load.channels
        return windows * (float(backend_bytes) + core_bytes)

    in_use = memory_in_use(opened.provenance.device, limit.origin) + load.reserved_bytes
    available = limit.bytes - in_use
    cores = range(shortest, preferred + 1, grid)
    fitting = bisect_right(cores, available, key=cost)
    # Fewer threads rather than windows that are mostly context.
    while plan.threads > 1 and (not fitting or cores[fitting - 1] < min(2 * context, preferred)):
        plan.threads -= 1
        fitting = bisect_right(cores, available, key=cost)
    if not fitting:
        device = opened.provenance.device
        where = "" if device == "cpu" else f" on {device}"
        needed = (1 + LIMIT_MARGIN) * (in_use + cost(shortest))
        sufficient = math.ceil(needed / LIMIT_STEP_BYTES) * LIMIT_STEP_BYTES
        shared, holder, remedy = "", "this process", ""
        if limit.workers > 1:
            shared, holder = f", shared by {limit.workers} workers,", "each"
            remedy = ", or use fewer workers"
        raise ArgumentError(
            f"{limit.origin}: {format_memory(limit.bytes * limit.workers)}{shared} is too little "
            f"for {opened.provenance.backend}, whose shortest windows take "
            f"{format_memory(cost(shortest))} in addition to the {format_memory(in_use)} that "
            f"{holder} holds{where}; give at least {format_memory(sufficient * limit.workers)}"
            f"{remedy}"
        )
    plan.core = cores[fitting - 1]
    return plan, max(1, min(load.max_batch, int(available / cost(plan.core))))


class WindowedEngine(Engine):
    """An engine that works in windows, within a memory limit if there is one."""

    def __init__(
        self,
        *,
        backend: str | None = None,
        need: Need | None = None,
        settings: Mapping[str, Value] | None = None,
        memory_limit: Amount | MemoryLimit | None = None,
        threads: int | None = None,
    ) -> None:
        super().__init__(backend=backend, need=need, settings=settings)
        self.memory_limit = MemoryLimit.from_argument(memory_limit)
        self._thread_count = thread_count(threads)

    def check_memory_limit(self, source: Source) -> None:
        """Refuse a limit that is too small for ``source``, before anything is processed.

        Raises
        ------
        InputError
            It is.
        """
        if self.memory_limit is not None:
            self._fit_windows(self._workload(source))

    def _fit_windows(self, load: Workload) -> tuple[WindowPlan, int]:
        """Return the windows to work in, and the number of them in a batch."""
        plan, batch = fit_windows(self._opened, self.memory_limit, load)
        _logger.debug(
            "%s: windows of %d samples with %d around, in batches of %d; threads: %d",
            self._operation,
            plan.core,
            plan.context,
            batch,
            plan.threads,
        )
        return plan, batch

    @property
    def _threads(self) -> int:
        """The number of threads that share the work: one where the backend has a device."""
        return self._thread_count if self.chosen.device == "cpu" else 1

    @property
    def spare_threads(self) -> int:
        """The number of threads for work beside that of the backend.

        It is one where the backend has a device, and within a memory limit, which does not count
        that work.
        """
        return self._threads if self.memory_limit is None else 1

    def _workload(self, source: Source) -> Workload:
        """Return what there is to process."""
        raise NotImplementedError
