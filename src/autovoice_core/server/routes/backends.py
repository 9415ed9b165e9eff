"""Route of the backends, and why each is or isn't chosen."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from autovoice_core._errors import AutoVoiceError
from autovoice_core.backends.choice.ranking import rank_offers, with_rank_reason
from autovoice_core.backends.offer import SONG_OPERATIONS, SongOperation
from autovoice_core.backends.plugins.registry import catalogue
from autovoice_core.server.api_route import ApiRoute
from autovoice_core.server.bodies import json_response
from autovoice_core.server.schemas import BackendList, BackendOffer, OperationBackends
from autovoice_core.server.state import ServerState


def routes(_: ServerState) -> list[BaseRoute]:
    """Return the route of backends."""
    return [
        ApiRoute(
            "GET",
            "/v1/backends",
            _backends,
            summary="List the backends, and why each is or isn't chosen",
            answers={200: BackendList},
        )
    ]


def _backends(_: Request) -> Response:
    faults = [str(fault) for fault in catalogue().faults]
    operations = [_of_operation(operation, faults) for operation in SONG_OPERATIONS]
    return json_response(BackendList(operations, faults))


def _of_operation(operation: SongOperation, faults: list[str]) -> OperationBackends:
    try:
        considered = rank_offers(operation)
    except AutoVoiceError as error:  # a name in the environment that no offer has
        faults.append(str(error))
        return OperationBackends(operation, None, [])
    winner = considered[0] if considered and not considered[0].reasons else None
    offers = []
    for item in considered:
        if item is winner:
            reason = f"fits on {item.device}"
        else:
            reasons = item.reasons or (with_rank_reason(item, winner).reasons if winner else ())
            reason = ", ".join(map(str, reasons))
        offer = item.entry.offer
        offers.append(
            BackendOffer(
                item.entry.name,
                item.entry.distribution,
                list(offer.devices),
                item is winner,
                reason,
            )
        )
    return OperationBackends(operation, winner.entry.name if winner else None, offers)
