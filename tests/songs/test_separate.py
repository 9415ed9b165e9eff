from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autovoice_core import Audio, InputError, Need, NoBackend, VocalSeparator, separate_song
from autovoice_core.metrics.separation import compute_separation_metrics
from autovoice_core.synthetic import truth

RATE = 8000
NAMES = ("vocals", "accompaniment")


@pytest.fixture(scope="module")
def true_song() -> truth.Song:
    return truth.song(seconds=3, sample_rate=RATE, seed=1)


@pytest.fixture
def song(tmp_path: Path, true_song: truth.Song) -> Path:
    path = tmp_path / "song.wav"
    true_song.mixture.save(path)
    return path


@pytest.fixture
def reference(tmp_path: Path, true_song: truth.Song) -> Path:
    folder = tmp_path / "true"
    folder.mkdir()
    true_song.stems.vocals.save(folder / "vocals.flac")
    true_song.stems.accompaniment.save(folder / "accompaniment.wav")
    return folder


def refusal(*arguments: Any, **options: Any) -> str:
    with pytest.raises(InputError) as caught:
        separate_song(*arguments, **options)
    return str(caught.value)


def test_both_stems_add_up_to_the_song(song: Path, tmp_path: Path) -> None:
    reported: list[tuple[str, float]] = []
    result = separate_song(song, tmp_path / "out", progress=lambda *now: reported.append(now))
    assert [path.name for path in result.stems] == ["vocals.flac", "accompaniment.flac"]
    total = sum(Audio.load(path).numpy() for path in result.stems)
    np.testing.assert_allclose(total, Audio.load(song).numpy(), atol=1e-6)
    assert result.figures == {}
    assert list(result.seconds) == ["separation", "writing"]
    fractions = [fraction for _, fraction in reported]
    assert fractions == sorted(fractions)
    assert fractions[-1] == pytest.approx(1)


def test_one_stem_alone_is_the_one_of_both(song: Path, tmp_path: Path) -> None:
    both = separate_song(song, tmp_path / "both", suffix="wav")
    alone = separate_song(song, tmp_path / "alone", stems=["accompaniment"], suffix="wav")
    assert [path.name for path in (tmp_path / "alone").iterdir()] == ["accompaniment.wav"]
    np.testing.assert_array_equal(*(Audio.load(r.stems[-1]).numpy() for r in (both, alone)))


def test_with_references_the_figures_of_each_stem_are_returned(
    song: Path, reference: Path, true_song: truth.Song, tmp_path: Path
) -> None:
    result = separate_song(song, tmp_path / "out", stems=["vocals"], reference=reference)
    stems = VocalSeparator().separate(Audio.load(song))
    expected = compute_separation_metrics(
        {name: getattr(true_song.stems, name) for name in NAMES},
        {name: getattr(stems, name) for name in NAMES},
    )
    assert list(result.seconds) == ["separation", "measuring", "writing"]
    for name in NAMES:
        for figure in ("sdr", "si_sdr", "sir", "sar"):
            assert getattr(result.figures[name], figure) == pytest.approx(
                getattr(expected[name], figure), abs=0.05
            )


