"""Output that several commands share: tables, JSON and progress bars."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from autovoice_core.cli._verbosity import is_quiet

_WIDTH_WITHOUT_TERMINAL = 1000


def print_table(table: Table) -> None:
    """Print a table, wrapped only on a terminal, so that scripts find each row on one line."""
    console = Console(markup=False, emoji=False, highlight=False)
    if not console.is_terminal:
        console.width = _WIDTH_WITHOUT_TERMINAL
    console.print(table)


def print_json(data: Any) -> None:
    """Print ``data`` as JSON, for scripts."""
    click.echo(json.dumps(data, indent=2, ensure_ascii=False))


@contextmanager
def progress_bar(label: str) -> Iterator[Callable[[float], None]]:
    """Show a bar on a terminal's standard error; yield a callback for the fraction done."""
    with stage_bar(label) as update:
        yield lambda fraction: update(label, fraction)


@contextmanager
def stage_bar(label: str) -> Iterator[Callable[[str, float], None]]:
    """Show a bar whose label changes; yield a callback for the label and the fraction done."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=is_quiet() or not console.is_terminal) as bar:
        task = bar.add_task(label, total=1.0)
        yield lambda stage, fraction: bar.update(task, description=stage, completed=fraction)
