"""Failures that are not the song's own: tried again by the next run, or the end of this one."""

from __future__ import annotations

from pathlib import Path

import pytest
from batch_runs import InProcess

from autovoice_core import track_songs
from autovoice_core._errors import InputError
from autovoice_core.batch import worker as worker_module

pytestmark = pytest.mark.usefixtures("toy")


@pytest.mark.parametrize("ship", [False, True])
def test_a_result_that_was_in_the_way_and_is_gone_holds_no_song_up(
    songs: Path, out: Path, ship: bool
) -> None:
    out.mkdir()
    (out / "x.csv").mkdir()
    result = track_songs(songs, out, engine=InProcess(ship=ship))
    assert result.failed == {"x.wav": f"{out / 'x.csv'}: is a directory; give the name of a file"}
    (out / "x.csv").rmdir()
    engine = InProcess(ship=ship)
    assert track_songs(songs, out, engine=engine).failed == {}
    assert engine.done == ["x.wav"]


def test_a_full_disk_stops_the_batch_at_once(
    songs: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(worker_module, "perform", fill)
        engine = InProcess()
        with pytest.raises(InputError) as caught:
            track_songs(songs, out, engine=engine)
    assert str(caught.value) == (
        "the disk: No space left on device; once there is space, the same command does the rest"
    )
    assert engine.done == ["a/y.wav"]
    engine = InProcess()
    track_songs(songs, out, engine=engine)
    assert engine.done == ["a/y.wav", "a/z.flac", "x.wav"]
