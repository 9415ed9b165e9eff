"""An end to connections that are too slow, whatever their peers send meanwhile."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from typing import Any, Self


class Deadline:
    """Shuts connections down unless :meth:`restart` is called within each ``seconds``.

    The time-out of a socket begins anew with every byte, so that a peer that sends one now and then
    is waited for without end: in a handshake, a status line, a header, the length of a chunk, a
    trailer. This one is asked of the whole, and none of the code that reads need know of it.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.is_over = False
        """Whether the connections were shut down."""
        self._end = time.monotonic() + seconds
        self._sockets: list[socket.socket] = []
        self._changed = threading.Condition()
        self._done = False
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._done = True
            self._changed.notify()
        self._thread.join()
        for each in self._sockets:
            each.close()

    def restart(self) -> None:
        """Grant as many seconds again, from now on."""
        self._end = time.monotonic() + self.seconds

    def connect(self, *arguments: Any) -> socket.socket:
        """Return a connection that ends with this deadline; see ``socket.create_connection``.

        Raises
        ------
        OSError
            There is none, or the deadline is over.
        """
        connection = socket.create_connection(*arguments)
        with self._changed:
            if self.is_over:
                connection.close()
                raise TimeoutError
            # A handle of its own, as TLS takes the first one over.
            self._sockets.append(connection.dup())
        return connection

    def _watch(self) -> None:
        with self._changed:
            while not self._done:
                left = self._end - time.monotonic()
                if left <= 0:
                    self.is_over = True
                    for each in self._sockets:
                        with suppress(OSError):  # its peer has gone
                            each.shutdown(socket.SHUT_RDWR)
                    return
                self._changed.wait(left)
