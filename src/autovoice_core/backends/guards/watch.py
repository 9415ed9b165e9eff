"""The watch on an implementation: which of its calls are compared thoroughly."""

from __future__ import annotations

from collections import Counter

from attrs import define, field

THOROUGH_CALLS = 3
"""First calls of each method after which the whole state of the process is compared."""


@define
class Watch:
    """Decides when to compare all that a call may have changed, which takes up to a millisecond.

    That is after the first calls of each method, as nearly all that is left behind is left by
    those, and after every call of an implementation that was caught once. A block of a stream
    could not spare the time.
    """

    is_careless: bool = False
    _calls: Counter[str] = field(factory=Counter)

    def is_due(self, method: str) -> bool:
        """Count a call of ``method``; return whether to compare thoroughly after it."""
        self._calls[method] += 1
        return self.is_careless or self._calls[method] <= THOROUGH_CALLS
