"""``SignIns``: the sessions of browsers that have shown the token, and their cookie."""

from __future__ import annotations

import time
from hashlib import sha256
from secrets import token_urlsafe

COOKIE = "autovoice_token"
MAX_SIGN_INS = 256
"""Sessions that are kept; a further one ends the oldest."""
SIGN_IN_SECONDS = 7 * 86_400


class SignIns:
    """Sessions of browsers, kept in memory: those of a server that ends, end.

    The cookie holds a secret of the session's own and not the token, as browsers send the cookies
    of a host to all of its ports.
    """

    def __init__(self) -> None:
        self._ends: dict[bytes, float] = {}

    def begin(self) -> str:
        """Return the secret of a new session."""
        if len(self._ends) >= MAX_SIGN_INS:
            del self._ends[next(iter(self._ends))]
        secret = token_urlsafe(32)
        self._ends[_key(secret)] = time.monotonic() + SIGN_IN_SECONDS
        return secret

    def holds(self, secret: str) -> bool:
        """Return whether ``secret`` is that of a session which has not ended."""
        # A hash is looked up, so that the time it takes says nothing about the secrets.
        return time.monotonic() < self._ends.get(_key(secret), 0.0)

    def end(self, secret: str) -> None:
        """End the session of ``secret``, if there is one."""
        self._ends.pop(_key(secret), None)


def _key(secret: str) -> bytes:
    return sha256(secret.encode(errors="replace")).digest()
