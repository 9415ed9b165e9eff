"""Safe requests: no downgrade from HTTPS, no endless redirects or answers, no endless waiting.

Python's own ``urllib`` does all that is needed here: proxies, certificates, redirects and
time-outs. No library resumes a download with a pinned hash, so that is done in
:mod:`~autovoice_core.models.download`.
"""

from __future__ import annotations

import http.client
import ssl
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from autovoice_core._printable import printable, shortened
from autovoice_core.backends.weights import is_allowed_url
from autovoice_core.models.deadline import Deadline

TIMEOUT_SECONDS = 30.0
"""Seconds without a byte after which a request fails."""
MAX_REDIRECTS = 5
MAX_STATUS_LINES = 10
"""Most status lines of a response; all but the last tell the client to continue."""
MAX_REASON = 300
"""Most characters of a server's own words that a message repeats."""


class FetchError(Exception):
    """Why a request failed, as the end of a sentence; never raised outside this package.

    ``status`` is the HTTP status, if that is the reason; ``final`` says that retrying can't help.
    """

    def __init__(self, text: str, status: int | None = None, *, final: bool = False) -> None:
        super().__init__(text)
        self.status = status
        self.final = final


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    max_redirections = MAX_REDIRECTS
    max_repeats = 1

    def http_error_302(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
    ) -> Any:
        """Follow a redirect; close its response if it can't be followed."""
        # urllib would read to the end what comes with it, and an end need not come.
        setattr(fp, "read", bytes)  # noqa: B010  # a method
        try:
            return super().http_error_302(req, fp, code, msg, headers)
        except BaseException:
            fp.close()
            raise

    http_error_301 = http_error_303 = http_error_307 = http_error_308 = http_error_302

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """Return the request that follows a redirect, if its address is allowed."""
        scheme = urlsplit(req.full_url).scheme
        # A redirect from HTTPS to plain HTTP is refused, even to this machine.
        if not is_allowed_url(newurl) or (scheme == "https" and not newurl.startswith("https:")):
            place = repr(shortened(newurl, MAX_REASON))
            text = f"redirects to {place}, which is not an https:// address"
            raise FetchError(text, final=True)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class _BoundedResponse(http.client.HTTPResponse):
    """A response whose status lines and trailers come to an end.

    There is no public way to bound them. Otherwise a server that sends them at full speed would
    keep a core busy until the deadline.
    """

    _status_lines = 0

    def _read_status(self) -> tuple[str, int, str]:
        self._status_lines += 1
        if self._status_lines > MAX_STATUS_LINES:
            raise http.client.HTTPException("too many status lines")
        return super()._read_status()  # type: ignore[misc,no-any-return]

    def _read_and_discard_trailer(self) -> None:
        """Leave trailers unread: the connection is closed after the response."""


# A handler takes the place of those that it is made from.
class _Watched(urllib.request.HTTPSHandler, urllib.request.HTTPHandler):
    """Opens connections that end with a deadline."""

    def __init__(self, deadline: Deadline) -> None:
        super().__init__()
        self._deadline = deadline

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        """Send a request without TLS, which is allowed to this machine alone."""
        return self.do_open(partial(self._connection, http.client.HTTPConnection), req)

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        """Send a request with TLS and a check of the certificate."""
        return self.do_open(partial(self._connection, http.client.HTTPSConnection), req)

    def _connection(self, kind: Any, host: str, **options: Any) -> http.client.HTTPConnection:
        connection: Any = kind(host, **options)
        # There is no public way to be asked for the socket before a proxy and TLS use it.
        connection._create_connection = self._deadline.connect
        connection.response_class = _BoundedResponse
        return connection  # type: ignore[no-any-return]


@contextmanager
def open_url(url: str, headers: Mapping[str, str], deadline: Deadline) -> Iterator[Any]:
    """Yield the response of ``url``, with status 200 or 206.

    ``deadline`` holds for all that is sent and read, redirects included.

    Raises
    ------
    FetchError
        The request fails, on opening or while the response is read.
    """
    try:
        with deadline, _translating_errors(), _send(url, headers, deadline) as response:
            if response.status not in {200, 206}:
                raise FetchError(f"answered {response.status}", response.status)
            yield response
    except FetchError as error:
        if deadline.is_over:  # the cause of whatever was noticed
            raise FetchError(f"sent too little in {deadline.seconds:g} s") from error
        raise


@contextmanager
def _translating_errors() -> Iterator[None]:
    try:
        yield
    except HTTPError as error:
        error.close()
        raise _http_error(error) from error
    except TimeoutError as error:
        raise FetchError(f"sent nothing for {TIMEOUT_SECONDS:g} s") from error
    except URLError as error:
        raise FetchError(f"can't be reached ({_reason(error.reason)})") from error
    except (http.client.HTTPException, ConnectionError, ssl.SSLError) as error:
        raise FetchError(f"broke off ({_reason(error)})") from error


def _send(url: str, headers: Mapping[str, str], deadline: Deadline) -> Any:
    opener = urllib.request.build_opener(_SafeRedirects, _Watched(deadline))
    request = urllib.request.Request(url, headers=dict(headers))  # noqa: S310  # Weights checks it
    try:
        return opener.open(request, timeout=TIMEOUT_SECONDS)
    except ValueError as error:
        raise FetchError(
            f"redirects to an invalid address ({_reason(error)})", final=True
        ) from error


def _http_error(error: HTTPError) -> FetchError:
    reason = str(error.reason)
    if "infinite loop" in reason:
        return FetchError("redirects in a loop")
    if "not allowed" in reason and error.code < 400:
        return FetchError("redirects to an address that is not https://", final=True)
    text = f"answered {error.code} {printable(shortened(reason, MAX_REASON))}"
    return FetchError(text.strip(), error.code)


def _reason(reason: object) -> str:
    text = getattr(reason, "strerror", None) or str(reason)
    text = shortened(" ".join(str(text).split()), MAX_REASON)
    return printable(text) or type(reason).__name__
