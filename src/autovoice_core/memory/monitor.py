"""How much of a GPU's memory a stretch of a program takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ContextDecorator, ExitStack, contextmanager
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Self

from attrs import define, field

from autovoice_core.memory.device import Device, Figures, NoDeviceError, looked_at, pools
from autovoice_core.memory.limit import written


@define(eq=False)
class Section:
    """A stretch of a program.

    Attributes
    ----------
    before, after, peak
        Bytes by name: ``device`` is what everybody has in use on the GPU, ``process`` what this
        process has, ``cupy used`` and ``cupy held`` what CuPy's arrays take and what its pool
        keeps, and likewise ``torch``. What can't be found out is missing.
    """

    before: Figures = field(factory=dict)
    after: Figures = field(factory=dict)
    peak: Figures = field(factory=dict)

    def saw(self, figures: Figures) -> None:
        """Raise the peak to these figures where they are greater."""
        for name, size in figures.items():
            self.peak[name] = max(size, self.peak.get(name, 0))


class GPUMemoryMonitor(ContextDecorator):
    """Watches the memory of a GPU while a ``with`` block, or a function it decorates, runs.

    ::

        with GPUMemoryMonitor() as monitor:
            with monitor.section("pitch"):
                ...
        print(monitor)

    The figures are those of NVML (``pip install 'autovoice-core[memory]'``) and of the pools of
    CuPy and torch where the program has loaded them; nothing is imported for it. They are read
    at the borders of sections and every ``interval`` seconds between. Arrays that come and go
    within an interval may be missed, but not what they make a pool hold. Without a GPU there are
    no figures, and it says "no device".

    Parameters
    ----------
    device
        Number of the GPU among those that are visible.
    interval
        Seconds.
    """

    def __init__(self, device: int = 0, *, interval: float = 0.01) -> None:
        self.sections: dict[str, Section] = {}
        self.whole = Section()
        self.missing = "not looked yet"
        """Why there is no device, or nothing."""
        self.device: str | None = None
        """Name of the GPU, or None."""
        self.total: int | None = None
        """Bytes of its memory."""
        self._number, self._interval = device, interval
        self._gpu: Device | None = None
        self._watched: list[Section] = []
        self._lock = Lock()
        self._open = ExitStack()
        self._depth = 0

    @property
    def current(self) -> Figures:
        """Bytes by name, now; those of the end once the watch is over."""
        return self._read() if self._depth else dict(self.whole.after)

    @property
    def peak(self) -> Figures:
        """Bytes by name, the most that was seen."""
        return dict(self.whole.peak)

    @contextmanager
    def section(self, name: str) -> Iterator[Section]:
        """Keep figures of a part of the watch of their own; a name may come again."""
        section = self.sections.setdefault(name, Section())
        with self._watching(section):
            yield section

    def __enter__(self) -> Self:
        if self._depth:
            self._look()
        else:
            self._begin()
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
            lines = [f"{self.device}, {written(self.total)}"]
        else:
            lines = [f"no device: {self.missing}"]
        for name, section in {"all": self.whole, **self.sections}.items():
            lines += [
                f"  {name}: {what} {written(section.before.get(what, 0))} before, "
                f"{written(section.after.get(what, 0))} after, {written(peak)} at most"
                for what, peak in section.peak.items()
            ]
        return "\n".join(lines)

    def _begin(self) -> None:
        try:
            self._gpu = self._open.enter_context(looked_at(self._number))
            self.device, self.total, self.missing = self._gpu.name, self._gpu.total, ""
        except NoDeviceError as reason:
            self.missing = str(reason)
        self._open.enter_context(self._watching(self.whole))
        over = Event()
        thread = Thread(target=self._watch, args=(over,), name="autovoice-memory", daemon=True)
        self._open.callback(thread.join)
        self._open.callback(over.set)
        thread.start()

    @contextmanager
    def _watching(self, section: Section) -> Iterator[None]:
        with self._lock:
            self._watched.append(section)
        figures = self._look()
        section.before = section.before or figures
        try:
            yield
        finally:
            section.after = self._look()
            with self._lock:
                self._watched.remove(section)

    def _watch(self, over: Event) -> None:
        while not over.wait(self._interval):
            self._look()

    def _look(self) -> Figures:
        figures = self._read()
        with self._lock:
            for section in self._watched:
                section.saw(figures)
        return figures

    def _read(self) -> Figures:
        return (self._gpu.figures() if self._gpu is not None else {}) | pools(self._number)
