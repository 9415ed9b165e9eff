"""``Guard``: middleware that refuses requests of other sites, other hosts, and without a token."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from autovoice_core.server.addresses import (
    allowed_hosts,
    hosts_at,
    is_wildcard,
    without_mapping,
)
from autovoice_core.server.errors import HEADER_TOO_LARGE, ApiError
from autovoice_core.server.settings import Settings, is_address
from autovoice_core.server.sign_ins import COOKIE, SignIns
from autovoice_core.server.tokens import is_token

_OWN_SITES = {"same-origin", "none"}
"""Values of Sec-Fetch-Site for a page of this server, and for an address that a user typed."""
_CLOSE = {"Connection": "close"}
_FRAMING = ("content-length", "transfer-encoding")


class Guard:
    """Middleware that refuses what does not come from this server's own page or from a program.

    Parameters
    ----------
    app
        The application behind it.
    settings, sign_ins
        The server's address and token, and who has shown it.
    open_paths
        Paths that need no token; all others do.
    """

    def __init__(
        self, app: ASGIApp, settings: Settings, sign_ins: SignIns, open_paths: Collection[str]
    ) -> None:
        self._app, self._settings, self._sign_ins = app, settings, sign_ins
        self._open_paths = frozenset(open_paths)
        self._header_bytes = settings.limits.header_bytes
        self._hosts = allowed_hosts(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it before anything else sees it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        try:
            self._check(scope)
        except ApiError as error:
            await error.response()(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _check(self, scope: Scope) -> None:
        connection = HTTPConnection(scope)
        headers = connection.headers
        _require_plain_request(scope, headers)
        if sum(len(name) + len(value) for name, value in headers.raw) > self._header_bytes:
            # A header that arrives at once is read whole, whatever its size.
            raise ApiError(431, *HEADER_TOO_LARGE)
        hosts = self._hosts | self._hosts_of_address(scope)
        _require_known(
            headers.getlist("host"), hosts, "host", "use its address, or start it with --name NAME"
        )
        origins = {f"{self._settings.scheme}://{host}" for host in hosts}
        given = headers.getlist("origin")
        if given:
            _require_known(given, origins, "origin", "pages of other sites are not answered")
        elif not (_OWN_SITES.issuperset(headers.getlist("sec-fetch-site")) or _is_visit(scope)):
            raise ApiError(403, "origin", "pages of other sites are not answered")
        signed_in = self._is_signed_in(connection)
        scope.setdefault("state", {})["signed_in"] = signed_in
        # The first message of a stream may hold the token, so the stream decides.
        if not signed_in and scope["type"] == "http" and scope["path"] not in self._open_paths:
            raise ApiError(
                401,
                "token",
                "this server needs a token: send it as `Authorization: Bearer TOKEN`, or sign in",
                headers={"WWW-Authenticate": 'Bearer realm="autovoice"'},
            )

    def _hosts_of_address(self, scope: Scope) -> set[str]:
        """Return the address that a client has reached, where the server listens at all of them.

        As an address it can't be a name that an attacker made to point here.
        """
        address, port = scope.get("server") or ("", 0)
        if not is_wildcard(self._settings.host) or not is_address(address):
            return set()
        return set(hosts_at(without_mapping(address), port, self._settings.scheme))

    def _is_signed_in(self, connection: HTTPConnection) -> bool:
        if self._settings.token is None:
            return True
        given = connection.headers.getlist("authorization")
        if given:
            kind, _, token = given[0].partition(" ")
            return (
                len(given) == 1
                and kind.lower() == "bearer"
                and is_token(self._settings.token, token.strip())
            )
        secret = connection.cookies.get(COOKIE)
        return secret is not None and self._sign_ins.holds(secret)


def _require_plain_request(scope: Scope, headers: Headers) -> None:
    """Refuse requests that a proxy in front could read otherwise, and a token in the address."""
    if not scope["path"].startswith("/"):
        message = "the target of a request must be a path, such as /v1/health"
        raise ApiError(400, "target", message, headers=_CLOSE)
    if all(name in headers for name in _FRAMING) or (
        scope.get("http_version") == "1.0" and "transfer-encoding" in headers
    ):
        message = "send either Content-Length or Transfer-Encoding: chunked, by HTTP/1.1"
        raise ApiError(400, "framing", message, headers=_CLOSE)
    if {"token", "access_token"} & parse_qs(scope["query_string"].decode("latin-1")).keys():
        raise ApiError(
            400, "token_in_address", "an address is no place for a token: it ends up in logs"
        )


def _require_known(given: list[str], known: Collection[str], code: str, remedy: str) -> None:
    if len(given) != 1 or given[0].lower() not in known:
        shown = ", ".join(given)[:100] or "none"
        message = f"{code.capitalize()}: {shown} is not an address of this server; {remedy}"
        raise ApiError(403, code, message)


def _is_visit(scope: Scope) -> bool:
    """Return whether a link on another site led the user to the page, which is no harm."""
    headers = Headers(scope=scope)
    return (
        scope["type"] == "http"
        and scope["method"] in ("GET", "HEAD")
        and scope["path"] == "/"
        and headers.getlist("sec-fetch-mode") == ["navigate"]
        and headers.getlist("sec-fetch-dest") == ["document"]
    )
