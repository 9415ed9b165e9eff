from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from sound_files import KEEP_THE_REST, encode, load, refusal, tone

from autovoice_core import Audio
from autovoice_core.audio.formats.mpeg_frame import parse_frame
from autovoice_core.audio.reading import AudioFile

needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")

FRAMES = 60_011
FRAME = 1152
DECODER_DELAY = 529
ID3 = b"ID3\x04\x00\x00" + bytes([0, 0x20, 0, 0]) + bytes(0x20 << 14)
"""A tag of 512 KiB, as with a picture of a cover."""
ID3V1 = b"TAG" + bytes(125)
APE_FOOTER = (
    b"APETAGEX" + b"".join(value.to_bytes(4, "little") for value in (2000, 232, 1, 0)) + bytes(8)
)
RANDOM = np.random.default_rng(0).bytes(3000)


@pytest.fixture(scope="module")
def song() -> np.ndarray:
    return tone(FRAMES)


@pytest.fixture(scope="module")
def mp3(tmp_path_factory: pytest.TempPathFactory, song: np.ndarray) -> bytes:
    return encode(tmp_path_factory.mktemp("mp3") / "sound.mp3", song, "MP3")


def first_frame(content: bytes) -> int:
    return next(i for i in range(len(content)) if parse_frame(content[i : i + 4]))


def without_length(content: bytes) -> bytes:
    """Return an MP3 file without its first frame, which states the length."""
    at = first_frame(content)
    frame = parse_frame(content[at : at + 4])
    assert frame is not None
    start = content[at : at + frame.size]
    assert b"Xing" in start or b"Info" in start
    return content[:at] + content[at + frame.size :]


def assert_whole(got: np.ndarray, song: np.ndarray) -> None:
    """Check that ``got`` is ``song`` with what an encoder adds at both ends, if anything."""
    added = len(got) - len(song)
    assert 0 <= added < 3 * FRAME
    middle = slice(20_000, 40_000)
    lags = range(min(added, 2 * FRAME) + 1)
    errors = [np.abs(got[20_000 + lag : 40_000 + lag] - song[middle]).max() for lag in lags]
    assert min(errors) < 0.03


@pytest.mark.parametrize("bitrate_mode", ["CONSTANT", "VARIABLE"])
@pytest.mark.parametrize("silent", ["start", "end"])
def test_a_file_that_states_no_length_is_read_to_its_end(
    tmp_path: Path, bitrate_mode: str, silent: str
) -> None:
    rng = np.random.default_rng(0)
    loud = (0.2 * rng.standard_normal((FRAMES, 1))).astype(np.float32)
    quiet = np.zeros((FRAMES, 1), np.float32)
    parts = (quiet, loud) if silent == "start" else (loud, quiet)
    options = {"bitrate_mode": bitrate_mode, "compression_level": 0.5}
    content = encode(tmp_path / "a.mp3", np.concatenate(parts), "MP3", **options)
    assert 0 <= len(load(tmp_path / "b.mp3", without_length(content))) - 2 * FRAMES < 3 * FRAME


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"", b""),
        (ID3, b""),
        (ID3 + ID3, b""),
        (b"", ID3V1),
        (b"", bytes(200) + APE_FOOTER),
        (ID3, b"LYRICSBEGIN" + b"la " * 100 + b"LYRICS200" + ID3V1),
        (RANDOM, b""),
        (bytes(5000), b""),
        (b"", RANDOM),
    ],
    ids=["plain", "cover", "two", "ID3v1", "APE", "lyrics", "junk before", "zeros", "junk after"],
)
@pytest.mark.parametrize("stated", [True, False])
def test_tags_and_junk_at_the_ends_are_no_sound(
    tmp_path: Path, song: np.ndarray, mp3: bytes, before: bytes, after: bytes, stated: bool
) -> None:
    content = mp3 if stated else without_length(mp3)
    got = load(tmp_path / "sound.mp3", before + content + after)
    assert_whole(got, song)
    assert len(got) == FRAMES if stated else (len(got) + DECODER_DELAY) % FRAME == 0


def test_joined_files_are_read_one_after_the_other(
    tmp_path: Path, song: np.ndarray, mp3: bytes
) -> None:
    other = tone(20_077, 330)
    content = encode(tmp_path / "other.mp3", other, "MP3")
    got = load(tmp_path / "both.mp3", ID3 + mp3 + ID3V1 + ID3 + content)
    assert len(got) == FRAMES + len(other)
    np.testing.assert_allclose(got[1000 : FRAMES - 1000], song[1000:-1000], atol=0.03)
    np.testing.assert_allclose(got[FRAMES + 1000 : -1000], other[1000:-1000], atol=0.03)


