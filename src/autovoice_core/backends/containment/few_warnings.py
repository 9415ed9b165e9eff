"""A limit to the warnings of a plugin: some that are cut, and a count of the others."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from autovoice_core._errors import PluginWarning
from autovoice_core._printable import shortened
from autovoice_core.backends.wording import LONGEST_ERROR

MOST_WARNINGS = 20
"""Most warnings of a plugin that are shown while it is imported, and while its hooks are called."""


@contextmanager
def few_warnings(who: str) -> Iterator[None]:
    """Show the first warnings that are raised within, each cut to 1000 characters.

    Warns
    -----
    PluginWarning
        There were more, so many of ``who``.
    """
    show = warnings.showwarning
    count = 0

    def tell(message: Any, category: type[Warning], *place: Any, **more: Any) -> None:
        nonlocal count
        count += 1
        if count > MOST_WARNINGS:
            return
        text = str(message)
        cut = message if len(text) <= LONGEST_ERROR else UserWarning(shortened(text, LONGEST_ERROR))
        show(cut, category, *place, **more)

    warnings.showwarning = tell
    try:
        yield
    finally:
        if warnings.showwarning is tell:  # a plugin may have put its own there
            warnings.showwarning = show
        if count > MOST_WARNINGS:
            text = f"{who} raised {count - MOST_WARNINGS:,} more warnings, which are not shown"
            warnings.warn(text, PluginWarning, stacklevel=3)
