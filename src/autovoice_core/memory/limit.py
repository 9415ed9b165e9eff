"""A limit to memory, as users write it."""

from __future__ import annotations

import math
import os
import re

from attrs import frozen

from autovoice_core._errors import InputError

VARIABLE = "AUTOVOICE_MEMORY_LIMIT"

Amount = str | float
"""Bytes, or text such as ``"2 GB"`` and ``"512 MiB"``."""

_UNITS = {"b": 1}
for _power, _letter in enumerate("kmgt", 1):
    _UNITS |= {f"{_letter}b": 1000**_power, f"{_letter}ib": 1024**_power}
_WRITTEN = re.compile(r"(\d+(?:\.\d+)?|\.\d+)\s*([a-z]*)", re.IGNORECASE)


@frozen
class MemoryLimit:
    """A limit in bytes, and the argument or variable that it was given by."""

    bytes: int
    origin: str

    @classmethod
    def asked(cls, amount: Amount | MemoryLimit | None) -> MemoryLimit | None:
        """Return the limit of the argument, else of the environment, None where there is none.

        Raises
        ------
        InputError
            It is no amount of memory.
        """
        if isinstance(amount, MemoryLimit):
            return amount
        origin = "memory_limit" if amount is not None else VARIABLE
        amount = os.environ.get(VARIABLE, "").strip() or None if amount is None else amount
        if amount is None:
            return None
        try:
            return cls(parsed(amount), origin)
        except ValueError as error:
            raise InputError(f"{origin}: {error}") from error


def parsed(amount: Amount) -> int:
    """Return an amount of memory in bytes.

    Raises
    ------
    ValueError
        It is none; the message is the sentence to tell.
    """
    if isinstance(amount, str):
        found = _WRITTEN.fullmatch(amount.strip())
        if found is None:
            raise ValueError(f"{amount!r} is no amount of memory; give for example '2 GB'")
        number, unit = found.groups()
        if not unit:
            raise ValueError(f"{amount!r} has no unit; give for example '2 GB' or '512 MiB'")
        if unit.lower() not in _UNITS:
            raise ValueError(f"{unit!r} is no unit of memory; give kB, MB, GB, TB, MiB or GiB")
        size = float(number) * _UNITS[unit.lower()]
    else:
        size = float(amount)
    if not 1 <= size < math.inf:
        raise ValueError(f"{amount!r} is no amount of memory; give one byte or more")
    return int(size)


def written(size: float) -> str:
    """Return bytes as a user reads them."""
    return f"{size / 1e9:.2f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"
