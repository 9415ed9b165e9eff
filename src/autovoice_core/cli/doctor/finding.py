"""``Finding``: one thing that ``autovoice doctor`` found, with the command that mends it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from attrs import field, frozen

Severity = Literal["problem", "warning", "note"]

FIX = "autovoice doctor --fix"
"""The remedy of what doctor mends itself."""


@frozen
class Finding:
    """One thing that was found.

    Attributes
    ----------
    code
        The kind of finding, e.g. ``"gpu-driver"``; docs/doctor.md lists them all.
    severity
        ``"problem"`` if something that is used is broken, ``"warning"`` if something may be,
        ``"note"`` if nothing is.
    text
        What was found, as a sentence without a full stop.
    remedy
        The command that mends it; None where no command does, and ``text`` says what does.
    mend
        What ``--fix`` calls: it mends it, and returns what was done, as the end of a sentence that
        begins with "fixed: ". None: ``--fix`` leaves it alone.
    breaks
        The module that can't be imported because of it, or empty.
    """

    code: str
    severity: Severity
    text: str
    remedy: str | None = None
    mend: Callable[[], str] | None = field(default=None, eq=False, repr=False)
    breaks: str = field(default="", eq=False, repr=False)

    def as_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "code": self.code,
            "severity": self.severity,
            "text": self.text,
            "remedy": self.remedy,
            "fixable": self.mend is not None,
        }
