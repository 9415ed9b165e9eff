"""``autovoice backends``: the installed backends, and why each is or isn't chosen."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import click
from attrs import asdict, evolve
from rich.table import Table

from autovoice_core._errors import PluginWarning
from autovoice_core.backends.choice.named_backends import find_named
from autovoice_core.backends.choice.ranking import Candidate, rank_offers, with_rank_reason
from autovoice_core.backends.need import Need
from autovoice_core.backends.offer import OPERATIONS, PLUGINS, Licence, Operation
from autovoice_core.backends.plugins.entry import Fault
from autovoice_core.backends.plugins.registry import catalogue, current_registry
from autovoice_core.backends.settings import described
from autovoice_core.cli._availability import Availability, check_availability
from autovoice_core.cli._completion import DEVICE
from autovoice_core.cli._options import check_device
from autovoice_core.cli._output import print_json, print_table
from autovoice_core.cli._private_paths import without_folders


@click.command()
@click.option("--why", type=click.Choice(OPERATIONS), help="Explain the choice for an operation.")
@click.option(
    "--device",
    type=DEVICE,
    default="cpu",
    show_default=True,
    help="The device for --why.",
)
@click.option("--probe", is_flag=True, help="Run each backend's probe, a tiny real operation.")
@click.option("--json", "as_json", is_flag=True, help="Print data for scripts.")
def command(why: Operation | None, device: str, probe: bool, as_json: bool) -> None:
    """List the backends and why each is or isn't chosen.

    No backend is run, unless --probe is given.
    """
    with warnings.catch_warnings():
        # The faults are printed below.
        warnings.simplefilter("ignore", PluginWarning)
        found = catalogue()
    if why is None:
        offers = check_availability(found, probe=probe)
        _show_offers(offers, found.faults, probed=probe, as_json=as_json)
    else:
        check_device(device)
        need = Need(devices=(device,))
        considered = [_probed(item) if probe else item for item in rank_offers(why, need)]
        _show_choice(why, need, _outcome(considered), found.faults, probed=probe, as_json=as_json)


def _probed(item: Candidate) -> Candidate:
    failure = None if item.reasons else current_registry().probe(item.entry, item.device)
    return item if failure is None else evolve(item, reasons=(failure,))


def _outcome(considered: Sequence[Candidate]) -> list[Candidate]:
    """Return the winner first, without reasons, and all others with theirs."""
    fitting = [item for item in considered if not item.reasons]
    refused = [item for item in considered if item.reasons]
    return [*fitting[:1], *(with_rank_reason(item, fitting[0]) for item in fitting[1:]), *refused]


def _show_offers(
    offers: Sequence[Availability], faults: Sequence[Fault], *, probed: bool, as_json: bool
) -> None:
    if as_json:
        data = {
            "probed": probed,
            "offers": [item.as_dict() for item in offers],
            "faults": _data(faults),
        }
        print_json(without_folders(data))
        return
    table = Table("backend", "for", "devices", "quality", "licence", "here", box=None)
    for item in offers:
        offer = item.entry.offer
        state = "works" if probed else "usable"
        here = f"{state} on {', '.join(item.usable)}" if item.usable else "not usable"
        table.add_row(
            item.entry.name,
            item.entry.operation,
            ", ".join(offer.devices),
            offer.quality.name.lower(),
            _licence(offer.licence),
            f"{here}, if named" if item.usable and offer.opt_in else here,
        )
    if offers:
        print_table(table)
    else:
        click.echo("no backend is installed; install one, such as autovoice-cpu")
    for item in offers:
        for each in described(item.entry.offer.settings):
            click.echo(
                f"{item.entry.name} takes --set {item.entry.operation}.{each['name']}=VALUE, "
                f"{each['meaning']}, by default {each['default']}: {each['help']}"
            )
    for item in offers:
        for reason in item.reasons:
            click.echo(f"{item.entry.name} ({item.entry.distribution}) {reason}")
    _show_faults(faults)


def _show_choice(
    operation: Operation,
    need: Need,
    considered: Sequence[Candidate],
    faults: Sequence[Fault],
    *,
    probed: bool,
    as_json: bool,
) -> None:
    named = find_named(operation, None)
    winner = considered[0] if considered and not considered[0].reasons else None
    if as_json:
        chosen = {"backend": winner.entry.name, "device": winner.device} if winner else None
        data = {
            "operation": operation,
            "need": asdict(need),
            "named_by": named.origin if named else None,
            "probed": probed,
            "chosen": chosen,
            "considered": [
                {
                    "backend": item.entry.name,
                    "distribution": item.entry.distribution,
                    "device": item.device,
                    "reasons": _data(item.reasons),
                }
                for item in considered
            ],
            "faults": _data(faults),
        }
        print_json(without_folders(data))
        return
    click.echo(f"{operation} {need}" + (f", named by {named.origin}" if named else ""))
    if not considered:
        click.echo(f"no backend offers it; install one, such as {PLUGINS[operation]}")
    state = "works" if probed else "fits (not probed)"
    for item in considered:
        outcome = ", ".join(map(str, item.reasons)) or f"{state} on {item.device}"
        mark = "*" if item is winner else "-"
        click.echo(f"{mark} {item.entry.name} ({item.entry.distribution}) {outcome}")
    _show_faults(faults)


def _show_faults(faults: Sequence[Fault]) -> None:
    for fault in faults:
        click.echo(str(fault))


def _licence(licence: Licence) -> str:
    return licence.code if licence.weights is None else f"{licence.code}, weights {licence.weights}"


def _data(records: Sequence[Any]) -> list[dict[str, Any]]:
    return [asdict(record) for record in records]
