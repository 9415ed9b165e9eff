"""Batches that no song can be done in, as what is asked for can't be had: refused once, at once."""

from __future__ import annotations

import json
import re
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from batch_runs import InProcess, ada

from autovoice_core import convert_songs, track_songs, using
from autovoice_core._errors import ArgumentError
from autovoice_core.batch.manifest import Manifest
from autovoice_core.batch.work import Outcome

pytestmark = pytest.mark.usefixtures("toy")


class Refuses(InProcess):
    """Refuses some songs, by name."""

    def __init__(self, *names: str) -> None:
        super().__init__()
        self._names = names

    def run(self, *arguments: Any, **options: Any) -> Generator[Outcome, None, None]:
        for outcome in super().run(*arguments, **options):
            if self.done[-1] in self._names:
                yield evolve(outcome, outputs={}, error="key: is odd", refusal="ArgumentError")
            else:
                yield outcome


def test_a_limit_that_is_too_small_is_refused_once_with_what_all_workers_need(
    songs: Path, out: Path
) -> None:
    with using(pitch="reference/nccf"), pytest.raises(ArgumentError) as caught:
        track_songs(songs, out, engine=InProcess(), workers=2, memory_limit="1 MB")
    message = re.sub(r"[\d.]+ [GM]B", "# MB", str(caught.value))
    assert message == (
        "memory_limit: # MB, shared by 2 workers, is too little for reference/nccf, whose shortest "
        "windows take # MB in addition to the # MB that each holds; give at least # MB, or use "
        "fewer workers"
    )
    assert str(caught.value).startswith("memory_limit: 1 MB, ")
    told = re.findall(r"([\d.]+) ([GM]B)", str(caught.value))
    _, windows, held, needed = (float(n) * (1000 if unit == "GB" else 1) for n, unit in told)
    assert 2 * (windows + held) < needed < 2 * 1.03 * (windows + held) + 30
    assert Manifest(out).records == {}


def test_a_limit_that_can_not_be_kept_is_refused_once(songs: Path, out: Path) -> None:
    with pytest.raises(ArgumentError) as caught:
        track_songs(songs, out, engine=InProcess(), memory_limit="4 GB")
    assert str(caught.value) == (
        "memory_limit: toy/steady does not declare how much memory it takes, so no limit can be "
        "kept; omit the limit, or choose another backend"
    )
    assert Manifest(out).records == {}


def test_a_voice_that_the_converter_can_not_read_is_refused_once(songs: Path, out: Path) -> None:
    other = ada(features={}, feature_id="other/1")
    with pytest.raises(ArgumentError) as caught:
        convert_songs(songs, other, out, engine=InProcess())
    assert str(caught.value).startswith(
        "voice: 'Ada' holds features of other/1, but toy/gain reads toynet/1; "
    )
    assert Manifest(out).records == {}


def test_a_song_that_fails_before_changes_nothing(songs: Path, out: Path) -> None:
    (songs / "a" / "b.wav").write_text("no sound")
    with pytest.raises(ArgumentError) as caught:
        track_songs(songs, out, engine=Refuses("a/y.wav"))
    assert str(caught.value) == "key: is odd"
    assert list(Manifest(out).records) == ["a/b.wav"]


def test_once_a_song_is_done_a_refusal_costs_its_song_alone(songs: Path, out: Path) -> None:
    result = track_songs(songs, out, engine=Refuses("a/z.flac"))
    assert result.failed == {"a/z.flac": "key: is odd"}
    assert len(result.records) == 3


def test_of_songs_with_settings_of_their_own_a_refusal_costs_one_alone(
    songs: Path, out: Path
) -> None:
    path = songs.parent / "list.jsonl"
    lines = [{"song": "songs/a/y.wav", "key": 1}, {"song": "songs/x.wav", "key": 2}]
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    result = convert_songs(path, ada(), out, engine=Refuses("songs/a/y.wav"))
    assert result.failed == {"songs/a/y.wav": "key: is odd"}
    assert len(result.records) == 2
