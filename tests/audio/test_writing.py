from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from autovoice_core import Audio, InputError
from autovoice_core.audio.reading import AudioFile
from autovoice_core.audio.together import refuse_overwriting, together
from autovoice_core.audio.writing import AudioWriter

RATE = 8000
BLOCK = np.full((1, 800), 0.25, np.float32)


def writers(folder: Path, *names: str) -> list[AudioWriter]:
    return [AudioWriter(folder / name, RATE, 1) for name in names]


def write_both(folder: Path) -> None:
    with together(writers(folder, "one.wav", "two.flac")) as opened:
        for writer in opened:
            writer.write(BLOCK)


def test_the_files_appear_when_all_are_complete(tmp_path: Path) -> None:
    with together(writers(tmp_path, "one.wav", "two.flac")) as opened:
        for writer in opened:
            writer.write(BLOCK)
        assert not (tmp_path / "one.wav").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.wav", "two.flac"]
    np.testing.assert_array_equal(Audio.load(tmp_path / "two.flac").numpy(), BLOCK)


def test_a_failure_leaves_no_file_and_those_that_were_there(tmp_path: Path) -> None:
    (tmp_path / "one.wav").write_text("old")

    def failing() -> None:
        with together(writers(tmp_path, "one.wav", "two.flac")):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        failing()
    assert [path.name for path in tmp_path.iterdir()] == ["one.wav"]
    assert (tmp_path / "one.wav").read_text() == "old"


@pytest.mark.parametrize("stopped", ["one.wav", "two.flac"])
def test_a_file_that_cannot_be_finished_takes_the_others_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stopped: str
) -> None:
    close = AudioWriter.close

    def full(self: AudioWriter) -> None:
        close(self)
        if self.path.name == stopped:
            raise InputError("no space left")

    (tmp_path / "one.wav").write_text("old")
    monkeypatch.setattr(AudioWriter, "close", full)
    with pytest.raises(InputError, match="no space left"):
        write_both(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["one.wav"]
    assert (tmp_path / "one.wav").read_text() == "old"


def test_a_file_that_cannot_take_its_place_takes_the_others_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = Path.replace

    def taken(self: Path, target: Path) -> Path:
        if target.name == "one.wav":
            raise IsADirectoryError
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", taken)
    with pytest.raises(IsADirectoryError):
        write_both(tmp_path)
    assert not list(tmp_path.iterdir())


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    same = "folder/../one.wav"
    with pytest.raises(InputError) as caught, together(writers(tmp_path, "one.wav", same)):
        pass
    assert str(caught.value) == (
        f"{tmp_path / same}: two files would have this name; choose another"
    )
    assert list(tmp_path.iterdir()) == [tmp_path / "folder"]


def test_a_file_is_not_written_over_what_is_read(tmp_path: Path) -> None:
    path = tmp_path / "song.wav"
    Audio(BLOCK, RATE).save(path)
    (tmp_path / "link.wav").symlink_to(path)
    refuse_overwriting(AudioFile(path), tmp_path / "other.wav", "choose another")
    with pytest.raises(InputError) as caught:
        refuse_overwriting(AudioFile(path), tmp_path / "link.wav", "choose another")
    assert str(caught.value) == f"{tmp_path / 'link.wav'}: is the song itself; choose another"
