"""In a folder or zip, the model, its index and the texts are found; anything odd is refused."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
from rvc_index_files import flat

from autovoice_core import InputError, ModelError
from autovoice_rvc.files.shared_files import Shared, best_indexes, find_shared

V1, V2 = (flat(np.zeros((1, width), np.float32)) for width in (256, 768))


def folder(tmp_path: Path, files: dict[str, bytes]) -> Path:
    """Return a folder of these files."""
    made = tmp_path / "shared"
    for name, content in files.items():
        path = made / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return made


def zipped(made: Path) -> Path:
    """Return a zip of a folder."""
    path = made.with_suffix(".zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(made.rglob("*")):
            archive.write(file, file.relative_to(made))
    return path


@pytest.fixture(params=["folder", "zip"])
def given(request: pytest.FixtureRequest) -> str:
    kind: str = request.param
    return kind


def found(made: Path, given: str) -> Shared:
    return find_shared(zipped(made) if given == "zip" else made)


def refused(made: Path, given: str) -> str:
    path = zipped(made) if given == "zip" else made
    with pytest.raises(InputError) as caught:
        find_shared(path)
    text = str(caught.value)
    assert text.startswith(f"{path}: ")
    return text.removeprefix(f"{path}: ")


def test_a_model_an_index_and_texts_are_found(tmp_path: Path, given: str) -> None:
    files = {
        "weights/ana.pth": b"model",
        "weights/features.safetensors": b"more",
        "logs/added_ana.index": b"index",
        "logs/total_fea.npy": b"vectors",
        "README.md": b"# Ana\nSing kindly.",
        "LICENSE": b"CC0",
        "model_info.json": b"{}",
        "song.wav": b"RIFF",
        ".hidden.pth": b"hidden",
        "__MACOSX/ana.pth": b"of a Mac",
    }
    made = folder(tmp_path, files)
    shared = found(made, given)
    assert shared.model.name == "ana.pth"
    assert shared.model.read(100, "") == b"model"
    assert [index.name for index in shared.indexes] == ["added_ana.index"]
    with shared.indexes[0].open() as stream:
        assert stream.read() == b"index"
    assert shared.texts == (
        ("LICENSE", "CC0"),
        ("README.md", "# Ana\nSing kindly."),
        ("model_info.json", "{}"),
    )


def test_a_model_alone_is_taken_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "anything.bin"
    path.write_bytes(b"anything")
    shared = find_shared(path)
    assert shared.model.path == path
    assert (shared.indexes, shared.texts) == ((), ())


def test_an_archive_of_pytorch_is_no_zip_of_files(tmp_path: Path) -> None:
    path = tmp_path / "ana.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("ana/data.pkl", b"pickle")
        archive.writestr("ana/other.pth", b"model")
    assert find_shared(path).model.path == path


def test_several_models_are_refused_by_name(tmp_path: Path, given: str) -> None:
    made = folder(tmp_path, {"ana_e100.pth": b"1", "ana_e200.pth": b"2"})
    assert refused(made, given) == (
        "holds several models (ana_e100.pth, ana_e200.pth); give one of them, and its index"
    )


def test_no_model_is_refused(tmp_path: Path, given: str) -> None:
    made = folder(tmp_path, {"song.wav": b"1", "added.index": b"2"})
    assert refused(made, given) == (
        "holds no model (.pth or .safetensors), but added.index, song.wav; "
        "give the model's own file"
    )


def test_a_folder_of_nothing_is_refused(tmp_path: Path) -> None:
    assert refused(folder(tmp_path, {".hidden": b""}), "folder") == (
        "holds no model (.pth or .safetensors), but nothing; give the model's own file"
    )


def test_checkpoints_beside_a_model_are_passed_over(tmp_path: Path, given: str) -> None:
    made = folder(tmp_path, {"G_2333333.pth": b"1", "D_2333333.pth": b"2", "ana.pth": b"3"})
    assert found(made, given).model.name == "ana.pth"


def test_of_checkpoints_alone_the_generator_is_read_to_say_what_it_is(
    tmp_path: Path, given: str
) -> None:
    made = folder(tmp_path, {"G_100.pth": b"1", "D_100.pth": b"2"})
    assert found(made, given).model.name == "G_100.pth"


def test_what_is_no_model_is_read_if_there_is_none_to_say_what_it_is(
    tmp_path: Path, given: str
) -> None:
    made = folder(tmp_path, {"feature_and_index.pkl": b"1", "README.md": b"2"})
    assert found(made, given).model.name == "feature_and_index.pkl"


def test_of_many_texts_some_are_read_and_no_binary_ones(tmp_path: Path, given: str) -> None:
    files = {f"readme{number}": b"text" for number in range(9)}
    made = folder(tmp_path, {"ana.pth": b"1", "LICENSE": b"\0binary", **files})
    assert [name for name, _ in found(made, given).texts] == [f"readme{n}" for n in range(5)]


def test_of_a_long_text_the_beginning_is_read(tmp_path: Path, given: str) -> None:
    made = folder(tmp_path, {"ana.pth": b"1", "LICENSE": "é".encode() * 300_000})
    assert [len(text) for _, text in found(made, given).texts] == [262_144]


def test_a_text_that_is_a_link_is_not_shown(tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.write_text("secret")
    made = folder(tmp_path, {"ana.pth": b"1"})
    (made / "LICENSE").symlink_to(private)
    assert find_shared(made).texts == ()


def test_a_model_may_be_a_link_as_in_the_caches_of_hubs(tmp_path: Path) -> None:
    blob = tmp_path / "blob"
    blob.write_bytes(b"model")
    made = folder(tmp_path, {"README.md": b"1"})
    (made / "ana.pth").symlink_to(blob)
    assert find_shared(made).model.read(100, "") == b"model"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no FIFOs here")
def test_a_fifo_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    made = folder(tmp_path, {"LICENSE": b""})
    os.mkfifo(made / "ana.pth")
    shared = find_shared(made)
    with pytest.raises(ModelError) as caught:
        shared.model.read(100, "")
    assert str(caught.value) == (
        f"{made / 'ana.pth'}: can't be read (it is no file but a FIFO, a device or a socket)"
    )
    with pytest.raises(ModelError, match="it is no file but a FIFO"):
        find_shared(made / "ana.pth")


def test_a_linked_folder_is_not_entered(tmp_path: Path) -> None:
    made = folder(tmp_path, {"ana.pth": b"1"})
    (made / "again").symlink_to(made)
    assert find_shared(made).model.path == made / "ana.pth"


def test_a_folder_of_very_many_files_is_refused(tmp_path: Path) -> None:
    made = folder(tmp_path, {f"song{number}.wav": b"" for number in range(1001)})
    assert refused(made, "folder") == "holds more than 1,000 files; give the model's own file"


def test_nothing_there_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ana.pth"
    with pytest.raises(ModelError) as caught:
        find_shared(path)
    assert str(caught.value) == f"{path}: can't be read (No such file or directory)"


@pytest.mark.parametrize(
    ("names", "best"),
    [
        (["trained_IVF9_ana_v2", "added_IVF9_ana_v2"], ["added_IVF9_ana_v2"]),
        (["trained_IVF9_ana_v2"], ["trained_IVF9_ana_v2"]),
        (["added_ana", "short"], ["added_ana"]),
        (["added_ana_v1", "added_ana_v2"], ["added_ana_v2"]),
        (["added_eva_v2", "added_Ana_v2"], ["added_Ana_v2"]),
        (["ana", "added_ana"], ["added_ana"]),
        (["added_ana_1", "added_ana_2"], ["added_ana_1", "added_ana_2"]),
        ([], []),
    ],
)
def test_the_index_that_belongs_to_a_model_is_told(
    tmp_path: Path, given: str, names: list[str], best: list[str]
) -> None:
    contents = {f"{name}.index": V1 if name == "short" else V2 for name in names}
    indexes = found(folder(tmp_path, {"ana.pth": b"1", **contents}), given).indexes
    assert len(indexes) == len(names)
    assert [index.name for index in best_indexes(indexes, "ana.pth", 2, 768)] == [
        f"{name}.index" for name in best
    ]


@pytest.mark.parametrize("name", ["ana.rar", "ana.7z", "ana.tar", "ana.tar.gz"])
def test_an_archive_alone_is_read_to_say_what_it_is(tmp_path: Path, given: str, name: str) -> None:
    made = folder(tmp_path, {name: b"1", "README.md": b"2"})
    assert found(made, given).model.name == name
