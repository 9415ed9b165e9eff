"""The guard of streams, which checks block by block what is fed and what is returned."""

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
"""Given what a stream returned and the method's name, returns it with provenance or raises."""


@frozen(repr=False)
class GuardedStream(Guard):
    """A guarded :class:`~autovoice_core.protocols.Stream`."""

    _methods: ClassVar[tuple[str, ...]] = ("feed", "flush")

    check: Check
    sample_rate: int
    """Of all blocks, Hz."""
    _is_over: Event = field(init=False, factory=Event)
    """Set by :meth:`flush`."""
    latency: float = field(init=False)
    """Seconds until the output for a sample is complete."""

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        latency = self.checked_number(self.attribute("latency"), "the stream's latency is")
        object.__setattr__(self, "latency", latency)

    def __repr__(self) -> str:
        late = f"{1000 * self.latency:.0f} ms late"
        return f"Stream({self.provenance.backend!r}, {self.sample_rate} Hz, {late})"

    def feed(self, block: Audio) -> Any:
        """Take in a block of any length and return the output that is complete.

        Raises
        ------
        InputError
            The block is not finite or has another sample rate, or the stream has ended.
        """
        self._check_open()
        inputs.check_audio("block", block)
        if block.sample_rate != self.sample_rate:
            raise InputError(
                f"block: it has {block.sample_rate} Hz, not the stream's {self.sample_rate} Hz; "
                "resample it first"
            )
        with self.calling("feed"):
            output = self.inner.feed(self.as_backend_input(block))
            return self.check(output, "feed()")

    def flush(self) -> Any:
        """Return the rest of the output and end the stream."""
        self._check_open()
        self._is_over.set()
        with self.calling("flush"):
            output = self.inner.flush()
            return self.check(output, "flush()")

    def _check_open(self) -> None:
        if self._is_over.is_set():
            raise InputError("stream: it ended with flush(); open another stream for more sound")
