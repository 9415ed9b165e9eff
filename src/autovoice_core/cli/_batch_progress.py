"""Progress of a batch: on a terminal bars for the whole and each song at work, else lines."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from autovoice_core._printable import printable
from autovoice_core.batch.manifest import Record
from autovoice_core.batch.progress import BatchProgress
from autovoice_core.cli._console import SafeConsole
from autovoice_core.cli._verbosity import is_quiet


class BatchDisplay:
    """Shows a batch on standard error.

    Parameters
    ----------
    bars
        Where a terminal shows it; None: a line is written for each song instead.
    """

    def __init__(self, bars: Progress | None) -> None:
        self._bars = bars
        self._whole: TaskID | None = None
        self._songs: dict[str, TaskID] = {}
        self._done = self._total = 0

    def progress(self, batch: BatchProgress) -> None:
        """Show the whole, and the songs at work."""
        self._done, self._total = batch.done + batch.failed, batch.total
        if self._bars is None:
            return
        text = f"{self._done} of {self._total} songs"
        text += f", {batch.failed} failed" if batch.failed else ""
        left = _time_text(batch.remaining_seconds)
        if self._whole is None:
            self._whole = self._bars.add_task(text, total=1.0, left=left)
        self._bars.update(self._whole, description=text, completed=batch.fraction, left=left)
        for name in set(self._songs) - set(batch.at_work):
            self._bars.remove_task(self._songs.pop(name))
        for name, (stage, fraction) in batch.at_work.items():
            if name not in self._songs:
                self._songs[name] = self._bars.add_task(printable(name), total=1.0, left="")
            self._bars.update(self._songs[name], completed=fraction, left=printable(stage))

    def ended(self, record: Record) -> None:
        """Write a line for a song that has ended, where there is no terminal.

        Why songs failed is told in the end, for all of them together.
        """
        if self._bars is not None or is_quiet():
            return
        end = f"{record.seconds:.1f} s" if record.error is None else "failed"
        text = f"{self._done} of {self._total}: {record.song}: {end}"
        click.echo(printable(text), err=True)

    def stopped(self) -> None:
        """Say how a batch that was stopped at work goes on."""
        if self._total and not is_quiet():
            text = f"{self._done} of {self._total} songs were done; the same command does the rest"
            click.echo(text, err=True)


@contextmanager
def batch_progress() -> Iterator[BatchDisplay]:
    """Yield the display of a batch."""
    console = SafeConsole(stderr=True)
    display = BatchDisplay(None)
    try:
        if is_quiet() or console.is_dumb_terminal or not (sys.stderr and sys.stderr.isatty()):
            yield display
            return
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[left]}", markup=False),
        )
        with Progress(*columns, console=console) as bars:
            display = BatchDisplay(bars)
            yield display
    except KeyboardInterrupt:
        display.stopped()
        raise


def _time_text(seconds: float | None) -> str:
    """Return an estimate, no more exact than it is: minutes where there are some."""
    if seconds is None:
        return ""
    if seconds < 60:
        return f"about {max(1, round(seconds))} s left"
    hours, minutes = divmod(max(1, round(seconds / 60)), 60)
    return f"about {hours} h {minutes} min left" if hours else f"about {minutes} min left"
