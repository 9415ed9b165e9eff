"""A batch as ``autovoice batch`` prints it, in words and for scripts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import get_args

import click

from autovoice_core._printable import printable
from autovoice_core.batch.manifest import NAME
from autovoice_core.batch.plan import FAILED, TO_DO, Planned, State
from autovoice_core.batch.result import BatchResult

WORDS: dict[State, str] = {
    "new": "new",
    "changed": "changed",
    "missing": "result missing",
    "retry": "failed before, tried again",
    "failed": "failed before, skipped",
    "refused": "can't be done",
    "done": "done",
}
"""States of songs, as `--dry-run` prints them."""


def as_dict(result: BatchResult, *, dry_run: bool) -> dict[str, object]:
    """Return a batch as plain data, by the names that ``--json`` prints."""
    ended = {record.song for record in result.records}
    songs = []
    for each in result.plan:
        name, record = each.song.name, result.recorded.get(each.song.name)
        state: str = each.state
        if record is not None and name in ended:
            state = "done" if record.error is None else "failed"
        state = "failed" if state in FAILED and not dry_run else state
        entry: dict[str, object] = {"song": name, "state": state}
        entry["outputs"] = [] if state in FAILED else list(each.outputs)
        if record is not None and state in {"done", "failed"}:
            entry |= {
                "seconds": record.seconds,
                "made_by": list(record.made_by),
                "warnings": list(record.warnings),
                "worker": record.worker,
            }
        if name in result.failed:
            entry["error"] = result.failed[name]
        songs.append(entry)
    states = Counter(entry["state"] for entry in songs)
    counts = {name: states[name] for name in (get_args(State) if dry_run else ("done", "failed"))}
    return {
        **counts,
        "done_now": sum(record.error is None for record in result.records),
        "seconds": round(result.seconds, 2),
        "songs": songs,
    }


def print_result(result: BatchResult, out: Path, *, dry_run: bool) -> None:
    """Print what was done, or with ``dry_run`` what there is to do; failures to standard error."""
    if dry_run:
        for each in result.plan:
            click.echo(f"{WORDS[each.state]}: {printable(_arrow(each))}")
    before = {each.song.name for each in result.plan if each.state == "failed"}
    for reason, (first, *others) in _failures(result, set() if dry_run else before):
        more = f" and {len(others)} more" if others else ""
        click.echo(f"failed: {printable(first)}{more}: {printable(reason)}", err=True)
    count, failed = len(result.plan), len(result.failed)
    if dry_run:
        text = f"{sum(each.state in TO_DO for each in result.plan)} of {count} songs to do"
        click.echo(f"{text}; {failed} failed" if failed else text)
        return
    now = sum(record.error is None for record in result.records)
    done = now + sum(each.state == "done" for each in result.plan)
    text = f"{done} of {count} songs are done, {now} of them now"
    text += f" in {result.seconds:.0f} s" if now else ""
    warned = sum(bool(record.warnings) and record.error is None for record in result.records)
    if warned:
        text += f", {warned} with warnings, which --json lists"
    if failed:
        text += f"; {failed} failed"
    if before:
        text += " before" if len(before) == failed else f", {len(before)} of them before"
        text += ": --dry-run says why, --retry tries again"
    click.echo(f"{text}; see {printable(str(out / NAME))}")


def _arrow(planned: Planned) -> str:
    return f"{planned.song.name} -> {planned.outputs[0]}"


def _failures(result: BatchResult, told: Collection[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield reasons, each with the songs that failed for it, but for those ``told`` before.

    Songs whose failure is their own stand alone: all their names are needed to mend them.
    """
    found: dict[tuple[str, str], list[str]] = {}
    for name, reason in result.failed.items():
        if name not in told:
            record = result.recorded.get(name)
            is_own = record is None or not record.passing or record.error != reason
            found.setdefault((reason, name if is_own else ""), []).append(name)
    for (reason, _), names in found.items():
        yield reason, names
