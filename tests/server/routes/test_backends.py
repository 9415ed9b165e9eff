"""Backends over HTTP, and the reasons for and against them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from server_clients import request, running_server, settings_in

QUIET = {"streams": 0}


def test_each_operation_has_one_backend_that_is_chosen_and_a_reason_for_each(
    tmp_path: Path,
) -> None:
    with running_server(settings_in(tmp_path, limits=QUIET)) as server:
        body = json.loads(request(server, "GET", "/v1/backends").body)
    found = {each["operation"]: each for each in body["operations"]}
    assert list(found) == ["separation", "pitch", "conversion"]
    for operation in found.values():
        chosen = [offer for offer in operation["offers"] if offer["chosen"]]
        assert [offer["name"] for offer in chosen] == [operation["chosen"]]
        assert all(offer["reason"] for offer in operation["offers"])
        assert chosen[0]["reason"] == "fits on cpu"


def test_a_name_in_the_environment_that_no_offer_has_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOVOICE_PITCH", "cpu/nothing")
    with running_server(settings_in(tmp_path, limits=QUIET)) as server:
        body = json.loads(request(server, "GET", "/v1/backends").body)
    found = {each["operation"]: each for each in body["operations"]}
    assert (found["pitch"]["chosen"], found["pitch"]["offers"]) == (None, [])
    assert found["conversion"]["chosen"] is not None
    assert "cpu/nothing" in body["faults"][-1]
