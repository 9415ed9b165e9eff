"""A stream under guard: what is fed and what comes back are checked block by block."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import Any, ClassVar

from attrs import field, frozen

from autovoice_core._errors import InputError
from autovoice_core._types import Audio
from autovoice_core.backends.guards import inputs
from autovoice_core.backends.guards.base import Guard

Check = Callable[[Any, str], Any]
"""Takes what a stream gave and the method's name; returns it, stamped, or raises."""


@frozen
class GuardedStream(Guard):
    """A :class:`~autovoice_core._protocols.Stream` under guard."""

    _methods: ClassVar[tuple[str, ...]] = ("feed", "flush")

    check: Check
    sample_rate: int
    """Of the blocks, Hz."""
    over: Event = field(init=False, factory=Event)
    """Set by :meth:`flush`."""
    latency: float = field(init=False)
    """Seconds until the output for a sample is complete."""

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        latency = getattr(self.inner, "latency", None)
        if not isinstance(latency, int | float) or not 0 <= latency < float("inf"):
            raise self.violation(f"the stream's latency is {latency!r}, not a number of seconds")
        object.__setattr__(self, "latency", float(latency))

    def feed(self, block: Audio) -> Any:
        """Take in a block of any length and return what can be said by now.

        Raises
        ------
        InputError
            The block is not finite or has another sample rate, or the stream is over.
        """
        self._check_open()
        inputs.check_audio("block", block)
        if block.sample_rate != self.sample_rate:
            raise InputError(
                f"block: it has {block.sample_rate} Hz, not the stream's {self.sample_rate} Hz; "
                "resample it first"
            )
        with self.watch():
            output = self.inner.feed(self.near(block))
        return self.check(output, "feed()")

    def flush(self) -> Any:
        """Return what is left; the stream is over."""
        self._check_open()
        self.over.set()
        with self.watch():
            output = self.inner.flush()
        return self.check(output, "flush()")

    def _check_open(self) -> None:
        if self.over.is_set():
            raise InputError("stream: it is over since flush(); open another for more sound")
