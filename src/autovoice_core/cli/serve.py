"""``autovoice serve``: jobs over HTTP, live singing over WebSocket, and a page."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import Any

import click

from autovoice_core._errors import AutoVoiceWarning, InputError
from autovoice_core._folders import data_folder
from autovoice_core._printable import printable
from autovoice_core.cli._options import PATH, db_option
from autovoice_core.server.addresses import is_wildcard, url_of
from autovoice_core.server.settings import DEFAULT_PORT, LOOPBACK, Settings, is_loopback
from autovoice_core.server.tokens import kept_token, read_token


@click.command("serve")
@click.option(
    "--host",
    default=LOOPBACK,
    show_default=True,
    metavar="ADDRESS",
    help="The address to listen at; 0.0.0.0 is every address of this machine.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=DEFAULT_PORT,
    show_default=True,
    help="The port to listen at; with 0 the system chooses one.",
)
@click.option(
    "--name",
    "names",
    multiple=True,
    metavar="NAME",
    help="Another name that this machine is reached by, e.g. studio.lan; can be given repeatedly.",
)
@click.option(
    "--token-file",
    type=PATH,
    metavar="FILE",
    help="A file with the token that clients must show. Elsewhere than on this machine alone one "
    "is needed: by default it is made, and kept in the folder.",
)
@click.option("--certfile", type=PATH, metavar="FILE", help="A certificate for TLS, in PEM.")
@click.option("--keyfile", type=PATH, metavar="FILE", help="The key of the certificate, in PEM.")
@click.option(
    "--folder",
    type=PATH,
    help="The folder for uploads, jobs and results. [default: in the folder of voices]",
)
@db_option
def command(
    host: str,
    port: int,
    names: tuple[str, ...],
    token_file: Path | None,
    certfile: Path | None,
    keyfile: Path | None,
    folder: Path | None,
    db: Path | None,
) -> None:
    """Offer jobs over HTTP, live singing over a WebSocket, and a page to use them.

    By default only this machine can reach the server. Ctrl-C stops it.
    """
    serve = _serve()
    folder = data_folder() / "server" if folder is None else folder
    kept = folder / "token"
    token: str | None = None
    if token_file is not None:
        token = read_token(token_file)
    elif not is_loopback(host):
        token = kept_token(kept)
    settings = Settings(folder, db, host, port, names, token, certfile, keyfile)
    if not is_loopback(host) and certfile is None:
        warnings.warn(
            "without TLS others on the network can read the token and the sound, and browsers "
            "give no microphone; give --certfile and --keyfile",
            AutoVoiceWarning,
            stacklevel=2,
        )

    def ready(settings: Settings, _: object) -> None:
        place = url_of(settings)
        if is_wildcard(host):
            place = f"every address of this machine, for others too; here it is {place}"
        click.echo(f"listening at {place}; Ctrl-C stops", err=True)
        if token is None:
            return
        if token_file is None:
            click.echo(f"the token is in {printable(kept)}", err=True)
        # On a terminal alone: a log is no place for a token.
        if sys.stderr is not None and sys.stderr.isatty():
            click.echo(f"sign in by {url_of(settings)}#token={token}", err=True)

    serve(settings, ready)
    click.echo("stopped", err=True)


def _serve() -> Any:
    try:
        from autovoice_core.server.running import serve
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package == "autovoice_core":
            raise
        raise InputError(
            f"the server needs {package}; install it with `pip install 'autovoice-core[server]'`"
        ) from error
    return serve
