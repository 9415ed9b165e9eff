from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from autovoice_core import Audio, InputError
from autovoice_core.audio.libsndfile import readable_formats
from autovoice_core.audio.reading import AudioFile, as_source

RATE = 44_100


def noise(channels: int = 2, frames: int = RATE, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (0.1 * rng.standard_normal((channels, frames))).astype(np.float32)


def message(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        Audio.load(path)
    return str(caught.value)


@pytest.mark.parametrize("suffix", ["wav", "flac", "aiff"])
def test_a_lossless_file_gives_back_what_was_written(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"sound.{suffix}"
    Audio(noise(), RATE).save(path)
    loaded = Audio.load(path)
    assert loaded.sample_rate == RATE
    np.testing.assert_allclose(loaded.numpy(), noise(), atol=2.0**-22)


@pytest.mark.parametrize("suffix", ["ogg", "mp3", "opus"])
def test_a_lossy_file_keeps_length_and_time_to_the_sample(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"sound.{suffix}"
    Audio(noise(), 48_000).save(path)
    loaded = Audio.load(path).numpy()
    assert loaded.shape == noise().shape
    lags = np.correlate(loaded[0, 2000:12000], noise()[0, 4000:8000], "valid")
    assert int(np.argmax(lags)) == 2000


@pytest.mark.parametrize("rate", [8_000, 16_000, 48_000, 96_000, 192_000])
@pytest.mark.parametrize("channels", [1, 2, 6, 8])
def test_rates_and_channels_survive_a_round_trip(tmp_path: Path, rate: int, channels: int) -> None:
    path = tmp_path / "sound.flac"
    Audio(noise(channels, 1000), rate).save(path)
    file = AudioFile(path)
    assert (file.sample_rate, file.channels, file.frames) == (rate, channels, 1000)


def test_blocks_of_any_size_join_to_the_whole(tmp_path: Path) -> None:
    path = tmp_path / "sound.wav"
    Audio(noise(), RATE).save(path)
    blocks = list(AudioFile(path).blocks(999))
    assert {block.shape[1] for block in blocks[:-1]} == {999}
    np.testing.assert_array_equal(np.concatenate(blocks, axis=1), Audio.load(path).numpy())


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "none.wav"
    assert message(path) == f"{path}: no such file; check the path"


def test_a_name_that_is_too_long_is_refused(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 300)
    assert message(path) == f"{path}: can't be read (File name too long); check the path"


def test_a_directory_is_refused(tmp_path: Path) -> None:
    assert message(tmp_path) == f"{tmp_path}: is a directory; give a sound file"


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.wav"
    path.touch()
    assert message(path) == f"{path}: the file is empty; give a recording"


def test_a_file_without_samples_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "none.wav"
    soundfile.write(path, np.zeros((0, 1)), RATE)
    assert message(path) == f"{path}: the file holds no samples; give a recording"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "secret.wav"
    Audio(noise(), RATE).save(path)
    path.chmod(0)
    assert message(path) == f"{path}: may not be read; change its permissions"


def test_a_truncated_flac_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cut.flac"
    Audio(noise(), RATE).save(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    text = message(path)
    assert text.startswith(f"{path}: the file is damaged after ")
    assert text.endswith(" s of 1.00 s (flac decoder lost sync); get an intact copy")


def test_a_length_that_no_file_of_the_size_can_have_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.ogg"
    Audio(noise(), RATE).save(path)
    monkeypatch.setattr("autovoice_core.audio.reading.exact_frames", lambda *_: 2**60)
    assert message(path).startswith(
        f"{path}: the file is cut off ({path.stat().st_size} bytes can't hold the {2**60} samples "
        "stated); "
    )


def test_more_than_is_to_be_loaded_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    Audio(noise(), RATE).save(path)
    assert Audio.load(path, max_seconds=1).frames == RATE
    with pytest.raises(InputError) as caught:
        Audio.load(path, max_seconds=0.9)
    assert str(caught.value) == (
        f"{path}: 1 s are more than the 0.9 s that are loaded into memory; "
        "give more max_seconds, or the path itself, which is read in parts"
    )


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_sample_that_is_not_finite_is_refused_with_its_time(tmp_path: Path, bad: float) -> None:
    path = tmp_path / "bad.wav"
    samples = noise()
    samples[1, RATE // 2] = bad
    soundfile.write(path, samples.T, RATE, "FLOAT")
    assert message(path) == (
        f"{path}: the sample at 0.500 s is not finite (NaN or infinity); export the audio again"
    )


def test_huge_but_finite_samples_are_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.wav"
    soundfile.write(path, np.full((100, 1), 3e30, np.float32), RATE, "FLOAT")
    assert Audio.load(path).frames == 100


def test_a_rate_out_of_range_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "slow.wav"
    soundfile.write(path, noise().T, 4000)
    assert message(path) == (
        f"{path}: the sample rate 4000 Hz is outside 8000 to 192000 Hz; resample the file first"
    )


def test_too_many_channels_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "many.wav"
    soundfile.write(path, np.zeros((10, 9)), RATE)
    assert message(path) == f"{path}: 9 channels are more than 8; mix the file down first"


def test_the_formats_that_can_be_read_are_named() -> None:
    assert {"WAV", "FLAC", "OGG", "MP3"} <= set(readable_formats())


def test_an_opened_file_is_read_from_where_it_stands(tmp_path: Path) -> None:
    samples = np.linspace(-0.5, 0.5, 800, dtype=np.float32)[None]
    Audio(samples, 8000).save(tmp_path / "take.flac")
    sound = (tmp_path / "take.flac").read_bytes()
    with (tmp_path / "take.flac").open("rb") as file:
        np.testing.assert_allclose(Audio.load(file).numpy(), samples, atol=2**-22)
    behind_a_header = io.BytesIO(b"header" + sound)
    behind_a_header.seek(6)
    assert as_source(behind_a_header).frames == 800


@pytest.mark.parametrize(
    ("file", "refusal"),
    [
        (io.BytesIO(), "take: the file object is at its end; call its seek(0) first"),
        (
            io.StringIO("la"),
            "take: the file object can't be read (a bytes-like object is required, not 'str'); "
            "give one that is open in binary mode",
        ),
    ],
)
def test_an_opened_file_that_gives_no_bytes_is_refused(file: Any, refusal: str) -> None:
    with pytest.raises(InputError) as caught:
        as_source(file, "take")
    assert str(caught.value) == refusal


def test_a_damaged_opened_file_is_called_by_its_argument() -> None:
    with pytest.raises(InputError, match=r"^take: ") as caught:
        as_source(io.BytesIO(b"RIFF but no sound" * 9), "take")
    assert "autovoice-" not in str(caught.value)


@pytest.mark.parametrize("samples", [np.zeros(9, np.float32), np.zeros((2, 9), np.int16)])
def test_samples_without_a_rate_are_refused(samples: Any) -> None:
    with pytest.raises(InputError) as caught:
        as_source(samples, "vocals")
    assert str(caught.value) == (
        "vocals: an array has no sample rate; give Audio(samples, sample_rate)"
    )


@pytest.mark.parametrize(
    ("audio", "named"),
    [
        (440, "440"),
        ([0.0, 0.5], "[0.0, 0.5]"),
        (["song.flac"], "['song.flac']"),
        ((np.zeros(9), 44_100), "an object of type tuple"),
    ],
)
def test_what_is_no_sound_is_refused(audio: Any, named: str) -> None:
    with pytest.raises(InputError) as caught:
        as_source(audio, "vocals")
    assert str(caught.value) == (
        f"vocals: {named} is not sound; give Audio(samples, sample_rate) or the path of a sound "
        "file"
    )


def test_a_file_that_vanishes_after_it_was_opened_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, noise().T, RATE)
    file = AudioFile(path)
    path.unlink()
    with pytest.raises(InputError) as caught:
        list(file.blocks(1000))
    assert str(caught.value) == (
        f"{path}: can't be read any more (No such file or directory); leave the file in its place "
        "until the work is done"
    )
