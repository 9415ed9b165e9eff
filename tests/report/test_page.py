from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from attrs import evolve

from autovoice_core import Audio, InputError, PitchTrack, VoiceProfile
from autovoice_core.audio.resample import resample, resampled
from autovoice_core.audio.source import AudioInMemory, Scaled
from autovoice_core.audio.spectrogram import decibels, spectrogram
from autovoice_core.metrics import Judges, Metrics
from autovoice_core.metrics.phones import PhoneRecogniser, edit_distance
from autovoice_core.report import Report, drawing, listening, write_report
from autovoice_core.report.figures import TWO_READERS, figures
from autovoice_core.testing import truth

RATE = 16_000
NOBODY = Judges(absent=dict.fromkeys(("speaker", "phones", "quality"), "needs ears: pip install"))


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
    return write_report(folder / "source.wav", folder / "result.flac", named, out, judges=NOBODY)


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


def test_who_is_absent_is_on_the_page_by_name_with_what_to_do(page: str) -> None:
    for what in ("like the voice", "like the source", "speech sounds changed"):
        row = re.search(f'{what}</th><td class="absent" colspan="3">([^<]*)', page)
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
    told: list[tuple[str, float]] = []
    report = write_report(
        tmp_path / "song.flac",
        tmp_path / "song.flac",
        voice,
        tmp_path / "page.html",
        songs=True,
        judges=NOBODY,
        progress=lambda stage, fraction: told.append((stage, fraction)),
    )
    assert [made.operation for made in report.made_by] == ["separation", "pitch"]
    assert report.metrics.f0_error == 0
    assert list(dict.fromkeys(stage for stage, _ in told)) == ["separation", "pitch", "report"]
    fractions = [fraction for _, fraction in told]
    assert fractions == sorted(fractions)
    assert fractions[-1] == pytest.approx(1)


