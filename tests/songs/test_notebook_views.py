"""Stems, results and reports as a notebook shows them."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import attrs
import numpy as np
import pytest

from autovoice_core import (
    Audio,
    Metrics,
    PitchTrack,
    Provenance,
    Stems,
    Style,
    separate_song,
)
from autovoice_core.metrics.sung_share import SungShare
from autovoice_core.report import Report
from autovoice_core.songs.converted_song import ConvertedSong

SOUND = Audio(np.zeros((2, 8000)), 8000)
PITCH = PitchTrack(np.full(100, 220.0), np.ones(100, bool), np.ones(100, np.float32), 0.01)
HOSTILE = "<script>alert(1)</script>\x1b[31m"
REPORT = Report(
    path=Path(f"{HOSTILE}.html"),
    source=HOSTILE,
    result=HOSTILE,
    voice=HOSTILE,
    metrics=Metrics(similarity_to_target=0.91, left_out={"dnsmos": HOSTILE}),
    made_by=(),
)


def converted(**others: object) -> ConvertedSong:
    values: dict[str, object] = {
        "path": None,
        "voice": HOSTILE,
        "key": 3.0,
        "key_reason": f"{HOSTILE} asked for it",
        "sung": SungShare(1.0, 0.93, 0.0, 0.07, -20.0, None, 0.5, 0.8, None),
        "style": Style(),
        "pitch": PITCH,
        "made_by": (Provenance("pitch", "acme/nccf", "acme 1", "cpu", "float32"),),
        "vocals_gain_db": 0.0,
        "mix_gain_db": 0.0,
        "stems": (SOUND, SOUND, SOUND),
        "seconds": {},
        "mix": SOUND,
    }
    return ConvertedSong(**{**values, **others})


def text(html: str) -> str:
    return unescape(re.sub("<[^>]*>", " ", html))


def test_stems_show_a_player_each() -> None:
    html = Stems(SOUND, SOUND)._repr_html_()
    assert html.count("<audio ") == 2
    assert text(html).index("vocals") < text(html).index("accompaniment")


def test_a_song_shows_its_mix_its_pitch_and_its_stems_by_name() -> None:
    html = converted()._repr_html_()
    assert (html.count("<audio "), html.count("<svg viewBox=")) == (1, 1)
    assert "+3 semitones" in text(html)
    assert "93% of the singing converted" in text(html)
    assert "stem(name) is one of vocals, accompaniment, converted" in text(html)


def test_a_song_without_stems_names_none() -> None:
    assert "stem(name)" not in converted(stems=())._repr_html_()


def test_a_song_in_a_file_plays_the_file(tmp_path: Path) -> None:
    SOUND.save(tmp_path / "mix.wav")
    html = converted(mix=None, path=tmp_path / "mix.wav")._repr_html_()
    assert html.count("<audio ") == 1
    assert "mix.wav" in text(html)


def test_a_song_that_went_down_a_pipe_has_no_player() -> None:
    assert "<audio " not in converted(mix=None, path=Path("/dev/stdout"))._repr_html_()


def test_a_song_with_a_report_shows_its_table() -> None:
    assert "similarity to voice" in converted(report=REPORT)._repr_html_()


def test_a_report_shows_its_figures_and_where_the_page_is() -> None:
    shown = text(attrs.evolve(REPORT, path=Path("report.html"))._repr_html_())
    assert re.search(r"similarity to voice\s+0.91\s", shown)
    assert "left out: <script>" in shown
    assert shown.strip().endswith("Charts and sound: report.html")


@pytest.mark.parametrize("result", [converted(), REPORT, converted(report=REPORT)])
def test_names_of_others_are_text(result: ConvertedSong | Report) -> None:
    html = result._repr_html_()
    assert "<script" not in html
    assert "\x1b" not in html
    assert "&lt;script&gt;" in html


def test_a_separated_song_shows_its_stems_and_their_figures(tmp_path: Path) -> None:
    pytest.importorskip("mir_eval")
    song = Audio(np.random.default_rng(1).uniform(-0.5, 0.5, (1, 8000)), 8000)
    for name in ("vocals", "accompaniment"):
        song.save(tmp_path / f"{name}.wav")
    result = separate_song(song, tmp_path / "parts", reference=tmp_path)
    html = result._repr_html_()
    assert html.count("<audio ") == 2
    assert "vocals.flac" in text(html)
    assert f"vocals: SDR {result.figures['vocals'].sdr:.1f} dB" in text(html)
    assert str(result.made_by) in text(html)
