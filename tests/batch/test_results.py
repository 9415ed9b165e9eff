from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import soundfile

from autovoice_core.audio.output_format import format_for, suffixes_of_sound, written_suffix
from autovoice_core.batch.results import result_names
from autovoice_core.batch.work import Settings


@pytest.mark.parametrize(
    ("task", "options", "song", "names"),
    [
        ("convert", {}, "a/x.FLAC", ["a/x.FLAC"]),
        ("convert", {"suffix": None}, "x.m4a", ["x.wav"]),
        ("convert", {"suffix": ".ogg"}, "a/x.y.flac", ["a/x.y.ogg"]),
        ("convert", {"stems": False, "report": False}, "x", ["x.wav"]),
        ("convert", {"report": True}, "a/x.mp3", ["a/x.mp3", "a/x.html"]),
        (
            "convert",
            {"stems": True},
            "x.mp3",
            [
                "x.mp3",
                "x.stems/vocals.flac",
                "x.stems/accompaniment.flac",
                "x.stems/converted.flac",
            ],
        ),
        (
            "convert",
            {"stems": True, "vocals_only": True, "report": True, "suffix": ".wav"},
            "a/x.mp3",
            ["a/x.wav", "a/x.stems/vocals.flac", "a/x.stems/converted.flac", "a/x.html"],
        ),
        (
            "separate",
            {"suffix": ".wav"},
            "a/x.mp3",
            ["a/x/vocals.wav", "a/x/accompaniment.wav"],
        ),
        ("separate", {}, "x.mp3", ["x/vocals.flac", "x/accompaniment.flac"]),
        ("pitch", {"suffix": ".json"}, "a/x.mp3", ["a/x.json"]),
        ("pitch", {}, "x.mp3", ["x.csv"]),
    ],
)
def test_results_have_the_place_of_the_song(
    task: Any, options: dict[str, Any], song: str, names: list[str]
) -> None:
    assert list(result_names(Settings(task, options, None, {}, {}), song)) == names


@pytest.mark.parametrize(
    "suffix",
    [".wav", ".flac", ".mp3", ".ogg", ".opus", ".aif", ".aiff", ".m4a", ".wma", ".bwf", ".caf"],
)
def test_sound_is_known_by_its_suffix(suffix: str) -> None:
    assert suffix in suffixes_of_sound()


@pytest.mark.parametrize("suffix", [".raw", ".sd2", ".txt", ".jpg", ".csv", ".html", ".mid", ""])
def test_what_is_no_sound_is_not(suffix: str) -> None:
    assert suffix not in suffixes_of_sound()


@pytest.mark.parametrize("suffix", sorted(suffixes_of_sound()))
def test_a_file_after_any_song_has_a_format_that_can_be_written(suffix: str) -> None:
    written = written_suffix(f"song{suffix.upper()}")
    name, subtype = format_for(Path(f"song{written}"), None)
    assert soundfile.check_format(name, subtype)
    assert written in (suffix.upper(), ".wav")


@pytest.mark.parametrize("song", ["x.m4a", "x.voc", "x", "x.jpg"])
def test_a_song_of_a_format_that_is_not_written_is_written_as_wav(song: str) -> None:
    assert written_suffix(song) == ".wav"
