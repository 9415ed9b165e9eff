"""Answers are counted by route, and failures are logged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from server_clients import request, running_server, settings_in

from autovoice_core import VoiceProfileStorage

QUIET = {"streams": 0}


def test_answers_are_counted_by_route_and_never_by_what_clients_choose(tmp_path: Path) -> None:
    with running_server(settings_in(tmp_path, limits=QUIET)) as server:
        for path in ("/v1/voices/Ada", "/v1/voices/Bea", "/nothing", "/else"):
            request(server, "GET", path)
        request(server, "BREW", "/v1/health")
        answer = request(server, "GET", "/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    lines = answer.body.decode().splitlines()
    counted = 'autovoice_requests_total{method="%s",route="%s",status="%d"} %.1f'
    assert counted % ("GET", "/v1/voices/{name}", 404, 2) in lines
    assert counted % ("GET", "none", 404, 2) in lines
    assert counted % ("other", "/v1/health", 405, 1) in lines
    assert "Ada" not in answer.body.decode()


def test_what_fails_is_logged_and_answered_in_the_one_form(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def list_broken(_: VoiceProfileStorage) -> None:
        raise RuntimeError("the cause")

    with running_server(settings_in(tmp_path, limits=QUIET)) as server:
        monkeypatch.setattr(VoiceProfileStorage, "list", list_broken)
        answer = request(server, "GET", "/v1/voices")
    assert answer.status == 500
    assert json.loads(answer.body) == {
        "error": {
            "code": "internal",
            "message": "the server has failed at this request; its log says more",
            "field": None,
        }
    }
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "/v1/voices failed" in caplog.text
    assert "RuntimeError: the cause" in caplog.text
