from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from model_server import BODY, pinned

from autovoice_core import AutoVoiceError, InputError, ModelError, models
from autovoice_core.models import store as storing
from autovoice_core.models.download import part_of

Install = Callable[..., Path]


@pytest.fixture
def given(tmp_path: Path) -> Path:
    path = tmp_path / "anything.bin"
    path.write_bytes(BODY)
    return path


def test_a_file_is_taken_without_a_network(given: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOVOICE_OFFLINE", "1")
    told: list[float] = []
    weights = pinned()
    assert models.get(weights, source=given, progress=told.append).read_bytes() == BODY
    assert told[-1] == 1
    assert given.exists()


@pytest.mark.parametrize("inside", ["net.safetensors", "toy/net/net.safetensors"])
def test_a_folder_may_be_flat_or_another_machines_folder_of_weights(
    tmp_path: Path, inside: str
) -> None:
    file = tmp_path / "stick" / inside
    file.parent.mkdir(parents=True)
    file.write_bytes(BODY)
    assert models.get(pinned(), source=tmp_path / "stick").read_bytes() == BODY


def test_a_folder_of_weights_that_was_carried_here_is_used_as_it_is(
    given: Path, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models.get(pinned(), source=given)
    carried = tmp_path / "carried"
    store.rename(carried)
    monkeypatch.setenv("AUTOVOICE_MODELS", str(carried))
    assert models.verify(pinned()) == carried / "toy/net/net.safetensors"


def test_a_file_that_is_taken_takes_the_place_of_an_unfinished_download(given: Path) -> None:
    part = part_of(pinned())
    part.parent.mkdir(parents=True)
    part.write_bytes(BODY[:100])
    models.get(pinned(), source=given)
    assert not part.exists()


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"short", f"has 5 bytes, not the {len(BODY)} of toy/net"),
        (
            bytes(len(BODY)),
            "has the SHA-256 {digest}…, not " + pinned().sha256[:16] + "… of toy/net",
        ),
    ],
)
def test_a_file_of_something_else_is_refused(
    given: Path, store: Path, body: bytes, fault: str
) -> None:
    given.write_bytes(body)
    with pytest.raises(InputError) as caught:
        models.get(pinned(), source=given)
    digest = pinned(body).sha256[:16]
    assert str(caught.value) == (
        f"{given} {fault.format(digest=digest)}; give the file of {pinned().url}"
    )
    assert not pinned().place.exists()


def test_a_source_that_is_missing_is_refused(tmp_path: Path) -> None:
    for source, what in (
        (tmp_path / "gone", "does not exist or is not a file"),
        (tmp_path, "holds no net.safetensors"),
        (Path(os.devnull), "does not exist or is not a file"),
    ):
        with pytest.raises(InputError) as caught:
            models.get(pinned(), source=source)
        assert str(caught.value) == f"{source}: {what}; give the file of {pinned().url}"


