"""Output that several commands share: tables, JSON and progress bars."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.cells import cell_len
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from autovoice_core._printable import json_safe, printable
from autovoice_core.cli._console import SafeConsole
from autovoice_core.cli._verbosity import is_quiet

MAX_WRAPPED_ROWS = 200
"""Most rows of a table that is wrapped to fit a terminal."""

_WIDTH_WITHOUT_TERMINAL = 1000


def print_table(table: Table) -> None:
    """Print a table, wrapped only on a terminal, so that scripts find each row on one line.

    One of very many rows is not wrapped, as rich takes milliseconds for each.
    """
    if table.row_count > MAX_WRAPPED_ROWS:
        _print_columns(table)
        return
    console = SafeConsole(markup=False, emoji=False, highlight=False)
    if not _is_terminal(console.file):
        console.width = _WIDTH_WITHOUT_TERMINAL
    console.print(table)


def _print_columns(table: Table) -> None:
    padded = []
    for column in table.columns:
        cells = [printable(cell) for cell in (column.header, *column.cells)]
        lengths = [cell_len(cell) for cell in cells]
        width = max(lengths)
        padded.append(
            [f"{cell}{' ' * (width - n)}" for cell, n in zip(cells, lengths, strict=True)]
        )
    click.echo("\n".join(f" {'  '.join(line).rstrip()}" for line in zip(*padded, strict=True)))


def print_json(data: Any, *, indent: int | None = 2, err: bool = False) -> None:
    """Print ``data`` as JSON, for scripts; numbers that are not finite become null.

    Control characters, letters that the output's encoding lacks, and bytes of names that are not
    UTF-8 are escaped.
    """
    data = _without_infinities(data)
    text = json_safe(json.dumps(data, indent=indent, ensure_ascii=False, allow_nan=False))
    try:
        text.encode(getattr(sys.stderr if err else sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(data, indent=indent, allow_nan=False)
    click.echo(text, err=err)


def print_written(
    paths: Iterable[Path], replaced: Collection[Path] = (), *, err: bool = False
) -> None:
    """Print a line for each file: whether it was ``replaced`` or is new."""
    for path in paths:
        click.echo(f"{'replaced' if path in replaced else 'wrote'} {printable(path)}", err=err)


@contextmanager
def progress_bar(label: str) -> Iterator[Callable[[float], None]]:
    """Show a bar on a terminal's standard error; yield a callback for the fraction done."""
    with stage_bar(label) as update:
        yield lambda fraction: update(label, fraction)


@contextmanager
def stage_bar(label: str) -> Iterator[Callable[[str, float], None]]:
    """Show a bar whose label changes; yield a callback for the label and the fraction done.

    Only on a terminal that can move its cursor: never in a log, even with FORCE_COLOR.
    """
    console = SafeConsole(stderr=True)
    hidden = is_quiet() or console.is_dumb_terminal or not _is_terminal(sys.stderr)
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=hidden) as bar:
        task = bar.add_task(printable(label), total=1.0)
        yield lambda stage, fraction: bar.update(
            task, description=printable(stage), completed=fraction
        )


def _is_terminal(stream: Any) -> bool:
    return stream is not None and bool(stream.isatty())


def _without_infinities(data: Any) -> Any:
    if isinstance(data, Mapping):
        return {name: _without_infinities(value) for name, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [_without_infinities(value) for value in data]
    return None if isinstance(data, float) and not math.isfinite(data) else data
