"""A voice comes whole out of its files, with what is told about it."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
from rvc_index_files import flat, ivf
from rvc_model_files import V1_32K, model, weights

from autovoice_core import InputError, ModelError
from autovoice_rvc.files.voice import RvcVoice, read_voice

VECTORS = np.random.default_rng(0).standard_normal((5, 256)).astype(np.float32)
INDEX = ivf([VECTORS[:2], VECTORS[2:]])


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as people share them."""
    folder = tmp_path_factory.mktemp("ana")
    (folder / "ana.pth").write_bytes(model(V1_32K, epoch=200, embedder_model="contentvec"))
    (folder / "added_IVF2_Flat_nprobe_1_ana_v1.index").write_bytes(INDEX)
    (folder / "trained_IVF2_Flat_nprobe_1_ana_v1.index").write_bytes(b"IwFl")
    (folder / "LICENSE.txt").write_text("CC BY 4.0\r\nNo \x1b[31mharm.\n", newline="")
    (folder / "model_info.json").write_text(
        '{"total_dataset_duration": "00:10:00", "more": {"a": 1}, "list": [1, "two"]}'
    )
    return folder


def require_whole(voice: RvcVoice) -> None:
    wanted = weights(V1_32K)
    assert voice.architecture == V1_32K
    assert voice.arrays.keys() == wanted.keys()
    for name, array in voice.arrays.items():
        np.testing.assert_array_equal(array, wanted[name].numpy())


FACTS = r"""RVC v1, 32k, without f0, index of 5 vectors
training: 100epoch
epochs: 200
encoder: contentvec
LICENSE.txt:
CC BY 4.0
No \x1b[31mharm.
model_info.json:
total_dataset_duration: "00:10:00"
list: [1, "two"]"""


def test_a_folder_becomes_a_voice(shared: Path) -> None:
    voice = read_voice(shared)
    require_whole(voice)
    assert voice.vectors is not None
    np.testing.assert_array_equal(voice.vectors, VECTORS.astype(np.float16))
    assert voice.facts == FACTS
    assert voice.warnings == ()


def test_a_zip_becomes_the_same_voice(shared: Path, tmp_path: Path) -> None:
    path = tmp_path / "ana.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in shared.iterdir():
            archive.write(file, f"ana/{file.name}")
    voice = read_voice(path)
    require_whole(voice)
    np.testing.assert_array_equal(voice.vectors, VECTORS.astype(np.float16))
    assert voice.facts == FACTS
    assert [each.name for each in tmp_path.iterdir()] == ["ana.zip"]


def test_a_model_alone_has_no_vectors(shared: Path) -> None:
    voice = read_voice(shared / "ana.pth")
    assert voice.vectors is None
    assert voice.facts.splitlines()[0] == "RVC v1, 32k, without f0, no index"


def test_the_index_that_is_given_is_taken(shared: Path, tmp_path: Path) -> None:
    index = tmp_path / "other.index"
    index.write_bytes(flat(VECTORS[:1]))
    voice = read_voice(shared, index)
    np.testing.assert_array_equal(voice.vectors, VECTORS[:1].astype(np.float16))


def test_an_index_of_another_version_is_refused(shared: Path, tmp_path: Path) -> None:
    index = tmp_path / "added_v2.index"
    index.write_bytes(flat(np.zeros((1, 768), np.float32)))
    with pytest.raises(InputError) as caught:
        read_voice(shared / "ana.pth", index)
    assert str(caught.value) == (
        f"{index}: holds vectors of 768 values, but the model, RVC v1 32k without f0, has content "
        "of 256; use the index of the same training, or none"
    )


def test_an_index_that_is_not_there_is_refused(shared: Path, tmp_path: Path) -> None:
    index = tmp_path / "no.index"
    with pytest.raises(ModelError) as caught:
        read_voice(shared / "ana.pth", index)
    assert str(caught.value) == f"{index}: can't be read (No such file or directory)"


def test_several_indexes_are_refused_by_name(shared: Path, tmp_path: Path) -> None:
    (tmp_path / "eva.pth").hardlink_to(shared / "ana.pth")
    for name in ("added_eva_1.index", "added_eva_2.index"):
        (tmp_path / name).write_bytes(INDEX)
    with pytest.raises(InputError) as caught:
        read_voice(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}: holds several indexes (added_eva_1.index, added_eva_2.index); "
        "give the one that belongs to the model"
    )


def test_a_model_of_very_many_bytes_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "D_2333333.pth"
    with path.open("wb") as stream:
        stream.truncate(857_000_000)
    with pytest.raises(ModelError) as caught:
        read_voice(path)
    assert str(caught.value) == (
        f"{path}: it has 857 MB, more than the 537 MB that are read of such a file; training "
        "checkpoints (G_….pth, D_….pth) are as large, but a voice is not: use the small file that "
        "RVC saves in assets/weights"
    )


def test_a_text_that_is_no_json_is_shown_as_it_is(tmp_path: Path, shared: Path) -> None:
    (tmp_path / "ana.pth").hardlink_to(shared / "ana.pth")
    (tmp_path / "metadata.json").write_text('{"name": "An')
    assert read_voice(tmp_path).facts.endswith('\nmetadata.json:\n{"name": "An')


@pytest.mark.parametrize(
    ("characters", "note"),
    [
        (1500, ""),
        (200_000, " (cut: 200,000 characters in the file)"),
        (300_000, " (cut: at least 262,144 characters in the file)"),
    ],
)
def test_a_long_text_is_cut_and_its_length_told(
    tmp_path: Path, shared: Path, characters: int, note: str
) -> None:
    (tmp_path / "ana.pth").hardlink_to(shared / "ana.pth")
    (tmp_path / "LICENSE").write_text("é" * characters, encoding="utf-8")
    kept = "é" * 1500 + "…" * bool(note)
    assert read_voice(tmp_path).facts.endswith(f"\nLICENSE{note}:\n{kept}")


def test_an_index_of_one_vector_is_told_as_such(shared: Path, tmp_path: Path) -> None:
    index = tmp_path / "one.index"
    index.write_bytes(flat(VECTORS[:1]))
    facts = read_voice(shared / "ana.pth", index).facts
    assert facts.splitlines()[0] == "RVC v1, 32k, without f0, index of 1 vector"


def test_a_folder_is_no_index(shared: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_voice(shared / "ana.pth", shared)
    assert str(caught.value) == f"{shared}: is a folder, no index; give the .index file in it"
