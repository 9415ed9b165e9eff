"""Habits that all commands have: ``-v``, ``-q`` and ``--log``, ``--json``, and no colours."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from model_server import Server, pinned

from autovoice_core.cli import cli, main

Install = Callable[..., Path]

WITHOUT_JSON = {
    # What they do is heard, or served.
    "play",
    "serve",
    # They change what a `list` or `show` beside them reports.
    *(f"voices {name}" for name in ("add", "export", "import", "learn", "remove", "rename", "set")),
    "models remove",
    "plugins enable",
    "plugins disable",
    # They print nothing but paths.
    "models get",
    "models path",
}
"""Commands that print no report, so that no script needs it as data."""

COLOUR = re.compile(r"\x1b\[[\d;]*\b(?:3[0-8]|4[0-8]|9\d|10\d)\b[\d;]*m")


def commands(
    group: click.Group = cli, parent: click.Context | None = None, names: tuple[str, ...] = ()
) -> Iterator[tuple[str, click.Command]]:
    """Yield every command that does something, and its name without ``autovoice``."""
    context = click.Context(group, parent=parent)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, context, (*names, name))
        else:
            yield " ".join((*names, name)), command


def options_of(command: click.Command) -> set[str]:
    return {name for parameter in command.params for name in parameter.opts}


def test_every_command_can_be_told_to_say_more_or_less() -> None:
    wanted = {"-v", "--verbose", "-q", "--quiet", "--log"}
    assert [name for name, command in commands() if not wanted <= options_of(command)] == []


def test_every_command_that_reports_something_reports_it_as_data() -> None:
    lacking = {name for name, command in commands() if "--json" not in options_of(command)}
    assert lacking == WITHOUT_JSON


@pytest.mark.usefixtures("store")
def test_hashes_that_were_compared_are_data(
    install: Install, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    weights = pinned(url=f"http://{server.host}/files/net.safetensors")
    install(weights)
    assert main(["models", "verify", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []
    assert main(["models", "get", weights.name]) == 0
    capsys.readouterr()
    assert main(["models", "verify", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [{"name": weights.name, "fault": None}]
    weights.place.write_bytes(b"damaged")
    assert main(["models", "verify", "--json"]) == 1
    shown = capsys.readouterr()
    (told,) = json.loads(shown.out)
    assert told["name"] == weights.name
    assert shown.err == f"autovoice: {told['fault']}\n"


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize("no_color", [None, "1"])
def test_a_terminal_gets_colours_unless_told_not_to(song_file: Path, no_color: str | None) -> None:
    import pty

    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100"}
    for name in ("NO_COLOR", "FORCE_COLOR"):
        environment.pop(name, None)
    if no_color:
        environment["NO_COLOR"] = no_color
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "autovoice_core", "pitch", str(song_file)],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    try:
        while piece := os.read(ours, 4096):
            shown += piece
    except OSError:  # the other end was closed
        pass
    os.close(ours)
    assert process.wait() == 0
    text = shown.decode()
    assert "median" in text
    assert bool(COLOUR.search(text)) is (no_color is None)
