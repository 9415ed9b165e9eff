"""The record of a lie."""

from __future__ import annotations

from typing import Any

from attrs import Factory, frozen


@frozen
class Lie:
    """A backend that breaks one promise."""

    operation: str
    test: str
    """The contract's test that must fail."""
    claims: dict[str, Any] = Factory(dict)
    """Claims that differ from those of an honest offer."""


RETRIEVAL = {"imports": ("reference_backend",)}
SPELLER = {"imports": ("reference_backend",)}
