"""Voices sent to be imported that are something else."""

from __future__ import annotations

import errno
import io
import json
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest
import safetensors.numpy
from server_clients import request, running_server, settings_in

from autovoice_core import VoiceProfile
from autovoice_core.server.settings import Settings
from autovoice_core.voices import serialization


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    given = settings_in(tmp_path_factory.mktemp("server"), limits={"streams": 0})
    with running_server(given) as settings:
        yield settings


def profile(name: str) -> VoiceProfile:
    features = {"frames": np.arange(12, dtype=np.float32).reshape(3, 4)}
    return VoiceProfile(name, features, "retrieval/1", (100.0, 200.0, 300.0), -20, 9, ())


def zipped() -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("../../outside.voice", serialization.dumps(profile("Cy")))
    return data.getvalue()


def linked() -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as archive:
        link = tarfile.TarInfo("Cy.voice")
        link.type, link.linkname = tarfile.SYMTYPE, "../../secret"
        archive.addfile(link)
    return data.getvalue()


def bombed() -> bytes:
    """A header that promises far more than there is."""
    header = b'{"x":{"dtype":"F32","shape":[1000000,1000000],"data_offsets":[0,4000000000000]}}'
    return len(header).to_bytes(8, "little") + header


def damaged() -> bytes:
    data = bytearray(serialization.dumps(profile("Cy")))
    data[-1] ^= 1
    return bytes(data)


NO_VOICES = {
    "nothing": b"",
    "zip": zipped(),
    "tar with a link": linked(),
    "pickle": b"\x80\x04\x95\x0b\x00\x00\x00\x00\x00\x00\x00\x8c\x07builtins.",
    "bomb": bombed(),
    "huge header": (2**63).to_bytes(8, "little") + b"{}",
    "deep header": (50_000).to_bytes(8, "little") + b"[" * 50_000,
    "other safetensors": safetensors.numpy.save({"x": np.zeros(3)}),
    "damaged": damaged(),
    "cut off": serialization.dumps(profile("Cy"))[:-100],
}


@pytest.mark.parametrize("data", NO_VOICES.values(), ids=NO_VOICES)
def test_what_is_no_voice_is_refused_with_the_reason(server: Settings, data: bytes) -> None:
    answer = request(server, "PUT", "/v1/voices/Cy", data)
    assert answer.status == 422
    assert answer.error["code"] == "voice_file"
    message = answer.error["message"]
    assert message.startswith(("the file sent: not a voice written", "the file sent: damaged ("))
    assert json.loads(request(server, "GET", "/v1/voices").body) == {"voices": []}


def test_a_voice_that_takes_too_long_to_read_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    given = settings_in(tmp_path, limits={"streams": 0, "decode_seconds": 0.001})
    with running_server(given) as server:
        data = serialization.dumps(profile("Cy"))
        answer = request(server, "PUT", "/v1/voices/Cy", data)
        assert (answer.status, answer.error) == (
            422,
            {
                "code": "timeout",
                "message": "the file sent: takes longer to read than the 0.001 s allowed",
                "field": None,
            },
        )
        assert not list((server.folder / "incoming").iterdir())


def test_a_full_disk_is_told_and_leaves_nothing(
    server: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, mode: str) -> NoReturn:
        raise OSError(errno.ENOSPC, "no space")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", full)
        answer = request(server, "PUT", "/v1/voices/Cy", serialization.dumps(profile("Cy")))
    assert (answer.status, answer.error["code"]) == (507, "disk_full")
    assert not [path for path in (server.folder / "incoming").iterdir() if path.is_file()]
