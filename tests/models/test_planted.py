"""What others may have put into the folder of weights."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from model_server import BODY, Handler, Server, break_off, pinned, refusal

from autovoice_core import ModelError, models
from autovoice_core._errors import BadOffer
from autovoice_core.backends import Weights
from autovoice_core.models.download import note_of, part_of

pytestmark = pytest.mark.skipif(os.name == "nt", reason="links and modes are others there")


@pytest.fixture
def folder(weights: Weights) -> Path:
    folder = weights.place.parent
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    return victim


@pytest.mark.parametrize("link", [os.symlink, os.link], ids=["symbolic", "hard"])
@pytest.mark.parametrize(
    "name", ["weights.json", "net.safetensors.part", "net.safetensors.part.json"]
)
def test_no_link_is_written_through(
    server: Server,
    weights: Weights,
    folder: Path,
    victim: Path,
    name: str,
    link: Callable[[Path, Path], None],
) -> None:
    link(victim, folder / name)
    server.answer = break_off
    refusal(weights)
    assert victim.read_text() == "mine"
    server.answer = Handler.serve
    assert models.get(weights).read_bytes() == BODY
    assert victim.read_text() == "mine"
    assert not (folder / "weights.json").is_symlink()


@pytest.mark.parametrize(
    "name", ["net.safetensors", "weights.json", "net.safetensors.part", "net.safetensors.part.json"]
)
def test_a_fifo_is_not_waited_for(
    server: Server, weights: Weights, folder: Path, name: str
) -> None:
    os.mkfifo(folder / name)
    assert models.get(weights).read_bytes() == BODY


def test_a_folder_in_place_of_a_file_is_named(
    server: Server, weights: Weights, folder: Path
) -> None:
    part_of(weights).mkdir()
    assert refusal(weights) == (
        f"toy/net: {folder} can't be written (Is a directory); free space or set AUTOVOICE_MODELS "
        "to another folder, and run the same command again"
    )


def test_weights_that_are_replaced_by_a_fifo_between_the_checks_are_not_waited_for(
    server: Server, weights: Weights, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = models.get(weights)
    place.unlink()
    os.mkfifo(place)
    monkeypatch.setattr(Weights, "is_here", lambda self: True)
    for use in (models.verify, models.read):
        with pytest.raises(ModelError) as caught:
            use(weights)
        assert str(caught.value) == (
            f"{place} can't be read (it is no file but a FIFO, a device or a socket); "
            "run `autovoice models get toy/net` to download it again"
        )


def test_what_is_read_is_what_was_compared(
    server: Server, weights: Weights, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = models.get(weights)
    plain = os.open

    def replaced_once_open(path: Path, *mode: int) -> int:
        descriptor = plain(path, *mode)
        if path == place:
            place.unlink()
            place.write_bytes(bytes(len(BODY)))
        return descriptor

    monkeypatch.setattr(os, "open", replaced_once_open)
    assert models.read(weights) == BODY


def test_weights_and_their_folders_are_the_users_alone(
    server: Server, weights: Weights, store: Path
) -> None:
    server.answer = break_off
    before = os.umask(0)
    try:
        refusal(weights)
        unfinished = [part_of(weights), note_of(weights)]
        assert [stat.S_IMODE(file.stat().st_mode) for file in unfinished] == [0o600, 0o600]
        server.answer = Handler.serve
        models.get(weights)
    finally:
        os.umask(before)
    for path in (store, *store.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


@pytest.mark.parametrize("name", ["weights.json", "WEIGHTS.json", "a.part", "a.part.json"])
def test_weights_may_not_be_called_as_files_beside_them_are(name: str) -> None:
    with pytest.raises(BadOffer) as caught:
        pinned(url=f"https://example.org/{name}")
    assert str(caught.value) == (
        f"weights 'toy/net': url 'https://example.org/{name}' ends in a name that AutoVoice keeps "
        "its own files under"
    )


def test_a_folder_of_too_long_a_name_is_told_on_removal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOVOICE_MODELS", str(tmp_path / ("x" * 300)))
    weights = pinned()
    with pytest.raises(ModelError) as caught:
        models.remove(weights)
    assert str(caught.value) == (
        f"toy/net: {weights.place.parent} can't be written (File name too long); free space or "
        "set AUTOVOICE_MODELS to another folder, and run the same command again"
    )
