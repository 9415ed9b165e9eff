from __future__ import annotations

import errno
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from autovoice_core import Audio, AutoVoiceWarning, InputError
from autovoice_core.audio.reading import AudioFile
from autovoice_core.audio.writing import AudioWriter, open_writers

RATE, CD_RATE = 8000, 44_100
BLOCK = np.full((1, 800), 0.25, np.float32)


def noise(channels: int = 2) -> np.ndarray:
    rng = np.random.default_rng(0)
    return (0.1 * rng.standard_normal((channels, CD_RATE))).astype(np.float32)


def test_the_sample_format_of_a_like_file_is_kept(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "in.wav", noise().T, CD_RATE, "PCM_16")
    like = AudioFile(tmp_path / "in.wav")
    with AudioWriter(tmp_path / "out.wav", CD_RATE, 2, like=like) as writer:
        writer.write(noise())
    assert AudioFile(tmp_path / "out.wav").subtype == "PCM_16"


def test_a_wav_beyond_four_gigabytes_is_written_as_rf64(tmp_path: Path) -> None:
    with AudioWriter(tmp_path / "long.wav", CD_RATE, 2, frames=1 << 30) as writer:
        writer.write(noise())
    assert AudioFile(tmp_path / "long.wav").format == "RF64"
    assert AudioFile(tmp_path / "long.wav").frames == CD_RATE


def test_an_unknown_suffix_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    path = tmp_path / "sound.xyz"
    with pytest.raises(InputError) as caught:
        Audio(noise(), CD_RATE).save(path)
    assert str(caught.value) == (
        f"{path}: the suffix '.xyz' is not a sound format that can be written; "
        "use .wav, .flac, .ogg or .mp3"
    )
    assert not list(tmp_path.iterdir())


def test_a_format_that_cannot_hold_the_rate_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sound.mp3"
    with pytest.raises(InputError) as caught:
        Audio(noise(), 96_000).save(path)
    text = str(caught.value)
    assert text.startswith(f"{path}: MP3 can't hold 2 channels at 96000 Hz (")
    assert text.endswith("); write a .wav or .flac file instead")
    assert not list(tmp_path.iterdir())


def test_a_peak_over_full_scale_is_brought_under_it_with_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "loud.flac"
    samples = noise()
    samples[0, 0] = 2.0
    with pytest.warns(AutoVoiceWarning) as caught:
        Audio(samples, CD_RATE).save(path)
    assert str(caught[0].message) == (
        f"{path}: the peak was 6.0 dB over full scale; the audio was turned down to fit"
    )
    written = Audio.load(path).numpy()
    assert np.abs(written).max() < 1.0
    np.testing.assert_allclose(written[:, 1:], samples[:, 1:] * (1 - 2**-15) / 2, atol=1e-6)


def test_nothing_is_left_when_writing_fails_midway(tmp_path: Path) -> None:
    def interrupted() -> None:
        with AudioWriter(tmp_path / "out.flac", CD_RATE, 2) as writer:
            writer.write(noise())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not list(tmp_path.iterdir())


