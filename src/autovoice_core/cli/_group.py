"""A group of commands whose help says in full what each of them does."""

from __future__ import annotations

import click


class CommandGroup(click.Group):
    """A group whose list of commands has their whole first sentences, wrapped instead of cut."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [(name, self._summary(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def _summary(self, ctx: click.Context, name: str) -> str:
        command = self.get_command(ctx, name)
        return "" if command is None else command.get_short_help_str(limit=1000)
