"""The help of every command, compared with ``help.txt``: options, their order and defaults."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from autovoice_core.cli import cli

STORED = Path(__file__).with_name("help.txt")


def helps(
    command: click.Command, name: str = "autovoice", parent: click.Context | None = None
) -> Iterator[str]:
    """Yield the help of a command and of all its sub-commands, 100 columns wide."""
    context = command.make_context(
        name,
        [],
        parent,
        resilient_parsing=True,
        terminal_width=100,
        max_content_width=100,
    )
    yield command.get_help(context)
    if isinstance(command, click.Group):
        for child_name in command.list_commands(context):
            child = command.get_command(context, child_name)
            assert child is not None
            yield from helps(child, child_name, context)


def test_the_help_of_every_command_is_as_stored() -> None:
    """If it changed on purpose, store the output of this file as ``help.txt``."""
    # In a process of its own: a command keeps the help options of its first call.
    done = subprocess.run([sys.executable, __file__], capture_output=True, text=True, check=True)
    assert done.stdout == STORED.read_text(encoding="utf-8")


if __name__ == "__main__":
    print("\n\n\n".join(helps(cli)))  # noqa: T201
