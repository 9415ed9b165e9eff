"""Fixtures of tests that need weights: a server of them, a store of its own, plugins."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from model_server import Server, pinned

from autovoice_core.backends import Weights
from autovoice_core.backends.plugins.registry import Registry, using_registry


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of weights of the test's own."""
    folder = tmp_path / "models"
    monkeypatch.setenv("AUTOVOICE_MODELS", str(folder))
    monkeypatch.delenv("AUTOVOICE_OFFLINE", raising=False)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def weights(server: Server) -> Weights:
    return pinned(url=f"http://{server.host}/files/net.safetensors")


PLUGIN = """
from autovoice_core.backends import Licence, Offer, Weights, hookimpl

@hookimpl
def autovoice_separators():
    yield Offer(name="net", load="toynets:open_net", devices=("cpu",),
                licence=Licence("MIT", {licence!r}), weights=[{weights!r}])
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Path]]:
    """Install plugins, and only those, that need weights."""
    monkeypatch.setenv("AUTOVOICE_BLOCK", ",".join(entry_points(group="autovoice.v1").names))
    installed: list[str] = []
    registries = ExitStack()
    registries.enter_context(using_registry(Registry()))

    def put(weights: Weights, plugin: str = "toynets") -> Path:
        site = tmp_path / f"site-{plugin}"
        info = site / f"{plugin}-1.0.dist-info"
        info.mkdir(parents=True)
        code = PLUGIN.format(weights=weights, licence=weights.licence)
        (site / f"{plugin}.py").write_text(code)
        (info / "METADATA").write_text(f"Name: {plugin}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[autovoice.v1]\n{plugin} = {plugin}\n")
        monkeypatch.syspath_prepend(str(site))
        installed.append(plugin)
        registries.enter_context(using_registry(Registry()))
        return site

    with registries:
        yield put
    for plugin in installed:
        sys.modules.pop(plugin, None)
