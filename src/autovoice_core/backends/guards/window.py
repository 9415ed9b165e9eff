"""``WindowGuard``, the base of guards of what is applied to windows of a long file."""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import evolve, field, frozen

from autovoice_core._errors import InputError
from autovoice_core._printable import quoted
from autovoice_core._types import Audio
from autovoice_core.backends.guards.base import Guard

SAMPLE_BYTES = 4


@frozen
class WindowGuard(Guard):
    """A guard of an implementation that is applied to windows of a long file."""

    context: float = field(init=False)
    """Seconds from an edge within which a result is not used."""
    latency: float | None = field(default=None, kw_only=True)
    """Seconds until a stream's output is complete, as offered; None if it can't stream."""

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        if self.latency is not None and not callable(self.attribute("stream")):
            raise self.violation(
                f"its offer states a latency, but {type(self.inner).__name__} "
                "has no method stream()"
            )
        context = self.attribute("context")
        object.__setattr__(self, "context", self.checked_number(context, "context is"))

    def grid(self, sample_rate: int) -> int:
        """Return the number of samples of whose multiples windows must begin."""
        with self.calling("grid"):
            grid = self.inner.grid(sample_rate)
            if not isinstance(grid, int | np.integer) or grid < 1:
                raise self.violation(
                    f"grid({sample_rate}) returned {quoted(grid)}, not a count of samples"
                )
            return int(grid)

    def memory(self, frames: int, channels: int, sample_rate: int) -> float | None:
        """Return the bytes that a window takes, or None if the backend does not say.

        The copy of the window that the backend is handed is included.
        """
        if not callable(self.attribute("memory")):
            return None
        with self.calling("memory"):
            size = self.checked_number(
                self.inner.memory(frames, channels, sample_rate),
                f"memory({frames}, {channels}, {sample_rate}) returned",
                "bytes",
            )
        on_host = self.provenance.device == "cpu"
        return size + (SAMPLE_BYTES * frames * channels if on_host else 0)

    @property
    def can_bring(self) -> bool:
        """Whether the backend can bring audio to its device."""
        return callable(self.attribute("bring"))

    def bring(self, audio: Audio) -> Audio:
        """Return ``audio`` on the backend's device."""
        with self.calling("bring"):
            moved = self.inner.bring(audio)
            return evolve(self.checked_audio(moved, "bring()", audio), made_by=audio.made_by)

    def inner_stream(self, sample_rate: int, **options: Any) -> Any:
        """Return the implementation's own stream.

        Raises
        ------
        InputError
            The offer states no latency.
        """
        if self.latency is None:
            raise InputError(
                f"stream: {self.provenance.backend} works on whole windows and can't stream; "
                "select a backend with Need(max_latency=...)"
            )
        with self.calling("stream"):
            return self.inner.stream(sample_rate, **options)
