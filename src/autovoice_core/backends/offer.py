"""The records that offers and needs are stated in. Imports nothing heavy: plugins import this."""

from __future__ import annotations

from enum import IntEnum
from typing import Literal, get_args

from attrs import field, frozen

Operation = Literal["separation", "pitch", "conversion"]
"""The three operations that backends implement."""

OPERATIONS: tuple[Operation, ...] = get_args(Operation)


class Quality(IntEnum):
    """How good an implementation says it is; docs/backends.md has the numbers of each tier."""

    DRAFT = 1
    GOOD = 2
    BEST = 3


@frozen
class Licence:
    """SPDX identifiers of an implementation's code and of its weights, which often differ.

    ``weights`` is None for an implementation without weights. ``"unstated"`` satisfies no
    allow-list.
    """

    code: str
    weights: str | None = None
