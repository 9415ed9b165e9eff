"""A server in a process of its own, as benchmarks start it."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any


class Server:
    """``autovoice serve`` in a process of its own."""

    def __init__(self, db: Path, folder: Path) -> None:
        command = [sys.executable, "-m", "autovoice_core.cli", "serve", "--port", "0"]
        self.process = subprocess.Popen(
            [*command, "--db", str(db), "--folder", str(folder)], stderr=subprocess.PIPE, text=True
        )
        assert self.process.stderr is not None
        first = self.process.stderr.readline()
        self.port = int(first.partition("://")[2].partition("/")[0].rpartition(":")[2])

    def request(self, method: str, path: str, body: Any = None) -> Any:
        """Return the answer to a request, decoded."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        kind = "application/octet-stream" if isinstance(body, bytes) else "application/json"
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/v1{path}",
            data=data,
            method=method,
            headers={"Content-Type": kind},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            content = answer.read()
        return json.loads(content) if content else None

    def megabytes(self) -> float:
        """Return the resident memory of the server and of its streams' processes, on Linux."""
        parent = self.process.pid
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        found = 0
        for pid in [str(parent), *children]:
            with suppress(FileNotFoundError):
                if (
                    pid == str(parent)
                    or "stream.worker" in Path(f"/proc/{pid}/cmdline").read_text()
                ):
                    status = Path(f"/proc/{pid}/status").read_text()
                    found += int(status.partition("VmRSS:")[2].split()[0])
        return round(found / 1000, 1)

    def metric(self, name: str) -> float:
        """Return the sum of a metric over its labels."""
        address = f"http://127.0.0.1:{self.port}/metrics"
        with urllib.request.urlopen(address, timeout=60) as answer:
            lines = answer.read().decode().splitlines()
        values = (line.split() for line in lines if not line.startswith("#"))
        return sum(float(v) for key, v in values if key.partition("{")[0] == f"autovoice_{name}")

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(30)
