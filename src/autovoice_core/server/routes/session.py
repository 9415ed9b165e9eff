"""Routes that exchange the token for a cookie, and end its session."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from autovoice_core.server.api_route import ApiRoute
from autovoice_core.server.bodies import json_response, read_json
from autovoice_core.server.errors import ApiError
from autovoice_core.server.schemas import SessionAnswer, SignIn
from autovoice_core.server.sign_ins import COOKIE, SIGN_IN_SECONDS
from autovoice_core.server.state import ServerState
from autovoice_core.server.tokens import is_token

PATH = "/v1/session"


def routes(state: ServerState) -> list[BaseRoute]:
    """Return the routes of sessions."""
    settings, sign_ins = state.settings, state.sign_ins

    async def show(request: Request) -> Response:
        return json_response(SessionAnswer(settings.needs_token, request.state.signed_in))

    async def begin(request: Request) -> Response:
        body = await read_json(request, SignIn, state.limits.json_bytes)
        if not is_token(settings.token, body.token):
            raise ApiError(401, "token", "this is not the server's token", "token")
        response = Response(status_code=204)
        response.set_cookie(
            COOKIE,
            sign_ins.begin(),
            max_age=SIGN_IN_SECONDS,
            httponly=True,
            samesite="strict",
            secure=settings.scheme == "https",
        )
        return response

    async def end(request: Request) -> Response:
        sign_ins.end(request.cookies.get(COOKIE, ""))
        response = Response(status_code=204)
        response.delete_cookie(
            COOKIE, httponly=True, samesite="strict", secure=settings.scheme == "https"
        )
        return response

    return [
        ApiRoute(
            "GET",
            PATH,
            show,
            summary="Say whether a token is needed, and was shown",
            answers={200: SessionAnswer},
            needs_token=False,
        ),
        ApiRoute(
            "POST",
            PATH,
            begin,
            summary="Sign in: exchange the token for a cookie",
            body=SignIn,
            answers={204: None},
            errors=(401,),
            needs_token=False,
        ),
        ApiRoute(
            "DELETE",
            PATH,
            end,
            summary="Sign out",
            answers={204: None},
            needs_token=False,
        ),
    ]
