from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from batch_runs import InProcess, ada, contents

from autovoice_core import (
    AutoVoiceWarning,
    Need,
    VoiceProfile,
    convert_song,
    convert_songs,
    separate_song,
    separate_songs,
    track_songs,
    using,
)
from autovoice_core.batch.result import BatchResult
from autovoice_core.memory.limit import MemoryLimit
from autovoice_core.pitch.extractor import SingingPitchExtractor
from autovoice_core.voices.storage import VoiceProfileStorage

pytestmark = pytest.mark.usefixtures("toy")
ALL = ["a/y.wav", "a/z.flac", "x.wav"]


def track(songs: Any, out: Path, **options: Any) -> tuple[BatchResult, list[str]]:
    """Track songs in this process; return the result and the songs that were done."""
    engine = InProcess(ship=options.pop("ship", False))
    return track_songs(songs, out, engine=engine, **options), engine.done


@pytest.mark.parametrize("ship", [False, True])
def test_tracks_are_those_of_the_extractor(
    songs: Path, out: Path, tmp_path: Path, ship: bool
) -> None:
    result, done = track(songs, out, ship=ship, suffix=".JSON")
    assert done == ALL
    assert result.failed == {}
    assert [record.outputs for record in result.records] == [
        {name: (out / name).stat().st_size} for name in ("a/y.json", "a/z.json", "x.json")
    ]
    alone = tmp_path / "alone"
    (alone / "a").mkdir(parents=True)
    for name in ALL:
        SingingPitchExtractor().extract(songs / name).save((alone / name).with_suffix(".json"))
    assert contents(out) == contents(alone)


@pytest.mark.parametrize("ship", [False, True])
def test_stems_are_those_of_the_song_alone(
    songs: Path, out: Path, tmp_path: Path, ship: bool
) -> None:
    separate_songs(songs, out, suffix="wav", engine=InProcess(ship=ship))
    for name in ALL:
        separate_song(songs / name, (tmp_path / "alone" / name).with_suffix(""), suffix="wav")
    assert len(contents(out)) == 6
    assert contents(out) == contents(tmp_path / "alone")


@pytest.mark.parametrize("ship", [False, True])
def test_conversions_are_those_of_the_song_alone(
    songs: Path, out: Path, tmp_path: Path, ship: bool
) -> None:
    options: dict[str, Any] = {"breath": "keep", "key": 12}
    result = convert_songs(songs, ada(), out, engine=InProcess(ship=ship), stems=True, **options)
    assert result.failed == {}
    alone = tmp_path / "alone"
    (alone / "a").mkdir(parents=True)
    for name, record in zip(ALL, result.records, strict=True):
        stems = (alone / name).with_suffix(".stems")
        with pytest.warns(AutoVoiceWarning) as told:
            convert_song(songs / name, ada(), alone / name, stems=stems, **options)
        assert record.warnings == tuple(str(warning.message) for warning in told)
    assert len(contents(out)) == 12
    assert contents(out) == contents(alone)


def test_a_conversion_may_come_with_a_page_and_without_a_band(
    songs: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, Any] = {}

    def converted(song: Path, voice: VoiceProfile, path: Path, **options: Any) -> Any:
        given.update(options, song=song, voice=voice.name, path=path)
        for file in (path, options["report"]):
            file.touch()
        return SimpleNamespace(made_by=())

    monkeypatch.setattr("autovoice_core.batch.results.convert_song", converted)
    options: dict[str, Any] = {"suffix": "FLAC", "vocals_only": True, "report": True, "threads": 5}
    convert_songs(songs / "x.wav", ada(), out, engine=InProcess(), **options)
    assert callable(given.pop("progress"))
    assert given == {
        "song": songs / "x.wav",
        "voice": "Ada",
        "path": out / "x.flac",
        "stems": None,
        "report": out / "x.html",
        "vocals_only": True,
        "overwrite": True,
        "need": Need(),
        "memory_limit": None,
        "threads": 5,
    }


def test_another_voice_or_style_does_conversions_again(songs: Path, out: Path) -> None:
    def done(voice: VoiceProfile, **style: Any) -> list[str]:
        engine = InProcess()
        result = convert_songs(songs / "x.wav", voice, out, engine=engine, **style)
        assert result.failed == {}
        return engine.done

    assert done(ada()) == ["x.wav"]
    assert done(ada(name="Bo", consent="by letter")) == []
    assert done(ada(loudness=-30)) == ["x.wav"]
    assert done(ada(loudness=-30), key=12) == ["x.wav"]
    assert done(ada(loudness=-30), key=12) == []
    assert done(ada(loudness=-30), key=12, stems=True) == ["x.wav"]


def test_a_list_gives_songs_voices_and_styles_of_their_own(songs: Path, tmp_path: Path) -> None:
    entries: list[dict[str, Any]] = [
        {"song": "songs/x.wav", "out": "1.wav", "voice": "Ada"},
        {"song": "songs/x.wav", "out": "2.wav", "voice": "Bo", "key": 12},
        {"song": "songs/x.wav", "out": "3.wav"},
    ]
    path, out = tmp_path / "songs.jsonl", tmp_path / "out"
    path.write_text("".join(f"{json.dumps(entry)}\n" for entry in entries))
    voices = VoiceProfileStorage(tmp_path / "voices.db")
    for voice in (ada(), ada(name="Bo", loudness=-35.0)):
        voices.add(voice)
    engine = InProcess()
    result = convert_songs(path, "Ada", out, voices=voices, key=-12, engine=engine)
    assert result.failed == {}
    assert engine.setup is not None
    assert len(engine.setup.voices) == 2
    for number, (name, key) in enumerate([("Ada", -12), ("Bo", 12), ("Ada", -12)], 1):
        alone = tmp_path / f"alone{number}.wav"
        with pytest.warns(AutoVoiceWarning, match="hardly sound like singing"):
            convert_song(songs / "x.wav", voices.get(name), alone, key=key)
        assert alone.read_bytes() == (out / f"{number}.wav").read_bytes()
    entries[1]["key"] = 0
    path.write_text("".join(f"{json.dumps(entry)}\n" for entry in entries))
    engine = InProcess()
    convert_songs(path, "Ada", out, voices=voices, key=-12, engine=engine)
    assert engine.done == ["2.wav"]


def test_threads_and_memory_are_shared_by_the_workers_of_a_machine(songs: Path, out: Path) -> None:
    engine = InProcess()
    with using(pitch="reference/nccf"):  # which declares what it takes
        track_songs(songs, out, engine=engine, threads=7, workers=2, memory_limit=4_000_000_001)
    assert engine.setup is not None
    assert (engine.workers, engine.setup.threads) == (2, 3)
    assert engine.setup.memory_limit == MemoryLimit(2_000_000_000, "memory_limit", workers=2)


def test_by_default_there_is_a_worker_for_each_thread_and_no_more_than_songs(
    songs: Path, out: Path, tmp_path: Path
) -> None:
    for number, (threads, workers) in enumerate([(2, 2), (8, 3)]):
        engine = InProcess()
        track_songs(songs, tmp_path / str(number), engine=engine, threads=threads)
        assert engine.setup is not None
        assert engine.workers == workers
        assert engine.setup.threads == threads // workers
        assert engine.setup.memory_limit is None


def test_on_other_devices_there_is_one_worker(songs: Path, out: Path) -> None:
    engine = InProcess()
    track_songs(songs, out, engine=engine, threads=8, need=Need(devices=("auto",)))
    assert engine.setup is not None
    assert (engine.workers, engine.setup.threads) == (1, 8)
