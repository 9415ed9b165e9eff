"""Memory limits, parsed as users write them."""

from __future__ import annotations

import math
import re

from attrs import frozen

from autovoice_core._arguments import describe, is_number, plain_number
from autovoice_core._errors import ArgumentError
from autovoice_core._variables import variable_text

VARIABLE = "AUTOVOICE_MEMORY_LIMIT"
"""Environment variable that sets the limit where no argument does."""

Amount = str | float
"""Bytes, or text such as ``"2 GB"`` and ``"512 MiB"``."""

_UNITS = {"b": 1}
for _power, _letter in enumerate("kmgt", 1):
    _UNITS |= {f"{_letter}b": 1000**_power, f"{_letter}ib": 1024**_power}
_AMOUNT = re.compile(r"(\d+(?:\.\d+)?|\.\d+)\s*([a-z]*)", re.IGNORECASE)


@frozen
class MemoryLimit:
    """A limit in bytes, and the argument or environment variable that set it.

    Attributes
    ----------
    bytes
        What this process may hold.
    origin
        Name of the argument or variable.
    workers
        How many processes share what was given there, each with as much as this one.
    """

    bytes: int
    origin: str
    workers: int = 1

    @classmethod
    def from_argument(cls, amount: Amount | MemoryLimit | None) -> MemoryLimit | None:
        """Return the limit of the argument, else that of the environment, else None.

        Raises
        ------
        InputError
            It is not an amount of memory.
        """
        if isinstance(amount, MemoryLimit):
            return amount
        origin = "memory_limit" if amount is not None else VARIABLE
        amount = variable_text(VARIABLE) if amount is None else amount
        if amount is None:
            return None
        try:
            return cls(parse_memory(amount), origin)
        except ValueError as error:
            raise ArgumentError(f"{origin}: {error}") from error

    def shared_by(self, workers: int) -> MemoryLimit:
        """Return the share of each of so many workers."""
        return MemoryLimit(self.bytes // workers, self.origin, workers)


def parse_memory(amount: Amount) -> int:
    """Return an amount of memory in bytes.

    Raises
    ------
    ValueError
        It is not an amount of memory; the message says why.
    """
    if isinstance(amount, str):
        found, given = _AMOUNT.fullmatch(amount.strip()), describe(amount)
        if found is None:
            raise ValueError(f"{given} is not an amount of memory; give for example '2 GB'")
        number, unit = found.groups()
        if not unit:
            raise ValueError(f"{given} has no unit; give for example '2 GB' or '512 MiB'")
        if unit.lower() not in _UNITS:
            units = "kB, MB, GB, TB, KiB, MiB, GiB or TiB"
            raise ValueError(f"{describe(unit)} is not a unit of memory; give {units}")
        size = float(number) * _UNITS[unit.lower()]
    else:
        number = plain_number(amount)
        size = float(number) if is_number(number) else math.nan
    if not 1 <= size < math.inf:
        raise ValueError(f"{describe(amount)} is not an amount of memory; give one byte or more")
    return int(size)


def format_memory(size: float) -> str:
    """Return a number of bytes in MB or GB, e.g. ``"1.23 GB"``."""
    return f"{size / 1e9:.2f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"
