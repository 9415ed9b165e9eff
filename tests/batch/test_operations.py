from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from batch_runs import InProcess, ada

from autovoice_core import (
    InputError,
    SelectionError,
    StorageError,
    convert_songs,
    separate_songs,
    track_songs,
    using,
)
from autovoice_core.batch.engines.ray import RayEngine
from autovoice_core.voices.storage import VoiceProfileStorage

pytestmark = pytest.mark.usefixtures("toy")


def refusal(operation: Any, *arguments: Any, **options: Any) -> str:
    with pytest.raises(InputError) as caught:
        operation(*arguments, engine=InProcess(), **options)
    return str(caught.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"workers": 0}, "workers: 0 is less than 1; give 1 or more"),
        (
            {"workers": "many"},
            "workers: 'many' is not a whole number of workers; give for example 2",
        ),
        ({"retry": 3}, "retry: 3 is neither True nor False; give one of them"),
        ({"overwrite": 3}, "overwrite: 3 is neither True nor False; give one of them"),
        ({"dry_run": 3}, "dry_run: 3 is neither True nor False; give one of them"),
        ({"threads": 0}, "threads: 0 is not a number of threads; give 1 or more"),
        (
            {"need": "cpu"},
            "need: 'cpu' is not a Need; give for example Need(devices=('cuda', 'cpu'))",
        ),
        ({"suffix": 3}, "suffix: 3 is not text; give for example 'csv'"),
        (
            {"suffix": "xyz"},
            "suffix: the suffix '.xyz' is not one of a pitch track; use .csv, .json, .npz, .mid, "
            ".midi, .png, .svg, .pdf",
        ),
        (
            {"suffix": ""},
            "suffix: has no suffix; add one of .csv, .json, .npz, .mid, .midi, .png, .svg, .pdf",
        ),
    ],
)
def test_options_of_tracks_are_checked(
    songs: Path, out: Path, options: dict[str, Any], message: str
) -> None:
    assert refusal(track_songs, songs, out, **options) == message
    assert not out.exists()


def test_a_suffix_whose_extra_is_missing_is_refused(
    songs: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "mido", None)
    message = refusal(track_songs, songs, out, suffix="mid")
    assert message.startswith("suffix: ")
    assert "autovoice-core[midi]" in message


@pytest.mark.parametrize("operation", ["convert", "separate"])
def test_a_suffix_of_no_sound_is_refused(songs: Path, out: Path, operation: str) -> None:
    arguments = (songs, ada(), out) if operation == "convert" else (songs, out)
    function = convert_songs if operation == "convert" else separate_songs
    assert refusal(function, *arguments, suffix="m4a") == (
        "suffix: the suffix '.m4a' is not a sound format that can be written; "
        "use .wav, .flac, .ogg or .mp3"
    )


@pytest.mark.parametrize("name", ["stems", "report", "vocals_only"])
def test_flags_of_conversions_are_checked(songs: Path, out: Path, name: str) -> None:
    message = refusal(convert_songs, songs, ada(), out, **{name: 3})
    assert message == f"{name}: 3 is neither True nor False; give one of them"


def test_the_style_is_checked(songs: Path, out: Path) -> None:
    assert refusal(convert_songs, songs, ada(), out, key=99) == (
        "key: 99 is neither 'auto', 'auto-semitone' nor a number of semitones from -24 to 24"
    )


def test_a_style_in_numbers_of_another_library_is_that_in_pythons_own(
    songs: Path, out: Path
) -> None:
    engine, numbers = InProcess(), cast("Any", {"key": np.int64(12)})
    convert_songs(songs / "x.wav", ada(), out, key=12, engine=engine)
    again = convert_songs(songs / "x.wav", ada(), out, **numbers, engine=engine)
    assert again.plan[0].state == "done"


def test_something_else_than_a_voice_is_refused(songs: Path, out: Path) -> None:
    message = refusal(convert_songs, songs, 3, out)
    assert message.startswith("voice: 3 is not a ")


def test_a_voice_that_is_not_there_is_refused(songs: Path, out: Path, tmp_path: Path) -> None:
    path = tmp_path / "list.jsonl"
    path.write_text('{"song": "songs/x.wav", "voice": "Bo"}\n')
    voices = VoiceProfileStorage(tmp_path / "voices.db")
    for given, voice in ((songs, "Bo"), (path, None)):
        with pytest.raises(StorageError):
            convert_songs(given, voice, out, voices=voices)
    assert not out.exists()


@pytest.mark.parametrize("function", [convert_songs, separate_songs, track_songs])
def test_an_unknown_option_is_a_type_error(songs: Path, out: Path, function: Any) -> None:
    arguments = (songs, ada(), out) if function is convert_songs else (songs, out)
    with pytest.raises(TypeError) as caught:
        function(*arguments, tempo=3)
    assert str(caught.value) == (
        f"{function.__name__}() got an unexpected keyword argument 'tempo'"
    )


@pytest.mark.parametrize(
    ("function", "operation"),
    [(track_songs, "pitch"), (separate_songs, "separation"), (convert_songs, "conversion")],
)
def test_a_backend_that_no_worker_could_choose_is_refused_before_the_work(
    songs: Path, out: Path, function: Any, operation: Any
) -> None:
    arguments = (songs, ada(), out) if function is convert_songs else (songs, out)
    named: Any = {operation: "toy/none"}
    with using(**named), pytest.raises(SelectionError):
        function(*arguments)
    assert not out.exists()


def test_without_ray_its_engine_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.delenv("RAY_USAGE_STATS_ENABLED", raising=False)
    with pytest.raises(InputError) as caught:
        RayEngine()
    assert str(caught.value) == (
        "engine: ray is not installed; pip install 'autovoice-core[ray]' here and on each machine "
        "of the cluster"
    )


def test_an_address_of_ray_that_is_no_text_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        RayEngine(3)  # type: ignore[arg-type]
    assert str(caught.value) == "address: 3 is not text; give HOST:PORT or auto"
    with pytest.raises(InputError) as caught:
        RayEngine(ship=3)  # type: ignore[arg-type]
    assert str(caught.value) == "ship: 3 is neither True nor False; give one of them"
