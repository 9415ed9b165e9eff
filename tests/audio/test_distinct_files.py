from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from autovoice_core import InputError
from autovoice_core.audio.distinct_files import check_distinct


def symbolic(one: Path, other: Path) -> None:
    other.symlink_to(one)


def hard(one: Path, other: Path) -> None:
    one.write_text("")
    other.hardlink_to(one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a.wav", "a.wav"),
        ("a.wav", "../{name}/a.wav"),
        ("a.wav", "A.WAV"),
        ("n\u00e9e.wav", "ne\u0301e.wav"),
        ("stra\u00dfe.wav", "STRASSE.wav"),
        ("gone/a.wav", "gone/./a.wav"),
    ],
    ids=["one name", "a way round", "another case", "composed", "folded", "a folder to be made"],
)
def test_one_file_by_two_spellings_is_refused(tmp_path: Path, one: str, other: str) -> None:
    second = tmp_path / other.format(name=tmp_path.name)
    with pytest.raises(InputError) as caught:
        check_distinct([tmp_path / one, second])
    assert str(caught.value) == f"{second}: two files would have this name; choose another"


@pytest.mark.parametrize("link", [symbolic, hard])
def test_one_file_by_a_link_is_refused(tmp_path: Path, link: Callable[[Path, Path], None]) -> None:
    link(tmp_path / "a.wav", tmp_path / "b.wav")
    with pytest.raises(InputError):
        check_distinct([tmp_path / "a.wav", tmp_path / "b.wav"])


def test_one_file_by_a_link_to_its_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(InputError):
        check_distinct([tmp_path / "real" / "a.wav", tmp_path / "link" / "a.wav"])


def test_files_of_one_name_in_two_folders_are_two(tmp_path: Path) -> None:
    for folder in ("one", "One"):
        (tmp_path / folder).mkdir(exist_ok=True)
    if len(list(tmp_path.iterdir())) < 2:
        pytest.skip("case does not count here")
    check_distinct([tmp_path / "one" / "a.wav", tmp_path / "One" / "a.wav"])
