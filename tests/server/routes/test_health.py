"""Health and limits."""

from __future__ import annotations

import json
from pathlib import Path

from server_clients import request, running_server, settings_in

import autovoice_core


def test_a_server_tells_that_it_works_and_what_it_takes(tmp_path: Path) -> None:
    limits = {"streams": 0, "queue": 3, "upload_bytes": 5000, "upload_seconds": 60.0}
    with running_server(settings_in(tmp_path, limits=limits)) as server:
        health = json.loads(request(server, "GET", "/v1/health").body)
        assert health == {"status": "ok", "version": autovoice_core.__version__}
        assert json.loads(request(server, "GET", "/v1/limits").body) == limits