_FILLS_THE_DISK = """
import resource, signal, sys
import numpy as np
from autovoice_core import Audio, InputError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
rng = np.random.default_rng(0)
try:
    Audio(rng.uniform(-1, 1, (2, 400_000)).astype(np.float32), 44100).save(sys.argv[1])
except InputError as error:
    print(error)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGXFSZ"), reason="no limit on file sizes here")
@pytest.mark.parametrize("suffix", ["wav", "flac"])
def test_a_full_disk_is_reported_and_leaves_nothing(tmp_path: Path, suffix: str) -> None:
    assert resource.RLIM_INFINITY  # the module that the subprocess needs is there
    path = tmp_path / f"big.{suffix}"
    run = subprocess.run(
        [sys.executable, "-c", _FILLS_THE_DISK, str(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout == (
        f"{path}: writing stopped (File too large); "
        "raise the limit of a file's size (ulimit -f) or choose another place\n"
    )
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not hasattr(signal, "SIGXFSZ"), reason="no limit on file sizes here")
@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "mp3"])
def test_a_file_whose_very_end_does_not_fit_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    # libsndfile doesn't say that what it buffered for a compressed file was lost at the end.
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (1, 20_000)).astype(np.float32)
    path = tmp_path / f"sound.{suffix}"
    Audio(noise, 44100).save(path)
    size = path.stat().st_size
    path.unlink()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size - 1, before[1]))
    try:
        with pytest.raises(InputError, match="writing stopped") as caught:
            Audio(noise, 44100).save(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert isinstance(caught.value.__cause__, OSError)  # by which a batch knows a full disk
    assert caught.value.__cause__.errno == errno.EFBIG
    assert not list(tmp_path.iterdir())


def test_a_name_that_is_not_utf_8_is_written_and_read(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"latin\xe9.flac")
    try:
        path.touch()
    except OSError:
        pytest.skip("the file system takes UTF-8 names only")
    Audio(BLOCK, RATE).save(path)
    assert Audio.load(path).frames == BLOCK.shape[1]
    assert [os.fsencode(each.name) for each in tmp_path.iterdir()] == [b"latin\xe9.flac"]


def test_a_device_gets_the_sound_and_stays(tmp_path: Path) -> None:
    link = tmp_path / "null"
    link.symlink_to(os.devnull)
    Audio(BLOCK, RATE).save(link)
    assert link.is_char_device()
    assert link.is_symlink()


def writers(folder: Path, *names: str) -> list[AudioWriter]:
    return [AudioWriter(folder / name, RATE, 1) for name in names]


def write_both(folder: Path) -> None:
    with open_writers(writers(folder, "one.wav", "two.flac")) as opened:
        for writer in opened:
            writer.write(BLOCK)


def test_the_files_appear_when_all_are_complete(tmp_path: Path) -> None:
    with open_writers(writers(tmp_path, "one.wav", "two.flac")) as opened:
        for writer in opened:
            writer.write(BLOCK)
        assert not (tmp_path / "one.wav").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.wav", "two.flac"]
    np.testing.assert_array_equal(Audio.load(tmp_path / "two.flac").numpy(), BLOCK)


def test_a_failure_leaves_no_file_and_those_that_were_there(tmp_path: Path) -> None:
    (tmp_path / "one.wav").write_text("old")

    def failing() -> None:
        with open_writers(writers(tmp_path, "one.wav", "two.flac")):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        failing()
    assert [path.name for path in tmp_path.iterdir()] == ["one.wav"]
    assert (tmp_path / "one.wav").read_text() == "old"


@pytest.mark.parametrize("stopped", ["one.wav", "two.flac"])
def test_a_file_that_cannot_be_finished_takes_the_others_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stopped: str
) -> None:
    close = AudioWriter.close

    def full(self: AudioWriter) -> None:
        close(self)
        if self.path.name == stopped:
            raise InputError("no space left")

    (tmp_path / "one.wav").write_text("old")
    monkeypatch.setattr(AudioWriter, "close", full)
    with pytest.raises(InputError, match="no space left"):
        write_both(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["one.wav"]
    assert (tmp_path / "one.wav").read_text() == "old"


def test_a_file_that_cannot_take_its_place_takes_the_others_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace = Path.replace

    def taken(self: Path, target: Path) -> Path:
        if target.name == "one.wav":
            raise IsADirectoryError(21, "Is a directory")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", taken)
    with pytest.raises(InputError) as caught:
        write_both(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path / 'one.wav'}: writing stopped (Is a directory); choose another place"
    )
    assert not list(tmp_path.iterdir())


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    same = "folder/../one.wav"
    with pytest.raises(InputError) as caught, open_writers(writers(tmp_path, "one.wav", same)):
        pass
    assert str(caught.value) == (
        f"{tmp_path / same}: two files would have this name; choose another"
    )
    assert list(tmp_path.iterdir()) == [tmp_path / "folder"]


def test_a_peak_just_over_full_scale_is_turned_down_without_a_word(tmp_path: Path) -> None:
    path = tmp_path / "over.wav"
    Audio(np.full((1, 100), 1.004, np.float32), 16_000).save(path)
    assert np.abs(Audio.load(path).numpy()).max() < 1
