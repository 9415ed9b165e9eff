from __future__ import annotations

from pathlib import Path

import pytest

from autovoice_core import InputError
from autovoice_core.demo.folder import filled_folder


def test_files_appear_together_and_replace_those_of_before(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "demo"
    for text in ("one", "two"):
        with filled_folder(folder, overwrite=True) as (path, work):
            assert path == folder
            (work / "before.wav").write_text(text)
            (work / "voice" / "take1.wav").write_text(text)
            assert text == "two" or not list(folder.iterdir())
        assert (folder / "before.wav").read_text() == text
        found = {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}
        assert found == {"before.wav", "voice/take1.wav"}


def fill(folder: Path, *names: str, stop: bool = False) -> None:
    with filled_folder(folder, overwrite=True) as (_, work):
        for name in names:
            (work / name).touch()
        if stop:
            raise KeyboardInterrupt


def test_of_work_that_is_stopped_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        fill(tmp_path / "new" / "demo", "before.wav", stop=True)
    assert not list(tmp_path.iterdir())


def test_if_one_file_can_t_be_written_none_is(tmp_path: Path) -> None:
    (tmp_path / "report.html").mkdir()
    with pytest.raises(InputError) as caught:
        fill(tmp_path, "before.wav", "report.html")
    assert str(caught.value) == (
        f"{tmp_path / 'report.html'}: is a directory; give the name of a file"
    )
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]
