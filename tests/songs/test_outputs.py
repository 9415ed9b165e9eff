from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from autovoice_core import Audio, InputError
from autovoice_core.audio.reading import AudioFile
from autovoice_core.songs.outputs import OutputPaths, open_outputs, refuse_overwriting

BLOCK = np.full((1, 800), 0.25, np.float32)


@pytest.fixture
def song(tmp_path: Path) -> AudioFile:
    path = tmp_path / "song.wav"
    Audio(BLOCK, 8000).save(path)
    return AudioFile(path)


def test_a_file_is_not_written_over_what_is_read(tmp_path: Path, song: AudioFile) -> None:
    link = tmp_path / "link.wav"
    link.symlink_to(song.path)
    refuse_overwriting(song, tmp_path / "other.wav", "choose another")
    with pytest.raises(InputError) as caught:
        refuse_overwriting(song, link, "choose another")
    assert str(caught.value) == f"{link}: is the song itself; choose another"


def test_all_outputs_appear_on_success(tmp_path: Path, song: AudioFile) -> None:
    stems = tmp_path / "new" / "stems"
    paths = OutputPaths(
        tmp_path / "mix.wav", stems, (stems / "vocals.flac",), tmp_path / "page.html"
    )
    with open_outputs(song, paths) as outputs:
        assert outputs.report is not None
        outputs.report.write_text("page")
        (outputs.scratch / "vocals").touch()
        for writer in outputs.writers:
            writer.write(BLOCK)
        assert not any(path.exists() for path in (paths.mix, *paths.stems, paths.report) if path)
    assert not outputs.scratch.exists()
    assert (tmp_path / "page.html").read_text() == "page"
    for path in (tmp_path / "mix.wav", stems / "vocals.flac"):
        np.testing.assert_array_equal(Audio.load(path).numpy(), BLOCK)


@pytest.mark.parametrize(
    ("mix", "report"), [("no/mix.wav", "page.html"), ("mix.xyz", "page.html"), ("mix.wav", "no/p")]
)
def test_a_place_that_cannot_be_written_leaves_nothing(
    tmp_path: Path, song: AudioFile, mix: str, report: str
) -> None:
    stems = tmp_path / "new" / "stems"
    paths = OutputPaths(tmp_path / mix, stems, (stems / "vocals.flac",), tmp_path / report)
    with pytest.raises(InputError), open_outputs(song, paths):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["song.wav"]
