"""A monitor of the GPU memory that sections of a program take."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ContextDecorator, ExitStack, contextmanager
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Self

from attrs import define, field

from autovoice_core.memory.gpu import GPU, Figures, NoGPUError, open_gpu, pool_figures
from autovoice_core.memory.limit import format_memory


@define(eq=False)
class Section:
    """A section of a program.

    Attributes
    ----------
    before, after, peak
        Bytes by name: ``device`` is what all processes have in use on the GPU, ``process`` what
        this process has, ``cupy used`` and ``cupy held`` what CuPy's arrays take and what its
        pool holds, and likewise ``torch``. What can't be measured is missing.
    """

    before: Figures = field(factory=dict)
    after: Figures = field(factory=dict)
    peak: Figures = field(factory=dict)

    def update_peak(self, figures: Figures) -> None:
        """Raise the peak to ``figures`` where they are greater."""
        for name, size in figures.items():
            self.peak[name] = max(size, self.peak.get(name, 0))


class GPUMemoryMonitor(ContextDecorator):
    """Monitors the memory of a GPU while a ``with`` block, or a function it decorates, runs.

    ::

        with GPUMemoryMonitor() as monitor:
            with monitor.section("pitch"):
                ...
        print(monitor)

    The figures are those of NVML (``pip install 'autovoice-core[memory]'``) and of the pools of
    CuPy and torch where the program has loaded them; nothing is imported for it. They are read
    at the start and end of sections and every ``interval`` seconds between. Arrays that come and
    go within an interval may be missed, but not what a pool holds because of them. Without a GPU
    there are no figures, and the text says "no device".

    Parameters
    ----------
    device
        Number of the GPU among the visible ones.
    interval
        Seconds between readings.
    """

    def __init__(self, device: int = 0, *, interval: float = 0.01) -> None:
        self.sections: dict[str, Section] = {}
        self.whole = Section()
        self.missing = "not inspected yet"
        """Why there is no device; empty if there is one."""
        self.device: str | None = None
        """Name of the GPU, or None."""
        self.total: int | None = None
        """Bytes of its memory."""
        self._number, self._interval = device, interval
        self._gpu: GPU | None = None
        self._active: list[Section] = []
        self._lock = Lock()
        self._open = ExitStack()
        self._depth = 0

    @property
    def current(self) -> Figures:
        """Bytes by name, now; once the monitor has ended, those at its end."""
        return self._read() if self._depth else dict(self.whole.after)

    @property
    def peak(self) -> Figures:
        """Largest bytes by name."""
        return dict(self.whole.peak)

    @contextmanager
    def section(self, name: str) -> Iterator[Section]:
        """Record a section under a name, which may be used again."""
        section = self.sections.setdefault(name, Section())
        with self._recording(section):
            yield section

    def __enter__(self) -> Self:
        if self._depth:
            self._sample()
        else:
            self._start()
        self._depth += 1
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._depth == 1:
            self._open.close()
        self._depth -= 1

    def __str__(self) -> str:
        if self.device is not None and self.total is not None:
            lines = [f"{self.device}, {format_memory(self.total)}"]
        else:
            lines = [f"no device: {self.missing}"]
        for name, section in {"all": self.whole, **self.sections}.items():
            lines += [
                f"  {name}: {what} {format_memory(section.before.get(what, 0))} before, "
                f"{format_memory(section.after.get(what, 0))} after, {format_memory(peak)} at most"
                for what, peak in section.peak.items()
            ]
        return "\n".join(lines)

    def _start(self) -> None:
        try:
            self._gpu = self._open.enter_context(open_gpu(self._number))
            self.device, self.total, self.missing = self._gpu.name, self._gpu.total, ""
        except NoGPUError as reason:
            self.missing = str(reason)
        self._open.enter_context(self._recording(self.whole))
        over = Event()
        thread = Thread(target=self._poll, args=(over,), name="autovoice-memory", daemon=True)
        self._open.callback(thread.join)
        self._open.callback(over.set)
        thread.start()

    @contextmanager
    def _recording(self, section: Section) -> Iterator[None]:
        with self._lock:
            self._active.append(section)
        figures = self._sample()
        section.before = section.before or figures
        try:
            yield
        finally:
            section.after = self._sample()
            with self._lock:
                self._active.remove(section)

    def _poll(self, over: Event) -> None:
        while not over.wait(self._interval):
            self._sample()

    def _sample(self) -> Figures:
        figures = self._read()
        with self._lock:
            for section in self._active:
                section.update_peak(figures)
        return figures

    def _read(self) -> Figures:
        return (self._gpu.figures() if self._gpu is not None else {}) | pool_figures(self._number)
