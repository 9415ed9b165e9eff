from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from model_server import BODY, Handler, Server, pinned
from waiting import PATIENCE

from autovoice_core import NoBackend, select
from autovoice_core.backends import Weights
from autovoice_core.backends.plugins.entry import Catalogue
from autovoice_core.backends.plugins.registry import Registry, using_registry
from autovoice_core.cli import main
from autovoice_core.models.download import part_of

pytestmark = pytest.mark.usefixtures("store")

Install = Callable[..., Path]
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def installed(install: Install, server: Server) -> Weights:
    """Weights on the server, that an installed plugin needs."""
    url = f"http://{server.host}/files/net.safetensors"
    weights = pinned(url=url, about="Made for tests, and good for nothing else.")
    install(weights)
    return weights


def test_an_installation_without_networks_says_so(install: Install, capsys: Capture) -> None:
    assert main(["models", "list"]) == 0
    assert main(["models", "verify"]) == 0
    assert main(["models", "path"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "no installed backend needs weights; a plugin such as autovoice-demucs does",
        f"no weights are in {os.environ['AUTOVOICE_MODELS']}",
        os.environ["AUTOVOICE_MODELS"],
    ]


def test_weights_are_listed_fetched_verified_and_removed(
    installed: Weights, server: Server, capsys: Capture
) -> None:
    assert main(["models", "list"]) == 0
    table = capsys.readouterr().out.splitlines()
    assert table[0].split() == [
        "name",
        "size",
        "licence",
        "code",
        "licence",
        "here",
        "used",
        "by",
    ]
    assert table[1].split() == ["toy/net", "160", "kB", "CC0-1.0", "MIT", "no", "toynets/net"]
    assert table[2] == "toy/net: Made for tests, and good for nothing else."

    assert main(["models", "get", "toy/net"]) == 0
    printed = capsys.readouterr()
    assert printed.out == f"{installed.place}\n"
    assert printed.err.splitlines() == [
        f"toy/net (160 kB, licence CC0-1.0) from {server.host}",
        "Made for tests, and good for nothing else.",
    ]
    assert main(["models", "path", "toy/net"]) == 0
    assert main(["models", "verify"]) == 0
    assert main(["models", "verify", "toy/net"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        str(installed.place),
        "toy/net is intact",
        "toy/net is intact",
    ]
    assert main(["models", "list", "--json"]) == 0
    (facts,) = json.loads(capsys.readouterr().out)
    assert facts == {
        "name": "toy/net",
        "here": True,
        "bytes": len(BODY),
        "sha256": installed.sha256,
        "url": installed.url,
        "path": "toy/net/net.safetensors",
        "licence": "CC0-1.0",
        "code_licences": ["MIT"],
        "about": installed.about,
        "used_by": ["toynets/net"],
    }
    assert main(["models", "remove", "toy/net"]) == 0
    assert main(["models", "remove", "toy/net"]) == 0
    assert capsys.readouterr().out == "removed toy/net, 160 kB\ntoy/net is not on this machine\n"


def test_weights_are_taken_from_a_file_offline(
    installed: Weights, tmp_path: Path, capsys: Capture
) -> None:
    file = tmp_path / "stick.bin"
    file.write_bytes(BODY)
    assert main(["models", "get", "--offline", "toy/net"]) == 1
    assert "downloads are forbidden" in capsys.readouterr().err
    assert main(["models", "get", "--offline", "toy/net", "--from", str(file)]) == 0
    assert f"from {file}" in capsys.readouterr().err
    assert installed.is_here()


def test_damage_is_told_and_is_a_failure(installed: Weights, capsys: Capture) -> None:
    main(["models", "get", "toy/net"])
    installed.place.write_bytes(b"short")
    capsys.readouterr()
    assert main(["models", "verify"]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == (
        f"autovoice: the weights toy/net (160 kB, licence CC0-1.0) are not in {installed.place}; "
        "run `autovoice models get toy/net`\n"
    )


def test_an_unknown_name_is_a_failure_before_anything_is_fetched(
    installed: Weights, server: Server, capsys: Capture
) -> None:
    assert main(["models", "get", "toy/net", "../../etc/passwd"]) == 1
    assert capsys.readouterr().err == (
        "autovoice: unknown weights '../../etc/passwd': known are toy/net\n"
    )
    assert server.asked == []


def test_weights_of_a_plugin_that_is_not_installed_name_it(capsys: Capture) -> None:
    with using_registry(Registry(Catalogue())):
        assert main(["models", "get", "rvc/contentvec"]) == 1
    assert capsys.readouterr().err == (
        "autovoice: the weights rvc/contentvec are those of the plugin autovoice-rvc, which is "
        "not installed; `pip install ./plugins/rvc` in the checkout\n"
    )


def test_an_offer_is_unavailable_until_its_weights_are_here(
    installed: Weights, capsys: Capture
) -> None:
    told = (
        "toynets/net (toynets 1.0) needs the weights toy/net (160 kB, licence CC0-1.0), "
        "which are not on this machine; run `autovoice models get toy/net`"
    )
    with pytest.raises(NoBackend) as caught:
        select("separation", name="toynets/net")
    assert told in str(caught.value)
    assert main(["backends"]) == 0
    assert told in capsys.readouterr().out
    main(["doctor"])
    line = " weights toy/net (160 kB, licence CC0-1.0), "
    assert f"{line}not on this machine\n" in capsys.readouterr().out
    main(["models", "get", "toy/net"])
    assert select("separation", name="toynets/net").backend == "toynets/net"
    main(["doctor"])
    assert f"{line}in {installed.place}\n" in capsys.readouterr().out
    main(["backends", "--json"])
    data = capsys.readouterr().out
    assert [offer["weights"] for offer in json.loads(data[data.index("{") :])["offers"]] == [
        ["toy/net"]
    ]


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no SIGINT to a child")
def test_ctrl_c_leaves_a_part_from_which_the_next_call_goes_on(
    installed: Weights, server: Server, tmp_path: Path
) -> None:
    over = threading.Event()

    def answer(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(BODY)))
        handler.send_header("ETag", '"v1"')
        handler.end_headers()
        handler.wfile.write(BODY[:100_000])
        handler.wfile.flush()
        over.wait(PATIENCE)
        handler.close_connection = True

    server.answer = answer
    command = [sys.executable, "-m", "autovoice_core.cli", "models", "get", "toy/net"]
    path = os.pathsep.join([str(tmp_path / "site-toynets"), *filter(None, sys.path)])
    process = subprocess.Popen(
        command, env={**os.environ, "PYTHONPATH": path}, stderr=subprocess.PIPE, text=True
    )
    part = part_of(installed)
    while not part.exists() or part.stat().st_size < 60_000:
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=PATIENCE)
    over.set()
    assert process.returncode == 128 + signal.SIGINT
    assert said.splitlines()[-1] == (
        "autovoice: stopped; run `autovoice models get toy/net` again to resume"
    )
    server.answer = Handler.serve
    assert main(["models", "get", "toy/net"]) == 0
    assert server.asked[-1].headers["Range"] == f"bytes={part_size(server)}-"
    assert installed.place.read_bytes() == BODY


def part_size(server: Server) -> int:
    """Return where the last request went on; at least what had been on the disk."""
    start = int(server.asked[-1].headers["Range"].removeprefix("bytes=").removesuffix("-"))
    assert start >= 60_000
    return start
