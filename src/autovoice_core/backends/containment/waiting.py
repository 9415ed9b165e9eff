"""Waiting for plugins: the message about one that takes long to import."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE_SECONDS = 2.0
"""Time after which it is said which plugin is waited for."""
LOOKS = 8
"""Looks at the clock in that time."""


class Waiting:
    """Logs ``waiting for plugin ...`` of each plugin that takes longer than the patience.

    One thread looks at the clock for all plugins that are loaded in a ``with`` block, as starting
    one takes longer than to import most of them.
    """

    def __init__(self) -> None:
        self._current: tuple[str, float] | None = None
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="autovoice-waiting", daemon=True)

    def __enter__(self) -> Waiting:
        return self

    def __exit__(self, *error: object) -> None:
        self._is_over.set()
        if self._thread.ident is not None:
            self._thread.join()

    @contextmanager
    def for_plugin(self, plugin: str) -> Iterator[None]:
        """Say that ``plugin`` is waited for if the block takes long."""
        if self._thread.ident is None:
            self._thread.start()
        self._current = (plugin, time.monotonic())
        try:
            yield
        finally:
            self._current = None

    def _watch(self) -> None:
        said: tuple[str, float] | None = None
        while not self._is_over.wait(max(PATIENCE_SECONDS / LOOKS, 0.01)):
            current = self._current
            if current is None or current is said:
                continue
            if time.monotonic() - current[1] >= PATIENCE_SECONDS:
                said = current
                _say_waiting(current[0])


def _say_waiting(plugin: str) -> None:
    import logging  # which few plugins need

    logging.getLogger(__name__).warning("waiting for plugin %s", plugin)
