from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from autovoice_core import Audio
from autovoice_core.audio.source import AudioInMemory, Difference
from autovoice_core.audio.true_peak import MAX_TRUE_PEAK_DB, true_peak
from autovoice_core.audio.writing import AudioWriter, open_writers
from autovoice_core.songs.remix import Remix
from autovoice_core.synthetic import truth

CEILING = 10 ** (MAX_TRUE_PEAK_DB / 20)


def write(
    folder: Path,
    song: truth.Song,
    level: float,
    *names: str,
    alone: bool = False,
    rate: int = 0,
    threads: int = 1,
) -> float:
    """Write a mix and stems of which the vocals are the song's; return the gain of the mix."""
    rate = rate or song.mixture.sample_rate
    mixture, vocals = (
        AudioInMemory(Audio(np.float32(level) * part.resample(rate).numpy(), rate))
        for part in (song.mixture, song.stems.vocals)
    )
    rest = None if alone else Difference(mixture, vocals)
    remix = Remix(vocals, vocals, rest, rest, vocals_gain=1.5, folder=folder, threads=threads)
    with open_writers([AudioWriter(folder / name, rate, 2) for name in names]) as writers:
        return remix.write(writers, lambda done: None)


@pytest.mark.parametrize("alone", [False, True])
def test_a_hot_mix_comes_down_to_the_ceiling(
    tmp_path: Path, short_song: truth.Song, alone: bool
) -> None:
    gain = write(tmp_path, short_song, 2.0, "mix.wav", alone=alone)
    assert gain < 1
    assert true_peak(Audio.load(tmp_path / "mix.wav").numpy()) == pytest.approx(CEILING, abs=1e-5)


def test_several_threads_write_the_same_bits(tmp_path: Path, short_song: truth.Song) -> None:
    names = ["mix.wav", "vocals.wav", "rest.wav", "new.wav"]
    folders = [tmp_path / threads for threads in ("1", "3")]
    for folder in folders:
        folder.mkdir()
    gains = [write(each, short_song, 2.0, *names, threads=int(each.name)) for each in folders]
    assert gains[0] == gains[1]
    for name in names:
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes()


@pytest.mark.parametrize("name", ["mix.mp3", "mix.ogg", "mix.opus"])
def test_a_hot_mix_decodes_to_the_ceiling_in_lossy_formats(
    tmp_path: Path, short_song: truth.Song, name: str
) -> None:
    rate = 24_000 if name == "mix.opus" else short_song.mixture.sample_rate
    gain = write(tmp_path, short_song, 4.0, name, rate=rate)
    assert 0.95 * CEILING < true_peak(Audio.load(tmp_path / name).numpy()) <= CEILING
    assert gain < 1
    assert [path.name for path in tmp_path.iterdir() if "trial" not in path.name] == [name]


def test_a_quiet_mix_in_a_lossy_format_keeps_its_level(
    tmp_path: Path, short_song: truth.Song
) -> None:
    assert write(tmp_path, short_song, 0.1, "mix.mp3") == 1


def test_the_stems_keep_their_level_where_the_mix_is_turned_down(
    tmp_path: Path, short_song: truth.Song
) -> None:
    peak = true_peak(short_song.mixture.numpy())
    names = ("mix.wav", "vocals.wav", "accompaniment.wav", "converted.wav")
    gain = write(tmp_path, short_song, CEILING / peak, *names)
    mix, vocals, rest, converted = (Audio.load(tmp_path / name).numpy() for name in names)
    assert gain < 1
    song = CEILING / peak * short_song.mixture.numpy()
    np.testing.assert_allclose(vocals + rest, song, atol=1e-6)
    np.testing.assert_allclose(mix, gain * (rest + converted), atol=1e-6)


def test_what_is_under_the_ceiling_is_left_as_it_is(tmp_path: Path, short_song: truth.Song) -> None:
    assert write(tmp_path, short_song, 0.1, "mix.wav") == 1
