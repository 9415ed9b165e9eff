"""Options that several commands share: device, backends, memory limit, threads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from autovoice_core._errors import InputError
from autovoice_core.audio.output_stream import STANDARD_OUTPUT
from autovoice_core.audio.spooling import STANDARD_INPUT
from autovoice_core.backends.choice.given_settings import in_force, parse_settings, using_settings
from autovoice_core.backends.choice.named_backends import NamedBackend, using_named
from autovoice_core.backends.known_devices import unknown_device
from autovoice_core.backends.need import Need
from autovoice_core.backends.offer import OPERATIONS, Operation
from autovoice_core.cli._completion import BACKEND, DEVICE
from autovoice_core.memory.limit import parse_memory


class _Path(click.Path):
    """A path, or ``-`` for a standard stream where there is one.

    An empty one is refused: to Python it is the current folder, and scripts give it by mistake.
    """

    def __init__(self, stream: Path | None = None) -> None:
        super().__init__(path_type=Path)
        self._stream = stream

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "":
            self.fail("it is empty; give a path, and check the variables of the shell", param, ctx)
        if value == "-" and self._stream is not None:
            return self._stream
        return super().convert(value, param, ctx)


PATH = _Path()
"""Parameter type of files and folders."""

SOUND = _Path(STANDARD_INPUT)
"""Parameter type of a sound file to read; ``-`` is standard input."""

OUTPUT = _Path(STANDARD_OUTPUT)
"""Parameter type of a file to write; ``-`` is standard output."""


class _SoundDevice(click.ParamType[int | str]):
    name = "device"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int | str:
        text = str(value)
        return int(text) if text.isdecimal() else text


SOUND_DEVICE = _SoundDevice()
"""Parameter type of a sound device: its number, or part of its name."""

db_option = click.option("--db", type=PATH, help="Another voice database.")
"""Adds ``--db`` to a command."""

no_clobber_option = click.option(
    "--no-clobber",
    "overwrite",
    flag_value=False,
    default=True,
    help="Refuse to replace files that exist; by default they are replaced.",
)
"""Adds ``--no-clobber`` to a command that writes files, as the argument ``overwrite``."""

_Command = TypeVar("_Command", bound=Callable[..., Any])


def backend_options(function: _Command) -> _Command:
    """Add ``--device``, ``--backend`` and ``--set`` to a command.

    See :func:`requested_backends` for the first two; the settings are in force for the command.
    """
    function = click.option(
        "--set",
        multiple=True,
        metavar="OP.NAME=VALUE",
        callback=_use_settings,
        expose_value=False,
        help="Set a knob of a backend, e.g. separation.overlap=0.5; `autovoice backends` lists "
        "them.",
    )(function)
    function = click.option(
        "--backend",
        "backends",
        type=BACKEND,
        multiple=True,
        callback=_parse_backends,
        help="Use this backend, e.g. pitch=cpu/nccf; can be given once for each operation.",
    )(function)
    return click.option(
        "--device",
        type=DEVICE,
        default="cpu",
        show_default=True,
        help="Where to run: cpu, cuda or another kind of device; auto tries every one found, "
        "fastest first.",
    )(function)


def memory_option(function: _Command) -> _Command:
    """Add ``--memory-limit`` to a command."""
    return click.option(
        "--memory-limit",
        metavar="SIZE",
        callback=_parse_size,
        help="Maximum memory to use, of the device that --device names: e.g. 2GB or 512MiB.",
    )(function)


def threads_option(function: _Command) -> _Command:
    """Add ``--threads`` to a command."""
    return click.option(
        "--threads",
        type=click.IntRange(min=1),
        metavar="N",
        help="Threads to use on the CPU. [default: one per core]",
    )(function)


def _parse_size(
    context: click.Context, parameter: click.Parameter, value: str | None
) -> int | None:
    if value is None:
        return None
    try:
        return parse_memory(value)
    except ValueError as error:
        raise click.BadParameter(str(error), context, parameter) from error


def _use_settings(
    context: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> None:
    try:
        given = parse_settings(values, "the option --set")
    except InputError as error:
        message = str(error).partition(": ")[2]
        raise click.BadParameter(message, context, parameter) from error
    context.with_resource(using_settings(given))


@contextmanager
def requested_backends(
    device: str, backends: Mapping[str, str], operations: Iterable[Operation]
) -> Iterator[Need]:
    """Yield the need that ``--device`` states, with the backends of ``--backend`` in force.

    Raises
    ------
    click.BadParameter
        ``--backend`` or ``--set`` is for none of the ``operations`` that the command uses.
    """
    _check_operations(backends, frozenset(operations))
    check_device(device, backends.values())
    with using_named(
        {op: NamedBackend(name, "the option --backend") for op, name in backends.items()}
    ):
        yield Need(devices=(device,))


def _check_operations(backends: Mapping[str, str], used: frozenset[Operation]) -> None:
    """Refuse what has no effect: a user who gives it thinks that it has."""
    for operation in OPERATIONS:
        if operation in used:
            continue
        given = [("--set", each.label) for each in in_force(operation).values()]
        if operation in backends:
            given.append(("--backend", f"{operation}={backends[operation]}"))
        for option, value in given:
            context = click.get_current_context()
            names = " and ".join(each for each in OPERATIONS if each in used)
            message = f"{value!r} would have no effect, as this command uses {names} alone"
            raise click.BadParameter(message, context, param_hint=f"'{option}'")


def check_device(device: str, backends: Iterable[str] = ()) -> None:
    """Refuse a ``--device`` that core, no enabled plugin and none that ``--backend`` names knows.

    Raises
    ------
    click.BadParameter
        Nobody offers it.
    """
    if fault := unknown_device(device, backends):
        context = click.get_current_context()
        raise click.BadParameter(fault, context, param_hint="'--device'")


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