@pytest.mark.parametrize("name", ["source.wav", "result.flac"])
def test_what_the_report_is_about_is_not_overwritten(
    folder: Path, voice: VoiceProfile, name: str
) -> None:
    with pytest.raises(InputError) as refusal:
        write_report(folder / "source.wav", folder / "result.flac", voice, folder / name)
    assert str(refusal.value) == (
        f"{folder / name}: is what the report is about; give the report another name"
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


def row(name: str, **found: float | None) -> str:
    (figure,) = (each for each in figures(Metrics(**found)) if each.name == name)
    return f"{figure.shown(figure.value)} | {figure.shown(figure.source)}"


def test_figures_are_shown_with_their_units_and_a_sign_where_one_says_something() -> None:
    assert row("key", key=-12.001) == "-12.00 semitones | –"
    assert row("key", key=-0.001) == "0.00 semitones | –"
    assert row("loudness_difference", loudness_difference=2.0) == "+2.0 LU | –"
    assert row("phone_error", phone_error=31.4) == "31 % | –"
    assert row("dnsmos", dnsmos=2.8, dnsmos_reference=2.91) == "2.80 | 2.91"


def test_the_page_of_the_docs_tells_the_phone_error_of_two_readers_as_the_report_does() -> None:
    told = next(each.meaning for each in figures(Metrics()) if each.name == "phone_error")
    assert f"{TWO_READERS} two people reading the same sentences" in told
    page = Path(__file__).parents[2] / "docs" / "report.md"
    assert f"two people reading the same sentences {TWO_READERS} %" in page.read_text("utf-8")


def test_two_people_who_read_the_same_sentences_have_the_phone_error_that_is_told(
    shared_data: Path,
) -> None:
    pytest.importorskip("pocketsphinx")
    recogniser = PhoneRecogniser()
    said = errors = 0
    for number in ("003", "008", "011", "016", "019", "021", "022"):
        heard = []
        for who in ("p225", "p226"):
            read = Audio.load(shared_data / "voices" / f"vctk_{who}" / f"{who}_{number}.flac")
            heard.append(recogniser.phones(read.resample(RATE).numpy()[0]))
        one, other = heard
        # Each is the reference once.
        said += len(one) + len(other)
        errors += 2 * edit_distance(one, other)
    assert 100 * errors / said == pytest.approx(TWO_READERS, abs=1)


def made_up(f0: np.ndarray) -> PitchTrack:
    f0 = np.asarray(f0, np.float64)
    return PitchTrack(f0, f0 > 0, (f0 > 0).astype(np.float32), 0.01)


def test_a_line_that_jumps_or_pauses_is_two_lines() -> None:
    f0 = np.array([200.0, 201, 0, 200, 400, 400])
    path = drawing.pitch_path(made_up(f0), 600, lowest=100, highest=400)
    assert re.sub(r"[\d. ]", "", path) == "MLMML"
    assert path.startswith("M0.0 500L200.0 4")
    assert path.endswith("L1000.0 0")


def test_a_track_is_drawn_in_the_key_it_is_moved_to() -> None:
    path = drawing.pitch_path(
        made_up(np.full(9, 100.0)), 600, lowest=100, highest=400, semitones=12
    )
    assert {point.split()[1] for point in re.split("[ML]", path)[1:]} == {"500"}


def test_the_range_leaves_errors_out() -> None:
    f0 = np.concatenate([np.full(990, 220.0), np.full(10, 1000.0)])
    low, high = drawing.range_of((made_up(f0), 0.0), (made_up(f0 / 2), 12.0))
    assert (low, high) == (pytest.approx(220 * 2 ** (-1 / 6)), pytest.approx(220 * 2 ** (1 / 6)))
    assert drawing.range_of((made_up(np.zeros(9)), 0.0)) == (100, 400)


@pytest.mark.parametrize("octaves", [0.2, 1, 2, 4, 6])
def test_notes_are_named_at_their_heights(octaves: float) -> None:
    marks = drawing.notes(110.0, 110.0 * 2**octaves)
    assert 1 <= len(marks) <= 8
    assert {name: height for height, name in marks}.get("A2", 0) == pytest.approx(0)
    assert all(0 <= height <= 1 for height, _ in marks)


def test_a_picture_has_columns_by_its_length_within_limits() -> None:
    assert [drawing.columns_of(s) for s in (1, 30, 1000)] == [600, 1200, 6000]


def test_the_spectrogram_is_an_image_with_the_tone_at_its_height() -> None:
    image = pytest.importorskip("matplotlib.image")
    time = np.arange(RATE) / RATE
    tone = Audio((0.5 * np.sin(2 * np.pi * 748 * time)).astype(np.float32)[None], RATE)
    address = drawing.spectrogram_image(AudioInMemory(tone), 700)
    pixels = image.imread(io.BytesIO(base64.b64decode(address.split(",")[1])), format="png")
    assert pixels.shape[:2] == (drawing.ROWS, 700)
    brightest = np.argmax(pixels[..., :3].sum(axis=2)[:, 350])
    # 748 Hz is half way from 70 to 8000 Hz.
    assert brightest == pytest.approx(drawing.ROWS / 2, abs=1)


def test_a_long_spectrogram_is_the_same_in_windows() -> None:
    noise = np.random.default_rng(4).normal(0, 0.1, (1, 25 * 8000)).astype(np.float32)
    picture = {"columns": 50, "rows": 20, "lowest": 100.0, "highest": 3000.0}
    whole = spectrogram(AudioInMemory(Audio(noise, 8000)), **picture)  # type: ignore[arg-type]
    size = 1 << round(np.log2(0.08 * 8000))
    for column in (0, 20, 49):
        centre = int(np.linspace(0, noise.shape[1] - 1, 50)[column])
        frame = np.pad(noise[0], size // 2)[centre : centre + size] * np.hanning(size)
        level = np.abs(np.fft.rfft(frame))
        bins = np.geomspace(100, 3000, 20) * size / 8000
        np.testing.assert_allclose(
            whole[:, column], np.interp(bins, np.arange(len(level)), level), atol=1e-4
        )


def test_decibels_end_at_their_depth_and_silence_is_at_the_bottom() -> None:
    levels = decibels(np.array([[1.0, 0.1, 0.0]], np.float32), 1.0, 60)
    np.testing.assert_allclose(levels, [[0, -20, -60]], atol=1e-4)
    assert decibels(np.zeros((1, 1), np.float32), 0.0, 60) == pytest.approx(-60)


class Endless:
    """More sound than a page holds."""

    name, sample_rate, channels, frames = "endless", 96_000, 1, 1 << 40

    def blocks(self, size: int) -> Iterator[np.ndarray]:
        while True:
            yield np.zeros((1, size), np.float32)


def test_a_page_holds_no_more_sound_than_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "LONGEST", 2.0)
    sound = base64.b64decode(listening.playable(Endless()).split(",")[1])
    samples, rate = soundfile.read(io.BytesIO(sound))
    assert rate == 48_000
    assert len(samples) / rate == pytest.approx(2, abs=0.1)


def test_resampling_in_blocks_is_resampling() -> None:
    noise = np.random.default_rng(4).normal(0, 0.1, (2, 150_000)).astype(np.float32)
    audio = Audio(noise, 44_100)
    blocks = np.concatenate(list(resampled(AudioInMemory(audio), RATE)))
    whole = resample(audio, RATE).numpy().mean(axis=0)
    assert abs(len(blocks) - len(whole)) <= 1
    np.testing.assert_allclose(blocks[: len(whole)], whole[: len(blocks)], atol=1e-4)


def test_a_scaled_source_is_the_source_times_the_gain() -> None:
    audio = AudioInMemory(truth.sing(truth.BASS, 1, RATE, seed=2).audio)
    half = Scaled(audio, 0.5)
    assert (half.sample_rate, half.channels, half.frames) == (RATE, 1, audio.frames)
    for one, other in zip(half.blocks(999), audio.blocks(999), strict=True):
        np.testing.assert_array_equal(one, other / 2)
