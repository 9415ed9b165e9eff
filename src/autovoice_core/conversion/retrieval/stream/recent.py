"""The last rows of a table that grows for ever."""

from __future__ import annotations

from typing import Any

from array_api_compat import array_namespace


class Recent:
    """Rows by their numbers, of which only the last ``kept`` are remembered."""

    def __init__(self, kept: int) -> None:
        self._kept, self._first = kept, 0
        self._rows: Any = None

    def add(self, rows: Any) -> None:
        """Append rows; what is too old is forgotten."""
        if self._rows is not None:
            rows = array_namespace(rows).concat([self._rows, rows], axis=0)
        surplus = max(0, rows.shape[0] - self._kept)
        self._rows, self._first = rows[surplus:, ...], self._first + surplus

    def since(self, first: int, stop: int) -> Any:
        """Return the rows from ``first`` up to ``stop``, without those before row 0."""
        return self._rows[max(first, 0) - self._first : stop - self._first, ...]
