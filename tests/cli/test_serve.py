"""``autovoice serve`` as users run it: its address, its token, its log and its end."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from server_clients import request, settings_in

from autovoice_core.cli import main
from autovoice_core.server import running
from autovoice_core.server.settings import Settings

TOKEN = "correct-horse-battery-staple"
SECONDS = 60


@contextmanager
def served(folder: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], Settings]]:
    """Run the command in a process; yield it, and settings with the port that it says."""
    given = ["--port", "0", "--folder", str(folder / "server"), "--db", str(folder / "voices.db")]
    command = [sys.executable, "-m", "autovoice_core.cli", "serve", *given, *arguments]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            for line in process.stderr:
                if found := re.match(r"listening .*https?://127\.0\.0\.1:(\d+)/; Ctrl-C", line):
                    yield process, settings_in(folder, port=int(found[1]))
                    break
            else:
                pytest.fail("the server did not start")
        finally:
            process.kill()


@pytest.mark.skipif(os.name != "posix", reason="sends a signal")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_server_in_order(tmp_path: Path, number: int) -> None:
    with served(tmp_path) as (process, server):
        assert request(server, "GET", "/v1/health").status == 200
        process.send_signal(number)
        assert process.stderr is not None
        assert process.stderr.read() == "stopped\n"
        assert process.wait(SECONDS) == 0


def test_no_log_of_the_command_holds_the_token(tmp_path: Path) -> None:
    token_file, log = tmp_path / "token", tmp_path / "server.log"
    token_file.write_text(f"{TOKEN}\n")
    token_file.chmod(0o600)
    given = ["--token-file", str(token_file), "--log", str(log), "-vv"]
    with served(tmp_path, *given) as (process, server):
        bearer = {"Authorization": f"Bearer {TOKEN}"}
        assert request(server, "GET", "/v1/voices", headers=bearer).status == 200
        assert request(server, "GET", "/v1/voices").status == 401
        assert request(server, "POST", "/v1/session", {"token": TOKEN}).status == 204
        assert request(server, "GET", f"/v1/voices?token={TOKEN}").status == 400
        process.terminate()
        assert process.stderr is not None
        shown = process.stderr.read()
    assert "GET /v1/voices 200" in shown
    assert "GET /v1/voices 200" in log.read_text()
    assert TOKEN not in shown + log.read_text()


def test_elsewhere_a_token_is_made_and_kept_and_shown_in_no_log(tmp_path: Path) -> None:
    with served(tmp_path, "--host", "0.0.0.0") as (process, server):
        kept = tmp_path / "server" / "token"
        bearer = {"Authorization": f"Bearer {kept.read_text().strip()}"}
        assert request(server, "GET", "/v1/voices").status == 401
        assert request(server, "GET", "/v1/voices", headers=bearer).status == 200
        process.terminate()
        assert process.stderr is not None
        shown = process.stderr.read()
    assert shown == f"the token is in {kept}\nstopped\n"


def test_a_terminal_is_shown_a_link_to_sign_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def serve(settings: Settings, ready: Any) -> None:
        ready(settings, None)

    monkeypatch.setattr(running, "serve", serve)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    given = ["--host", "0.0.0.0", "--folder", str(tmp_path)]
    assert main(["serve", *given]) == 0
    token = (tmp_path / "token").read_text().strip()
    assert capsys.readouterr().err == (
        "autovoice: warning: without TLS others on the network can read the token and the sound, "
        "and browsers give no microphone; give --certfile and --keyfile\n"
        "listening at every address of this machine, for others too; here it is "
        "http://127.0.0.1:8765/; Ctrl-C stops\n"
        f"the token is in {tmp_path / 'token'}\n"
        f"sign in by http://127.0.0.1:8765/#token={token}\n"
        "stopped\n"
    )


def test_a_certificate_without_its_key_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", "--certfile", "cert.pem", "--folder", str(tmp_path)]) == 1
    assert capsys.readouterr().err == (
        "autovoice: --certfile, --keyfile: TLS needs both a certificate and its key; "
        "give both or neither\n"
    )


@pytest.mark.parametrize("missing", ["starlette", "uvicorn", "msgspec"])
def test_without_the_extra_the_command_says_what_to_install(missing: str) -> None:
    code = f"""
import sys
sys.modules[{missing!r}] = None
from autovoice_core.cli import main
sys.exit(main(["serve"]))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == (
        f"autovoice: the server needs {missing}; install it with "
        "`pip install 'autovoice-core[server]'`\n"
    )


def test_the_library_and_the_help_of_the_command_need_no_extra() -> None:
    code = """
import sys
import autovoice_core
from autovoice_core.cli import main
assert main(["serve", "--help"]) == 0
sys.exit(len({"starlette", "uvicorn", "msgspec", "websockets"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
