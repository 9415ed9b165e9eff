"""``autovoice bench``: timings of kernels on this machine."""

from __future__ import annotations

from typing import Any

import click
from attrs import asdict
from rich.table import Table

from autovoice_core._errors import AutoVoiceError, NoBackend
from autovoice_core.backends.choice.selection import select
from autovoice_core.backends.need import Need
from autovoice_core.backends.plugins.registry import catalogue
from autovoice_core.bench.kernels import KernelTiming, copy_bandwidth, time_kernels
from autovoice_core.cli._group import CommandGroup
from autovoice_core.cli._output import print_json, print_table

MIN_ITERATIONS = 10
"""Calls whose median is more than a rough figure."""


@click.group("bench", cls=CommandGroup)
def command() -> None:
    """Measure how fast this machine is."""


@command.command("kernels")
@click.option(
    "--iterations",
    type=click.IntRange(min=1),
    default=30,
    show_default=True,
    metavar="N",
    help="Calls of each kernel to take the median of.",
)
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def kernels(iterations: int, as_json: bool) -> None:
    """Time the kernels of all usable backends, on ten seconds of synthesised singing."""
    bandwidth = copy_bandwidth(iterations)
    rows: list[KernelTiming] = []
    absent: list[str] = []
    for entry in catalogue().offers:
        for device in entry.offer.devices:
            try:
                chosen = select(entry.operation, Need(devices=(device,)), name=entry.name)
                opened = chosen.open()
                rows += time_kernels(entry.name, entry.operation, device, opened, iterations)
            except AutoVoiceError as error:
                reason = error.summary if isinstance(error, NoBackend) else error
                absent.append(f"{entry.name} on {device}: {reason}")
    if as_json:
        report: dict[str, Any] = {
            "copy_bytes_per_s": bandwidth,
            "iterations": iterations,
            "rows": [asdict(row) for row in rows],
            "absent": absent,
        }
        print_json(report)
        return
    table = Table("kernel", "backend", box=None)
    for head in ("ms", "10^9 operations/s", "GB/s"):
        table.add_column(head, justify="right")
    for row in rows:
        done = "-" if row.operations is None else f"{row.operations / 1e9:.2f}"
        table.add_row(row.kernel, row.backend, f"{row.ms:.3f}", done, f"{row.bandwidth / 1e9:.2f}")
    print_table(table)
    click.echo(f"a copy in this machine's memory: {bandwidth / 1e9:.1f} GB/s")
    if iterations < MIN_ITERATIONS:
        click.echo(
            "rough figures: the median of so few calls says little; give --iterations "
            f"{MIN_ITERATIONS} or more"
        )
    for line in absent:
        click.echo(f"absent: {line}")
