"""``causes``: an error and what it came from; ``is_disk_full``, which looks for one of them."""

from __future__ import annotations

import errno
from collections.abc import Iterator

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def causes(error: BaseException | None, *, contexts: bool = False) -> Iterator[BaseException]:
    """Yield an error, and what it was raised from, the nearest first.

    With ``contexts``, an error that was raised from none is followed to the one that was being
    handled when it was raised.
    """
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        yield error
        seen.add(id(error))
        error = error.__cause__ or (error.__context__ if contexts else None)


def is_disk_full(error: BaseException, *, contexts: bool = False) -> bool:
    """Return whether an error comes from a disk, or a user's share of one, without space."""
    found = causes(error, contexts=contexts)
    return any(isinstance(each, OSError) and each.errno in _FULL for each in found)
