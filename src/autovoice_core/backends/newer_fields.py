"""Fields of records that a newer autovoice-core knows: ignored here, and told."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from difflib import get_close_matches
from typing import Any, TypeVar

from attrs import fields

from autovoice_core._errors import BadOffer

MISSPELT = 0.8
"""Likeness to a known name from which on a field is misspelt rather than new."""

_Record = TypeVar("_Record")


_found: ContextVar[list[str] | None] = ContextVar("newer fields", default=None)


@contextmanager
def ignored() -> Iterator[list[str]]:
    """Ignore fields that records don't have within; yield a list that gets ``"Offer.name"``."""
    found: list[str] = []
    token = _found.set(found)
    try:
        yield found
    finally:
        _found.reset(token)


def tolerant(kind: type[_Record]) -> type[_Record]:
    """Let a record of attrs, within :func:`ignored`, be given fields that it does not have.

    Raises
    ------
    BadOffer
        From the record, then: a field is nearly called like one that it has.
    """
    build = kind.__init__
    known = [field.name for field in fields(kind)]  # type: ignore[arg-type]

    @functools.wraps(build)
    def init(self: Any, *arguments: Any, **values: Any) -> None:
        found = _found.get()
        if found is not None:
            for name in sorted(values.keys() - known):
                meant = get_close_matches(name, known, n=1, cutoff=MISSPELT)
                if meant:
                    hint = f"(did you mean {meant[0]!r}?)"
                    raise BadOffer(f"{kind.__name__} has no field {name!r} {hint}")
                del values[name]
                found.append(f"{kind.__name__}.{name}")
        build(self, *arguments, **values)

    kind.__init__ = init  # type: ignore[method-assign]
    return kind