def test_a_file_that_changes_while_it_is_copied_is_refused(
    given: Path, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def copy(source: object, target: object, length: int) -> None:
        target.write(bytes(len(BODY)))  # type: ignore[attr-defined]

    monkeypatch.setattr(storing.shutil, "copyfileobj", copy)
    with pytest.raises(InputError) as caught:
        models.get(pinned(), source=given)
    assert str(caught.value) == f"{given} changed while it was copied; give it again"
    assert [file.name for file in (store / "toy/net").iterdir() if file.name != ".lock"] == []


def test_no_room_for_a_copy_is_known_before(
    given: Path, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type(storing.shutil.disk_usage("/"))(10**9, 10**9, 0)
    monkeypatch.setattr(storing.shutil, "disk_usage", lambda folder: usage)
    with pytest.raises(ModelError) as caught:
        models.get(pinned(), source=given)
    assert str(caught.value) == (
        f"toy/net needs 160 kB more, but {store / 'toy/net'} has 0 bytes free; "
        "free space or set AUTOVOICE_MODELS to another folder"
    )


def test_weights_that_are_here_need_no_network_and_no_writing(given: Path) -> None:
    models.get(pinned(), source=given)
    (lock := storing._lock_of(pinned())).unlink(missing_ok=True)
    lock.mkdir()  # no file can be locked
    assert models.get(pinned(), offline=True) == pinned().place


def test_a_folder_that_can_not_be_made_is_named(store: Path, given: Path) -> None:
    store.write_text("a file")
    with pytest.raises(ModelError) as caught:
        models.get(pinned(), source=given)
    assert str(caught.value) == (
        f"toy/net: {store / 'toy/net'} can't be written (Not a directory); free space or set "
        "AUTOVOICE_MODELS to another folder, and run the same command again"
    )


def test_the_path_of_weights_that_are_not_here_is_refused_with_the_remedy(store: Path) -> None:
    for ask in (models.path, models.verify):
        with pytest.raises(ModelError) as caught:
            ask(pinned())
        assert str(caught.value) == (
            "the weights toy/net (160 kB, licence CC0-1.0) are not in "
            f"{store / 'toy/net/net.safetensors'}; run `autovoice models get toy/net`"
        )


def test_a_bit_that_flipped_is_found(given: Path) -> None:
    place = models.get(pinned(), source=given)
    assert models.verify(pinned()) == models.path(pinned()) == place
    damaged = bytearray(BODY)
    damaged[-1] ^= 1
    place.write_bytes(damaged)
    with pytest.raises(ModelError) as caught:
        models.verify(pinned())
    assert str(caught.value) == (
        f"{place} has the SHA-256 {pinned(bytes(damaged)).sha256[:16]}…, not "
        f"{pinned().sha256[:16]}… of toy/net; "
        "run `autovoice models get toy/net` to download it again"
    )


def test_what_is_removed_leaves_nothing(given: Path, store: Path) -> None:
    models.get(pinned(), source=given)
    part_of(pinned()).write_bytes(b"some")
    assert models.remove(pinned())
    assert list(store.iterdir()) == []
    assert not models.remove(pinned())


def test_what_somebody_else_left_in_the_folder_stays(given: Path) -> None:
    place = models.get(pinned(), source=given)
    other = place.with_name("notes.txt")
    other.write_text("mine")
    models.remove(pinned())
    assert other.read_text() == "mine"
    assert not place.exists()


def test_a_file_that_may_not_be_read_is_named(given: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = os.open

    def refuse(path: Path, *mode: int) -> int:
        if path == given:
            raise PermissionError(13, "Permission denied")
        return plain(path, *mode)

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(InputError) as caught:
        models.get(pinned(), source=given)
    assert str(caught.value) == (
        f"{given} can't be read (Permission denied); give the file of {pinned().url}"
    )


def test_weights_are_found_by_name_among_what_plugins_need(install: Install) -> None:
    with pytest.raises(ModelError) as caught:
        models.path("toy/net")
    assert str(caught.value) == "unknown weights 'toy/net': no installed plugin needs any"
    install(pinned())
    (model,) = models.known()
    assert models.find("toy/net") == model
    assert model.weights == pinned()
    assert [entry.name for entry in model.used_by] == ["toynets/net"]
    with pytest.raises(ModelError) as caught:
        models.find("toy/ned")
    assert str(caught.value) == (
        "unknown weights 'toy/ned' (did you mean 'toy/net'?): known are toy/net"
    )


def test_two_plugins_may_share_weights_but_not_a_name(install: Install) -> None:
    install(pinned())
    install(pinned(), "twin")
    (model,) = models.known()
    assert [entry.name for entry in model.used_by] == ["toynets/net", "twin/net"]
    install(pinned(b"other"), "rival")
    with pytest.raises(AutoVoiceError) as caught:
        models.find("toy/net")
    owners = " and ".join(item.used_by[0].distribution for item in models.known())
    assert str(caught.value) == (
        f"weights 'toy/net': {owners} use this name for different files; uninstall one of them"
    )
