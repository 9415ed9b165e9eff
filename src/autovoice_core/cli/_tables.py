"""Tables on standard output."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

_NO_LIMIT = 1000


def print_table(table: Table) -> None:
    """Print a table, folded on a terminal only, so that scripts find a row in one line."""
    console = Console(markup=False, emoji=False, highlight=False)
    if not console.is_terminal:
        console.width = _NO_LIMIT
    console.print(table)
