"""``RayEngine``: workers on the machines of a Ray cluster, each with the backends it has there."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from typing import ClassVar

from autovoice_core._arguments import as_flag, describe
from autovoice_core._errors import ArgumentError, BackendError, InputError
from autovoice_core._regular_files import PRIVATE_FILE, make_own_folder, write_own
from autovoice_core.batch.engines.ray_run import RayRun
from autovoice_core.batch.work import Event, Job, Outcome, Setup

STORE_BYTES = 256_000_000
"""Memory of the object store of a cluster of this machine alone."""

CONNECT_SECONDS = 5.0
"""Time in which the machine at a cluster's address must answer."""

TOKEN_VARIABLES = ("RAY_AUTH_MODE", "RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH")
"""Environment variables by which users choose what Ray's clusters ask of clients."""


class RayEngine:
    """Workers on a Ray cluster, by Ray core; they are given the songs' paths, or their bytes.

    Each of the cluster's GPUs gets a worker, if the need allows for one, and so does each share of
    its other cores that is ``threads`` large. What they have installed may differ: each chooses its
    backends for its own machine, and tells them with its results.

    Parameters
    ----------
    address
        Of the cluster, ``"HOST:PORT"`` or ``"auto"``; None starts one of this machine alone.
    ship
        Whether the bytes of songs and results are sent over the network, for machines that share
        no storage.

    Raises
    ------
    InputError
        Ray is not installed.
    """

    shares_machine: ClassVar[bool] = False

    def __init__(self, address: str | None = None, *, ship: bool = False) -> None:
        if address is not None and not isinstance(address, str):
            raise ArgumentError(f"address: {describe(address)} is not text; give HOST:PORT or auto")
        self.address, self.ship = address, as_flag("ship", ship)
        # Ray tells its makers of its use unless this is set before it is imported.
        os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
        try:
            import ray
        except ImportError as error:
            raise InputError(
                "engine: ray is not installed; pip install 'autovoice-core[ray]' here and on each "
                "machine of the cluster"
            ) from error
        self._ray = ray

    def run(
        self,
        setup: Setup,
        jobs: Sequence[Job],
        workers: int | None,
        tell: Callable[[Event], None],
    ) -> Generator[Outcome, None, None]:
        """Yield outcomes; see :class:`~autovoice_core.batch.engines.BatchEngine`.

        ``tell`` is called as a job is begun.

        Raises
        ------
        BackendError
            There is no such cluster, or it has no room for a worker.
        """
        is_callers = self._ray.is_initialized()
        if not is_callers:
            self._connect()
        try:
            yield from RayRun(self._ray, setup, jobs, workers, tell, ship=self.ship).outcomes()
        finally:
            if not is_callers:
                self._ray.shutdown()

    def _connect(self) -> None:
        host, colon, port = (self.address or "").rpartition(":")
        if colon and port.isdecimal() and "://" not in host:
            try:  # Ray itself tries for a minute
                socket.create_connection((host, int(port)), CONNECT_SECONDS).close()
            except OSError as error:
                raise _unreachable(self.address, str(error)) from error
        own = {} if self.address else {"object_store_memory": STORE_BYTES}
        if not self.address:
            keep_token_private()
        try:
            self._ray.init(
                address=self.address or "local",
                include_dashboard=None if self.address else False,
                log_to_driver=False,
                logging_level="ERROR",
                **own,
            )
        except Exception as error:
            raise _unreachable(self.address, str(error).partition("\n")[0]) from error


def keep_token_private() -> None:
    """Let this user alone read the token of clusters of this machine, which listen to the network.

    Whoever has it may have any code run. Ray writes it so that all users can read it.
    """
    if any(name in os.environ for name in TOKEN_VARIABLES):
        return
    with suppress(OSError, RuntimeError):  # no home: Ray says so
        token = Path.home() / ".ray" / "auth_token"
        make_own_folder(token.parent)
        if token.exists():
            token.chmod(PRIVATE_FILE)
        else:
            write_own(token, token_hex(32))


def _unreachable(address: str | None, reason: str) -> BackendError:
    return BackendError(
        f"cluster: {address or 'on this machine'}: Ray can't be reached ({reason}); start it with "
        "`ray start --head`, or check the address"
    )
