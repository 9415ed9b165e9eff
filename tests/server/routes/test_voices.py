"""Voices over HTTP: listed, changed, exported and imported."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from server_clients import Answer, request, running_server, settings_in

from autovoice_core import Style, VoiceProfile, VoiceProfileStorage
from autovoice_core.server.settings import Settings
from autovoice_core.voices import serialization


def profile(name: str) -> VoiceProfile:
    features = {"frames": np.arange(12, dtype=np.float32).reshape(3, 4)}
    range_hz, style = (100.0, 200.0, 300.0), Style(key=3, breath="soften")
    return VoiceProfile(
        name, features, "retrieval/1", range_hz, -20, 9, (), consent="by letter", style=style
    )


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    given = settings_in(
        tmp_path_factory.mktemp("server"), limits={"streams": 0, "voice_bytes": 100_000}
    )
    with running_server(given) as settings:
        yield settings


@pytest.fixture
def server(shared: Settings) -> Settings:
    """A server with one voice, called Ada."""
    assert shared.db is not None
    shared.db.unlink(missing_ok=True)
    for extra in ("-wal", "-shm"):
        Path(f"{shared.db}{extra}").unlink(missing_ok=True)
    VoiceProfileStorage(shared.db).add(profile("Ada"))
    return shared


def send(server: Settings, method: str, path: str, body: Any = None) -> Answer:
    return request(server, method, f"/v1/voices{path}", body)


def names(server: Settings) -> list[str]:
    return [voice["name"] for voice in json.loads(send(server, "GET", "").body)["voices"]]


def test_a_voice_is_shown_with_its_range_style_and_consent(server: Settings) -> None:
    voice = json.loads(send(server, "GET", "/Ada").body)
    created = voice.pop("created")
    assert created.endswith("+00:00")
    assert voice == {
        "name": "Ada",
        "range_hz": [100.0, 300.0],
        "seconds": 9.0,
        "consent": "by letter",
        "style": {
            "key": 3.0,
            "formant": 0.0,
            "strength": 1.0,
            "breath": "soften",
            "vibrato": 1.0,
            "seed": 0,
        },
        "fault": None,
    }
    assert json.loads(send(server, "GET", "").body) == {"voices": [voice | {"created": created}]}


def test_a_voice_is_renamed_and_keeps_what_is_not_changed(server: Settings) -> None:
    body = {"name": "Bea", "style": {"formant": -1, "key": None}}
    answer = send(server, "PATCH", "/Ada", body)
    assert answer.status == 200
    changed = json.loads(answer.body)
    assert changed["name"] == "Bea"
    assert (changed["style"]["formant"], changed["style"]["key"]) == (-1.0, 3.0)
    assert names(server) == ["Bea"]


def test_a_name_in_any_script_travels_in_a_path(server: Settings) -> None:
    name = "Ἄδα ½ 100%"
    assert send(server, "PATCH", "/Ada", {"name": name}).status == 200
    assert json.loads(send(server, "GET", f"/{quote(name, safe='')}").body)["name"] == name
    exported = send(server, "GET", f"/{quote(name, safe='')}/export")
    encoded = quote(f"{name}.voice", safe="")
    assert exported.headers["content-disposition"] == f"attachment; filename*=UTF-8''{encoded}"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"style": {"key": 25}}, "style.key"),
        ({"style": {"key": "high"}}, "style.key"),
        ({"style": {"strength": -0.1}}, "style.strength"),
        ({"style": {"breath": "hold"}}, "style.breath"),
        ({"style": {"pitch": 1}}, "style.pitch"),
        ({"name": "\u200b"}, "name"),
        ({"name": "two\nlines"}, "name"),
        ({"name": ""}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"consent": "mine"}, "consent"),
    ],
)
def test_a_change_that_cannot_be_is_refused_with_its_field(
    server: Settings, body: Any, field: str
) -> None:
    answer = send(server, "PATCH", "/Ada", body)
    assert answer.status == 422
    assert answer.error["code"] == "invalid"
    assert answer.error["field"] == field
    assert VoiceProfileStorage(server.db).get("Ada").style == profile("Ada").style


def test_a_taken_name_is_answered_with_409_and_nothing_is_changed(server: Settings) -> None:
    VoiceProfileStorage(server.db).add(profile("Bea"))
    expected = {
        "code": "voice_exists",
        "message": "there is a voice 'Bea' already; delete it or choose another name",
        "field": "name",
    }
    answers = [
        send(server, "PATCH", "/Ada", {"name": "Bea", "style": {"key": 0}}),
        send(server, "PUT", "/Bea", serialization.dumps(profile("Cy"))),
        send(server, "POST", "", {"name": " Bea", "uploads": ["12345678"]}),
    ]
    for answer in answers:
        assert (answer.status, answer.error) == (409, expected)
    assert VoiceProfileStorage(server.db).get("Ada").style.key == 3


@pytest.mark.parametrize("name", ["ada", "Adа", "x", "%00", "%20", "a%2Fb", "..", "%2e%2e%2f"])
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_an_unknown_voice_is_answered_with_404(server: Settings, method: str, name: str) -> None:
    answer = send(server, method, f"/{quote(name, safe='%')}")
    assert answer.status == 404
    assert answer.error["code"] in ("voice_unknown", "not_found")
    assert names(server) == ["Ada"]


def test_a_name_that_was_misspelt_is_guessed(server: Settings) -> None:
    assert send(server, "GET", "/ada").error == {
        "code": "voice_unknown",
        "message": "there is no voice 'ada'; did you mean 'Ada'?",
        "field": "name",
    }


def test_a_voice_is_deleted(server: Settings) -> None:
    answer = send(server, "DELETE", "/Ada")
    assert (answer.status, answer.body) == (204, b"")
    assert names(server) == []


def test_an_exported_voice_is_imported_under_another_name(server: Settings) -> None:
    exported = send(server, "GET", "/Ada/export")
    assert exported.headers["content-type"] == "application/octet-stream"
    answer = send(server, "PUT", "/Bea", exported.body)
    assert answer.status == 201
    assert json.loads(answer.body)["name"] == "Bea"
    kept = VoiceProfileStorage(server.db)
    assert np.array_equal(kept.get("Bea").features["frames"], profile("Ada").features["frames"])
    assert kept.get("Bea").style == kept.get("Ada").style


def test_a_voice_that_is_too_large_is_answered_with_413(server: Settings) -> None:
    answer = send(server, "PUT", "/Cy", b"x" * 100_001)
    assert answer.status == 413
    assert answer.error["message"] == "the body is larger than the 100000 bytes allowed"


@pytest.mark.parametrize("body", [b"", b"\0" * 9])
def test_a_name_that_none_can_have_is_refused_before_the_body_is_read(
    server: Settings, body: bytes
) -> None:
    answer = send(server, "PUT", "/%07", body)
    assert answer.status == 422
    assert answer.error["field"] == "name"


def test_a_damaged_voice_spoils_no_list_and_can_be_deleted(server: Settings) -> None:
    assert server.db is not None
    with closing(sqlite3.connect(server.db)) as db:
        db.execute("UPDATE voices SET profile = x'00'")
        db.commit()
    (voice,) = json.loads(send(server, "GET", "").body)["voices"]
    assert voice["name"] == "Ada"
    assert "not a voice written by AutoVoice" in voice["fault"]
    assert send(server, "GET", "/Ada").status == 503
    assert send(server, "DELETE", "/Ada").status == 204


def test_a_voice_is_made_of_uploads_that_there_are(server: Settings) -> None:
    answer = send(server, "POST", "", {"name": "Cy", "uploads": ["12345678"]})
    assert answer.status in (404, 422)
    assert "12345678" in answer.error["message"]


def test_a_voice_that_another_client_changes_meanwhile_is_told_as_it_is(
    server: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the first look and the change, it is renamed, or its new name is taken."""
    rename, set_style = VoiceProfileStorage.rename, VoiceProfileStorage.set_style

    def renamed_before(self: VoiceProfileStorage, name: str, **style: Any) -> VoiceProfile:
        rename(self, name, "Bea")
        return set_style(self, name, **style)

    def taken_before(self: VoiceProfileStorage, old: str, new: str) -> None:
        self.add(profile(new))
        rename(self, old, new)

    with monkeypatch.context() as patch:
        patch.setattr(VoiceProfileStorage, "set_style", renamed_before)
        gone = send(server, "PATCH", "/Ada", {"style": {"key": 1}})
    with monkeypatch.context() as patch:
        patch.setattr(VoiceProfileStorage, "rename", taken_before)
        taken = send(server, "PATCH", "/Bea", {"name": "Cy"})
    assert (gone.status, gone.error["code"]) == (404, "voice_unknown")
    assert (taken.status, taken.error["code"]) == (409, "voice_exists")
    assert names(server) == ["Bea", "Cy"]