@pytest.mark.parametrize(("first", "second"), [(True, False), (False, True), (False, False)])
def test_joined_files_of_which_one_states_no_length_are_read_whole(
    tmp_path: Path, mp3: bytes, first: bool, second: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    parts = [mp3 if stated else without_length(mp3) for stated in (first, second)]
    got = load(tmp_path / "both.mp3", b"".join(parts))
    assert 0 <= len(got) - 2 * FRAMES < 6 * FRAME
    assert np.abs(got[-10_000:]).max() > 0.2
    if first and not second:  # the padding of the first file is not cut from the second
        assert (len(got) + 1105) % FRAME == 0
    assert capfd.readouterr().err == ""


def test_tags_are_kept_where_the_length_is_corrected(tmp_path: Path, mp3: bytes) -> None:
    path = tmp_path / "sound.mp3"
    title = b"TIT2" + (7).to_bytes(4, "big") + b"\x00\x00\x00Strand"
    tag = b"ID3\x04\x00\x00" + bytes([0, 0, 0, len(title)]) + title
    path.write_bytes(tag + without_length(mp3))
    assert AudioFile(path).tags == {"title": "Strand"}


def test_a_file_cut_off_is_refused_with_what_is_left(tmp_path: Path, mp3: bytes) -> None:
    at = first_frame(mp3)
    for _ in range(21):
        frame = parse_frame(mp3[at : at + 4])
        assert frame is not None
        at += frame.size
    message = refusal(tmp_path / "cut.mp3", mp3[:at])
    assert message == f"the file is cut off (0.52 s of 1.41 s are there); {KEEP_THE_REST}"


def test_a_last_frame_that_is_not_whole_is_refused(tmp_path: Path, mp3: bytes) -> None:
    message = refusal(tmp_path / "cut.mp3", without_length(mp3)[:-9])
    assert message == f"the file is cut off (its last frame is not whole); {KEEP_THE_REST}"


def test_something_else_between_the_frames_is_refused(tmp_path: Path, mp3: bytes) -> None:
    at = first_frame(mp3)
    message = refusal(tmp_path / "bad.mp3", mp3[: at + 5000] + RANDOM + mp3[at + 5000 :])
    assert message.startswith("the file is damaged (there is something else between its frames)")


def test_an_end_without_sound_is_refused(tmp_path: Path, mp3: bytes) -> None:
    message = refusal(tmp_path / "bad.mp3", without_length(mp3) + bytes(100_000))
    assert message == f"the file is damaged (its last 100000 bytes hold no sound); {KEEP_THE_REST}"


def test_a_tag_that_passes_the_end_is_no_tag(tmp_path: Path, mp3: bytes) -> None:
    tag = b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f" + bytes(500)
    assert len(load(tmp_path / "sound.mp3", tag + mp3)) == FRAMES


def test_frames_of_a_size_of_their_own_are_refused(tmp_path: Path) -> None:
    options = {"bitrate_mode": "CONSTANT", "compression_level": 0.6}
    content = encode(tmp_path / "a.mp3", tone(FRAMES), "MP3", **options)
    free = bytearray(content)
    at = first_frame(content)
    while frame := parse_frame(content[at : at + 4]):
        free[at + 2] &= 0x0F  # no bit rate: "free format"
        at += frame.size
    assert refusal(tmp_path / "b.mp3", bytes(free)) == (
        "its MPEG frames can't be counted; convert it first: ffmpeg -i FILE whole.wav"
    )


def test_a_file_without_sound_is_no_file_that_is_missing(
    tmp_path: Path, mp3: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    at = first_frame(mp3)
    frame = parse_frame(mp3[at : at + 4])
    assert frame is not None
    message = refusal(tmp_path / "a.mp3", mp3[: at + frame.size])
    assert message.startswith("not a sound file that can be read (format not recognised); ")


@pytest.mark.parametrize(("rate", "channels"), [(48_000, 2), (44_100, 1)])
def test_joined_files_of_other_rates_or_channels_are_refused(
    tmp_path: Path, mp3: bytes, rate: int, channels: int
) -> None:
    other = encode(tmp_path / "other.mp3", tone(20_000, channels=channels), "MP3", rate=rate)
    message = refusal(tmp_path / "both.mp3", mp3 + other)
    assert message == (
        "its rate or channels change at 1.41 s; convert it first: ffmpeg -i FILE whole.wav"
    )


def test_mpeg_in_a_wav_file_is_read_whole(tmp_path: Path, song: np.ndarray, mp3: bytes) -> None:
    sound = without_length(mp3)
    fmt = b"".join(
        value.to_bytes(size, "little")
        for value, size in ((0x55, 2), (2, 2), (44_100, 4), (16_000, 4), (1, 2), (0, 2))
    )
    chunks = [b"fmt " + len(fmt).to_bytes(4, "little") + fmt]
    chunks.append(b"data" + len(sound).to_bytes(4, "little") + sound)
    body = b"WAVE" + b"".join(chunks)
    got = load(tmp_path / "sound.wav", b"RIFF" + len(body).to_bytes(4, "little") + body)
    assert_whole(got, song)


@pytest.mark.parametrize("suffix", ["wav", "aiff", "flac"])
def test_a_song_of_mpeg_audio_can_be_written_in_any_format(
    tmp_path: Path, mp3: bytes, suffix: str
) -> None:
    path = tmp_path / "sound.mp3"
    path.write_bytes(mp3)
    Audio.load(path).save(tmp_path / f"out.{suffix}")
    assert Audio.load(tmp_path / f"out.{suffix}").frames == FRAMES


@needs_ffmpeg
def test_layer_2_is_read_whole_unless_its_bit_rate_varies(tmp_path: Path) -> None:
    wav = encode(tmp_path / "a.wav", tone(FRAMES), "WAV", "PCM_16")
    contents = []
    for rate in ("64k", "192k"):
        command = ["ffmpeg", "-v", "error", "-i", "pipe:0", "-c:a", "mp2", "-b:a", rate]
        run = subprocess.run([*command, "-f", "mp2", "pipe:1"], input=wav, capture_output=True)
        contents.append(run.stdout)
        assert len(load(tmp_path / "a.mp2", run.stdout)) == -(-FRAMES // FRAME) * FRAME
    assert refusal(tmp_path / "b.mp2", b"".join(contents)) == (
        "is MPEG audio of layer 2 with a variable bit rate; convert it first: "
        "ffmpeg -i FILE whole.wav"
    )