def test_stems_that_are_turned_down_are_measured_as_they_were_found(
    song: Path, reference: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = separate_song(song, tmp_path / "plain", reference=reference)
    monkeypatch.setattr("autovoice_core.songs.separate.headroom_gain", lambda peak: 0.5)
    turned = separate_song(song, tmp_path / "turned", reference=reference)
    assert turned.gain_db == pytest.approx(-6.02, abs=0.01)
    assert turned.figures == plain.figures


def test_references_that_do_not_fit_are_refused_before_anything_is_made(
    song: Path, reference: Path, true_song: truth.Song, tmp_path: Path
) -> None:
    vocals, rest = reference / "vocals.flac", reference / "accompaniment.wav"
    out = tmp_path / "out"
    assert refusal(song, out, reference=song) == (
        f"{song}: is not a folder; give the folder that holds the true stems"
    )
    Audio(true_song.stems.vocals.numpy()[:, 1:], RATE).save(vocals)
    frames = true_song.mixture.frames
    assert refusal(song, out, reference=reference) == (
        f"{vocals}: its (channels, frames) are (2, {frames - 1}), not the (2, {frames}) of "
        f"{song}; cut both to the same stretch and channels"
    )
    Audio(true_song.stems.vocals.numpy(), 2 * RATE).save(vocals)
    assert refusal(song, out, reference=reference) == (
        f"{vocals}: its rate of {2 * RATE} Hz is not the {RATE} Hz of {song}; resample it first"
    )
    rest.rename(reference / "vocals.wav")
    advice = "it must hold one file each of vocals and accompaniment"
    assert refusal(song, out, reference=reference) == (
        f"{reference}: holds vocals.flac and vocals.wav; {advice}"
    )
    vocals.unlink()
    true_song.stems.vocals.save(reference / "vocals.wav")
    assert refusal(song, out, reference=reference) == (
        f"{reference}: holds no accompaniment file; {advice}"
    )
    assert not out.exists()


def test_true_stems_are_not_written_over(song: Path, reference: Path) -> None:
    before = (reference / "vocals.flac").read_bytes()
    assert refusal(song, reference, reference=reference) == (
        f"{reference / 'vocals.flac'}: is one of the true stems; "
        "choose another folder for the stems"
    )
    assert (reference / "vocals.flac").read_bytes() == before


def test_stems_that_exist_are_named_and_kept_on_request(song: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "vocals.flac").write_text("old")
    assert refusal(song, out, overwrite=False) == (
        f"{out / 'vocals.flac'}: already exists, and overwrite=False was given; choose another name"
    )
    assert [path.name for path in out.iterdir()] == ["vocals.flac"]
    assert separate_song(song, out).replaced == (out / "vocals.flac",)


@pytest.mark.parametrize(
    ("stems", "named"), [((), "()"), (("vocals", "drums"), "('vocals', 'drums')")]
)
def test_other_stems_are_refused(
    song: Path, tmp_path: Path, stems: tuple[str, ...], named: str
) -> None:
    assert refusal(song, tmp_path / "out", stems=stems) == (
        f"stems: {named} is not a selection of vocals and accompaniment; name one or both"
    )


def test_nothing_is_made_where_no_backend_separates(song: Path, tmp_path: Path) -> None:
    separator = VocalSeparator(need=Need(devices=("abacus",)))
    with pytest.raises(NoBackend):
        separate_song(song, tmp_path / "out", separator=separator)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("stage", ["separation", "measuring", "writing"])
def test_what_the_progress_raises_cancels_and_leaves_nothing(
    song: Path, reference: Path, tmp_path: Path, stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Other processes have folders in the usual place.
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))

    class StoppedError(Exception):
        pass

    def cancel(now: str, fraction: float) -> None:
        if now == stage:
            raise StoppedError

    there = set(tmp_path.rglob("*"))
    with pytest.raises(StoppedError):
        separate_song(song, tmp_path / "new" / "out", reference=reference, progress=cancel)
    assert set(tmp_path.rglob("*")) == there


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_command_that_is_stopped_leaves_nothing(
    tmp_path: Path, true_song: truth.Song, name: str
) -> None:
    song = tmp_path / "song.wav"
    Audio(np.tile(true_song.mixture.numpy()[:1], 400), RATE).save(song)
    (tmp_path / "temporary").mkdir()
    running = subprocess.Popen(
        [sys.executable, "-m", "autovoice_core.cli", "separate", song, "--out", tmp_path / "out"],
        env=os.environ | {"TMPDIR": str(tmp_path / "temporary")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    # Not earlier: Python takes a Ctrl-C within an import that calls exec() for an unhandled one.
    while not any(f.stat().st_size for f in (tmp_path / "temporary").glob("autovoice-*/vocals")):
        assert running.poll() is None, running.communicate()
        time.sleep(0.05)
    running.send_signal(getattr(signal, name))
    stdout, stderr = running.communicate()
    assert (running.returncode, stdout) == (128 + getattr(signal, name), "")
    assert stderr.strip() == "autovoice: stopped; nothing was left half-written"
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["song.wav", "temporary"]
