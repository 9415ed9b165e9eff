"""The reference of commands in ``docs/cli.md``, made from the commands themselves.

``python tools/cli_page.py`` writes it anew below the line that says so, and leaves what stands
above as it is. It needs core alone.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from autovoice_core.cli import cli

PAGE = Path(__file__).resolve().parents[1] / "docs" / "cli.md"
MARK = "<!-- Made by tools/cli_page.py from here on. -->\n"
SHARED = {"verbose", "quiet", "log", "help"}
"""Options that every command has; the page lists them once, above the mark."""


def main(page: Path = PAGE) -> None:
    """Write the reference of commands into a page."""
    written, mark, _ = page.read_text(encoding="utf-8").partition(MARK)
    if not mark:
        raise SystemExit(f"{page}: lacks the line {MARK.strip()!r}")
    text = "\n".join(["", *reference()])
    page.write_text(f"{written}{mark}{text}", encoding="utf-8")


def reference() -> Iterator[str]:
    """Yield the lines of the reference, without line ends."""
    yield from _children(cli, click.Context(cli, info_name="autovoice"), "autovoice", 2)


def _children(group: click.Group, context: click.Context, name: str, level: int) -> Iterator[str]:
    for child_name in group.list_commands(context):
        child = group.get_command(context, child_name)
        if child is not None:
            yield from _section(child, f"{name} {child_name}", context, level)


def _section(command: click.Command, name: str, parent: click.Context, level: int) -> Iterator[str]:
    context = click.Context(command, info_name=name.rpartition(" ")[2], parent=parent)
    usage = " ".join([name, *command.collect_usage_pieces(context)])
    yield from (f"{'#' * level} {name}", "", "```text", usage, "```", "")
    for paragraph in (command.help or "").split("\n\n"):
        yield from (_prose(paragraph), "")
    options = [
        f"- `{record[0]}`: {_prose(record[1])}"
        for option in command.params
        if option.name not in SHARED
        and (record := option.get_help_record(context))
        and record[1]  # arguments are told of above
    ]
    if options:
        yield from (*options, "")
    if isinstance(command, click.Group):
        yield from _children(command, context, name, level + 1)


def _prose(text: str) -> str:
    """Return a text of click on one line, with what Markdown would take for markup escaped.

    Options become code, because the site would join their two dashes into a longer one.
    """
    pieces = re.split(r"(`[^`]*`)", " ".join(text.split()))
    # Between the pieces of code.
    pieces[::2] = [re.sub(r"(\*|<(?=[A-Za-z/]))", r"\\\1", piece) for piece in pieces[::2]]
    pieces[::2] = [re.sub(r"(?<![\w-])--[a-z][a-z-]*", r"`\g<0>`", piece) for piece in pieces[::2]]
    return "".join(pieces)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
