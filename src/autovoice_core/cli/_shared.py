"""What the commands have in common: options, progress bars and JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from autovoice_core.backends.naming import Asked, in_force
from autovoice_core.backends.offer import OPERATIONS, Need
from autovoice_core.memory.limit import parsed

type_of_device = click.Choice(["auto", "cpu", "cuda"])


_Command = TypeVar("_Command", bound=Callable[..., Any])


def operation_options(function: _Command) -> _Command:
    """Add ``--device`` and ``--backend`` to a command; see :func:`choosing`."""
    function = click.option(
        "--backend",
        "backends",
        multiple=True,
        metavar="OP=NAME",
        callback=_parse_backends,
        help="Use this backend, e.g. pitch=cpu/nccf; may be given for each operation.",
    )(function)
    return click.option(
        "--device",
        type=type_of_device,
        default="cpu",
        show_default=True,
        help="Where to run; auto takes every device found, fastest first.",
    )(function)


def memory_option(function: _Command) -> _Command:
    """Add ``--memory-limit`` to a command."""
    return click.option(
        "--memory-limit",
        metavar="SIZE",
        callback=_parse_size,
        help="What this process may hold, or of the GPU with --device cuda: e.g. 2GB or 512MiB.",
    )(function)


def _parse_size(
    context: click.Context, parameter: click.Parameter, value: str | None
) -> int | None:
    if value is None:
        return None
    try:
        return parsed(value)
    except ValueError as error:
        raise click.BadParameter(str(error), context, parameter) from error


@contextmanager
def choosing(device: str, backends: Mapping[str, str]) -> Iterator[Need]:
    """Yield the need that ``--device`` states, with the backends of ``--backend`` in force."""
    with in_force({op: Asked(name, "the option --backend") for op, name in backends.items()}):
        yield Need(devices=(device,))


def _parse_backends(
    context: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> dict[str, str]:
    chosen: dict[str, str] = {}
    for value in values:
        operation, separator, name = value.partition("=")
        if operation not in OPERATIONS or not separator or not name:
            message = f"{value!r} is not OP=NAME with OP one of {', '.join(OPERATIONS)}"
            raise click.BadParameter(message, context, parameter)
        chosen[operation] = name
    return chosen


@contextmanager
def progress_bar(label: str) -> Iterator[Callable[[float], None]]:
    """Show a bar on a terminal's standard error; yield what to tell the fraction done."""
    with stage_bar(label) as tell:
        yield lambda fraction: tell(label, fraction)


@contextmanager
def stage_bar(label: str) -> Iterator[Callable[[str, float], None]]:
    """Show a bar whose label changes; yield what to tell the label and the fraction done."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(label, total=1.0)
        yield lambda stage, fraction: bar.update(task, description=stage, completed=fraction)


def print_json(data: Any) -> None:
    """Write ``data`` to standard output as JSON, for scripts."""
    click.echo(json.dumps(data, indent=2, ensure_ascii=False))
