"""Opening an address safely: no way back from HTTPS, no endless redirects, no endless silence.

Python's own ``urllib`` does all that is needed here: it knows proxies, certificates, redirects and
time-outs. Resuming is our own in any case, as no library does it with a pinned hash.
"""

from __future__ import annotations

import http.client
import ssl
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from autovoice_core.backends.weights import may_be_fetched

TIMEOUT = 30.0
"""Seconds without a byte after which a server is given up."""
REDIRECTS = 5


class FetchError(Exception):
    """Why an address gave nothing, as the end of a sentence; a signal inside this package.

    ``status`` is the HTTP status, if that is the reason; ``final`` says that trying again can't
    help.
    """

    def __init__(self, text: str, status: int | None = None, *, final: bool = False) -> None:
        super().__init__(text)
        self.status = status
        self.final = final


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    max_redirections = REDIRECTS
    max_repeats = 1

    def http_error_302(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
    ) -> Any:
        """Follow a redirect; close the answer it came in if it can't be followed."""
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
        """Return the request that follows a redirect, if it leads to where weights may be."""
        scheme = urlsplit(req.full_url).scheme
        # To a server that answered by HTTPS, this machine is not the loopback it knows.
        if not may_be_fetched(newurl) or (scheme == "https" and not newurl.startswith("https:")):
            text = f"redirects to {newurl!r}, which is not one of https://"
            raise FetchError(text, final=True)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


@contextmanager
def opened(url: str, headers: Mapping[str, str]) -> Iterator[Any]:
    """Yield the response of ``url``, with status 200 or 206.

    Raises
    ------
    FetchError
        There is none, here or while it is read.
    """
    try:
        with _answer(url, headers) as response:
            if response.status not in {200, 206}:
                raise FetchError(f"answered {response.status}", response.status)
            yield response
    except HTTPError as error:
        error.close()
        raise _refusal(error) from error
    except TimeoutError as error:
        raise FetchError(f"was silent for {TIMEOUT:g} s") from error
    except URLError as error:
        raise FetchError(f"can't be reached ({_cause(error.reason)})") from error
    except (http.client.HTTPException, ConnectionError, ssl.SSLError) as error:
        raise FetchError(f"broke off ({_cause(error)})") from error


def _answer(url: str, headers: Mapping[str, str]) -> Any:
    opener = urllib.request.build_opener(_SafeRedirects)
    request = urllib.request.Request(url, headers=dict(headers))  # noqa: S310  # Weights checks it
    try:
        return opener.open(request, timeout=TIMEOUT)
    except ValueError as error:
        raise FetchError(f"redirects to no address ({_cause(error)})", final=True) from error


def _refusal(error: HTTPError) -> FetchError:
    reason = str(error.reason)
    if "infinite loop" in reason:
        return FetchError("redirects in circles")
    if "not allowed" in reason and error.code < 400:
        return FetchError("redirects to what is not one of https://", final=True)
    return FetchError(f"answered {error.code} {reason}".strip(), error.code)


def _cause(reason: object) -> str:
    text = getattr(reason, "strerror", None) or str(reason)
    return " ".join(str(text).split()) or type(reason).__name__
