from __future__ import annotations

import base64
import io
import json
import os
import re
from pathlib import Path

import numpy as np
import pytest
import soundfile
from attrs import evolve

from autovoice_core import Audio, AutoVoiceWarning, InputError, VoiceProfile
from autovoice_core.metrics import Judges
from autovoice_core.report import Report, write_report
from autovoice_core.synthetic import truth

RATE = 16_000
NO_JUDGES = Judges(
    absent=dict.fromkeys(("speaker", "phones", "quality"), "needs ears: pip install")
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of a bass, and the same a little louder at another rate and in stereo."""
    path = tmp_path_factory.mktemp("report")
    sung = truth.sing(truth.BASS, 4, RATE, seed=2).audio
    sung.save(path / "source.wav")
    louder = 1.4 * sung.resample(22_050).numpy().repeat(2, axis=0)
    Audio(louder.astype(np.float32), 22_050).save(path / "result.flac")
    return path


@pytest.fixture(scope="module")
def report(folder: Path, voice: VoiceProfile) -> Report:
    named = evolve(voice, name='<i>Ada</i> & "co"')
    out = folder / "report.html"
    return write_report(folder / "source.wav", folder / "result.flac", named, out, judges=NO_JUDGES)


@pytest.fixture(scope="module")
def page(report: Report) -> str:
    return report.path.read_text("utf-8")


def test_the_page_needs_no_other_file_and_no_network(page: str) -> None:
    addresses = re.findall(r'(?:src|href)="([^"]*)"', page)
    assert len(addresses) == 5
    assert all(address.startswith("data:") for address in addresses)
    assert "://" not in page
    assert "url(" not in page
    assert "default-src 'none'" in page


def test_the_page_holds_the_figures_as_data(page: str, report: Report) -> None:
    found = re.search(r'<script type="application/json" id="report">(.*?)</script>', page, re.S)
    assert found is not None
    assert json.loads(found[1]) == report.as_dict()
    assert report.metrics.loudness_difference == pytest.approx(2.9 + 3.0, abs=0.3)


def test_names_are_text_on_the_page(page: str) -> None:
    assert "<i>Ada" not in page
    assert "&lt;i&gt;Ada&lt;/i&gt; &amp; &quot;co&quot;" in page


def test_figures_of_a_missing_judge_are_on_the_page_with_what_to_do(page: str) -> None:
    for label in ("similarity to voice", "similarity to source", "phone error"):
        row = re.search(f'{label}</th><td class="absent" colspan="3">([^<]*)', page)
        assert row is not None
        assert row[1] == "left out: needs ears: pip install"


def test_nothing_of_the_template_is_left_open(page: str) -> None:
    assert re.search(r"\$\w|\$\{", page) is None
    for tag in ("table", "figure", "svg", "div", "tr", "td", "th", "span"):
        assert len(re.findall(f"<{tag}[ >]", page)) == page.count(f"</{tag}>")


def test_every_sound_plays_for_as_long_as_its_file(page: str) -> None:
    sounds = re.findall(r"data:audio/mpeg;base64,([^\"]+)", page)
    assert len(sounds) == 2
    for sound in sounds:
        samples, rate = soundfile.read(io.BytesIO(base64.b64decode(sound)))
        assert len(samples) / rate == pytest.approx(4, abs=0.1)


def test_songs_are_taken_apart_first(
    tmp_path: Path, short_song: truth.Song, voice: VoiceProfile
) -> None:
    short_song.mixture.save(tmp_path / "song.flac")
    reported: list[tuple[str, float]] = []
    report = write_report(
        tmp_path / "song.flac",
        tmp_path / "song.flac",
        voice,
        tmp_path / "page.html",
        songs=True,
        judges=NO_JUDGES,
        progress=lambda stage, fraction: reported.append((stage, fraction)),
    )
    assert [made.operation for made in report.made_by] == ["separation", "pitch"]
    assert report.metrics.f0_error == 0
    assert list(dict.fromkeys(stage for stage, _ in reported)) == ["separation", "pitch", "report"]
    fractions = [fraction for _, fraction in reported]
    assert fractions == sorted(fractions)
    assert fractions[-1] == pytest.approx(1)


def test_a_song_that_is_judged_as_a_voice_alone_is_warned_of(
    tmp_path: Path, voice: VoiceProfile
) -> None:
    tenor, other = (
        truth.sing(singer, 4, RATE, seed=seed).audio.numpy()
        for singer, seed in ((truth.TENOR, 2), (truth.BASS, 7))
    )
    bass = np.sin(2 * np.pi * 45.3 * np.arange(tenor.shape[1]) / RATE)
    mixed = 0.3 * tenor / np.abs(tenor).max() + 0.3 * other / np.abs(other).max() + 0.2 * bass
    mixed += np.random.default_rng(1).normal(0, 0.15, mixed.shape)
    song = tmp_path / "song.wav"
    Audio(mixed.astype(np.float32), RATE).save(song)
    with pytest.warns(AutoVoiceWarning) as caught:
        write_report(song, song, voice, tmp_path / "page.html", judges=NO_JUDGES)
    assert [str(each.message) for each in caught] == [
        f"{song}: sounds like a song with instruments, but is judged as a voice alone; "
        "give songs=True to separate the vocals first"
    ]


@pytest.mark.parametrize("name", ["source.wav", "result.flac"])
def test_what_the_report_is_about_is_not_overwritten(
    folder: Path, voice: VoiceProfile, name: str
) -> None:
    with pytest.raises(InputError) as refusal:
        write_report(folder / "source.wav", folder / "result.flac", voice, folder / name)
    assert str(refusal.value) == (
        f"{folder / name}: is a file that the report judges; give the report another name"
    )


def test_another_length_is_refused(folder: Path, tmp_path: Path, voice: VoiceProfile) -> None:
    short = tmp_path / "short.wav"
    truth.sing(truth.BASS, 3, RATE, seed=2).audio.save(short)
    with pytest.raises(InputError) as refusal:
        write_report(folder / "source.wav", short, voice, tmp_path / "page.html")
    assert str(refusal.value) == (
        f"{short}: it lasts 3.00 s, but {folder / 'source.wav'} lasts 4.00 s; "
        "cut both to the same stretch"
    )
    assert not (tmp_path / "page.html").exists()


def test_a_place_that_can_not_be_written_is_known_at_once(
    folder: Path, tmp_path: Path, voice: VoiceProfile
) -> None:
    out = tmp_path / "missing" / "page.html"
    with pytest.raises(InputError) as refusal:
        write_report(folder / "source.wav", folder / "result.flac", voice, out)
    assert str(refusal.value) == f"{out}: the folder {out.parent} does not exist; make it first"


def test_a_page_that_exists_is_named_and_kept_on_request(
    folder: Path, tmp_path: Path, voice: VoiceProfile
) -> None:
    files, page = (folder / "source.wav", folder / "result.flac"), tmp_path / "page.html"
    page.write_text("old")
    with pytest.raises(InputError) as refusal:
        write_report(*files, voice, page, overwrite=False)
    assert str(refusal.value) == (
        f"{page}: already exists, and overwrite=False was given; choose another name"
    )
    assert write_report(*files, voice, page, judges=NO_JUDGES).replaced == (page,)


def test_a_page_has_the_suffix_of_one(folder: Path, tmp_path: Path, voice: VoiceProfile) -> None:
    page = tmp_path / "page.txt"
    with pytest.raises(InputError) as refusal:
        write_report(folder / "source.wav", folder / "result.flac", voice, page)
    assert str(refusal.value) == (
        f"{page}: the name of a page ends in .html or .htm; name it page.html"
    )


def test_songs_of_one_name_are_two(
    tmp_path: Path, short_song: truth.Song, voice: VoiceProfile
) -> None:
    paths = [tmp_path / name / "song.flac" for name in ("before", "after")]
    for path, factor in zip(paths, (0.5, 1.0), strict=True):
        path.parent.mkdir()
        mixture = short_song.mixture
        Audio(mixture.numpy() * np.float32(factor), mixture.sample_rate).save(path)
    page = tmp_path / "page.html"
    report = write_report(*paths, voice, page, songs=True, judges=NO_JUDGES)
    assert report.metrics.loudness_difference == pytest.approx(6, abs=0.5)


def test_names_that_are_not_utf_8_are_shown_by_their_bytes(
    tmp_path: Path, voice: VoiceProfile
) -> None:
    sound = tmp_path / os.fsdecode(b"latin\xe9.wav")
    try:
        truth.sing(truth.BASS, 1, RATE, seed=2).audio.save(sound)
    except InputError:
        pytest.skip("the file system takes UTF-8 names only")
    report = write_report(sound, sound, voice, tmp_path / "page.html", judges=NO_JUDGES)
    text = report.path.read_text("utf-8")
    assert r"latin\udce9.wav</" in text
    data = re.search(r'<script type="application/json"[^>]*>(.*?)</script>', text, re.DOTALL)
    assert data is not None
    assert json.loads(data[1])["source"] == sound.name


def test_silence_has_a_page(tmp_path: Path, voice: VoiceProfile) -> None:
    silence = tmp_path / "silence.wav"
    Audio(np.zeros((1, RATE), np.float32), RATE).save(silence)
    report = write_report(
        silence,
        silence,
        voice,
        tmp_path / "page.html",
        judges=Judges(quality=object()),  # type: ignore[arg-type]
    )
    assert report.metrics.left_out["dnsmos"] == f"no voice was found in {silence}"
    assert report.metrics.f0_error is None
    assert ">–</td>" in report.path.read_text("utf-8")


def test_the_page_names_no_folder(page: str, folder: Path) -> None:
    assert str(folder) not in page
    assert str(Path.home()) not in page


def test_control_characters_of_names_are_shown_on_the_page(
    folder: Path, voice: VoiceProfile, tmp_path: Path
) -> None:
    sound = tmp_path / "a\x01\x9b\u202e.wav"
    sound.write_bytes((folder / "source.wav").read_bytes())
    report = write_report(sound, sound, voice, tmp_path / "page.html", judges=NO_JUDGES)
    text = report.path.read_text("utf-8")
    assert r"a\x01\x9b\u202e.wav" in text
    assert not set("\x01\x9b\u202e") & set(text)
