from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
import soundfile
from attrs import evolve

from autovoice_core import (
    Audio,
    AutoVoiceWarning,
    InputError,
    SingingPitchExtractor,
    StorageError,
    VoiceProfile,
    VoiceProfileStorage,
    compute_metrics,
    convert_song,
)
from autovoice_core.audio.loudness import loudness
from autovoice_core.audio.reading import AudioFile
from autovoice_core.synthetic import truth


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out.flac"


def test_the_result_is_as_long_as_the_song_and_of_its_kind(
    song_file: Path, voice: VoiceProfile, out: Path
) -> None:
    result = convert_song(song_file, voice, out)
    before, after = AudioFile(song_file), AudioFile(out)
    for fact in ("frames", "sample_rate", "channels", "format", "subtype"):
        assert getattr(after, fact) == getattr(before, fact)
    assert result.path == out
    assert [made.operation for made in result.made_by] == ["separation", "pitch", "conversion"]
    assert set(result.seconds) == {"separation", "pitch", "conversion", "remix"}


def test_the_stems_add_up_to_the_song_and_the_mix_holds_the_new_vocals(
    song_file: Path, voice: VoiceProfile, out: Path, tmp_path: Path
) -> None:
    result = convert_song(song_file, voice, out, stems=tmp_path / "stems")
    assert [path.name for path in result.stems] == [
        "vocals.flac",
        "accompaniment.flac",
        "converted.flac",
    ]
    vocals, accompaniment, converted = (Audio.load(path).numpy() for path in result.stems)
    np.testing.assert_allclose(vocals + accompaniment, Audio.load(song_file).numpy(), atol=1e-4)
    mix = 10 ** (result.mix_gain_db / 20) * (accompaniment + converted)
    np.testing.assert_allclose(Audio.load(out).numpy(), mix, atol=1e-4)


def test_the_new_vocals_are_as_loud_as_the_old_ones(
    vocal_file: Path, voice: VoiceProfile, out: Path
) -> None:
    convert_song(vocal_file, voice, out, vocals_only=True)
    change = loudness(Audio.load(out)) - loudness(Audio.load(vocal_file))
    assert change == pytest.approx(0.0, abs=0.1)


def test_the_melody_is_kept_in_the_octave_of_the_voice(
    vocal_file: Path, voice: VoiceProfile, out: Path, short_song: truth.Song
) -> None:
    result = convert_song(vocal_file, voice, out, vocals_only=True)
    assert result.key == 12  # a tenor into the range of a soprano
    metrics = compute_metrics(short_song.stems.vocals, Audio.load(out))
    assert metrics.key == pytest.approx(12, abs=0.1)
    assert metrics.f0_error < 8


@pytest.mark.filterwarnings("ignore:.*true peak")
def test_a_song_in_another_key_moves_with_its_accompaniment(
    song_file: Path, voice: VoiceProfile, out: Path, tmp_path: Path
) -> None:
    result = convert_song(song_file, voice, out, key=3, stems=tmp_path / "stems")
    assert result.key == 3
    rest = Audio.load(tmp_path / "stems" / "accompaniment.flac").numpy()
    converted = Audio.load(tmp_path / "stems" / "converted.flac").numpy()
    moved = Audio.load(out).numpy() / 10 ** (result.mix_gain_db / 20) - converted
    assert moved.shape == rest.shape
    assert np.corrcoef(moved[0], rest[0])[0, 1] < 0.5  # it is no longer in the old key


def test_a_mix_over_full_scale_is_turned_down_with_a_warning(
    tmp_path: Path, voice: VoiceProfile, out: Path, short_song: truth.Song
) -> None:
    loud = short_song.mixture.numpy() * np.float32(1.6)
    song = tmp_path / "loud.wav"
    soundfile.write(song, loud.T, short_song.mixture.sample_rate, "FLOAT")
    with pytest.warns(AutoVoiceWarning) as caught:
        result = convert_song(song, voice, out)
    assert result.mix_gain_db < 0
    assert str(caught[0].message) == (
        f"{out}: turned down by {-result.mix_gain_db:.1f} dB to keep its true peak at -1 dBTP"
    )
    assert np.abs(Audio.load(out).numpy()).max() < 1.0


def test_progress_rises_to_one_through_every_stage(
    song_file: Path, voice: VoiceProfile, out: Path
) -> None:
    reported: list[tuple[str, float]] = []
    convert_song(song_file, voice, out, progress=lambda *now: reported.append(now))
    fractions = [fraction for _, fraction in reported]
    assert list(dict.fromkeys(stage for stage, _ in reported)) == [
        "separation",
        "pitch",
        "conversion",
        "remix",
    ]
    assert fractions == sorted(fractions)
    assert fractions[0] == 0
    assert fractions[-1] == pytest.approx(1)


def test_what_the_progress_raises_cancels_and_leaves_nothing(
    song_file: Path,
    voice: VoiceProfile,
    out: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def cancel(stage: str, fraction: float) -> None:
        if stage == "conversion":
            raise KeyboardInterrupt

    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    with pytest.raises(KeyboardInterrupt):
        convert_song(song_file, voice, out, stems=tmp_path / "stems", progress=cancel)
    assert not out.exists()
    assert not (tmp_path / "stems").exists()
    assert not list(tmp_path.glob("*.part"))
    assert not list((tmp_path / "temporary").iterdir())


def test_a_voice_is_found_by_name_and_the_result_named_after_it(
    vocal_file: Path, voice: VoiceProfile, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AUTOVOICE_HOME", str(tmp_path / "home"))
    with VoiceProfileStorage() as voices:
        voices.add(evolve(voice, name="Ada/Lovelace"))
    result = convert_song(vocal_file, "Ada/Lovelace", vocals_only=True)
    assert result.path == vocal_file.with_name("vocal.Ada_Lovelace.flac")
    assert result.path.exists()
    with pytest.raises(StorageError):
        convert_song(vocal_file, "nobody", vocals_only=True)


@pytest.mark.parametrize(
    ("sound", "lack"),
    [
        ("silence", "no singing found (0.00 s voiced); give a recording with vocals"),
        ("DC", "no singing found (0.00 s voiced); give a recording with vocals"),
        ("one sample", "too short to find singing in (0.00 s); give 0.5 s or more"),
        ("a short note", "too short to find singing in (0.10 s); give 0.5 s or more"),
    ],
)
def test_a_file_without_singing_is_refused(
    tmp_path: Path, voice: VoiceProfile, out: Path, sound: str, lack: str
) -> None:
    samples = {
        "silence": np.zeros(16_000),
        "DC": np.full(16_000, 0.5),
        "one sample": np.ones(1) / 2,
        "a short note": truth.sing(truth.ALTO, 0.1, sample_rate=16_000, seed=1).audio.numpy()[0],
    }[sound]
    song = tmp_path / "song.wav"
    soundfile.write(song, samples, 16_000)
    with pytest.raises(InputError) as caught:
        convert_song(song, voice, out)
    assert str(caught.value) == f"{song}: {lack}"
    assert not out.exists()


@pytest.mark.filterwarnings("ignore:key. the voice lies")
def test_a_square_wave_at_full_scale_does_not_clip(
    tmp_path: Path, voice: VoiceProfile, out: Path
) -> None:
    t = np.arange(3 * 16_000)
    song = tmp_path / "song.wav"
    soundfile.write(song, np.where(t * 220 // 16_000 % 2, 1.0, -1.0), 16_000, "FLOAT")
    with pytest.warns(AutoVoiceWarning, match="to keep its true peak at -1 dBTP"):
        convert_song(song, voice, out, vocals_only=True)
    assert np.abs(Audio.load(out).numpy()).max() < 1.0


def test_the_song_itself_is_never_overwritten(song_file: Path, voice: VoiceProfile) -> None:
    before = song_file.read_bytes()
    with pytest.raises(InputError) as caught:
        convert_song(song_file, voice, song_file.parent / "." / song_file.name)
    assert str(caught.value) == (f"{song_file}: is the song itself; give the result another name")
    assert song_file.read_bytes() == before


def test_a_place_that_cannot_be_written_is_known_before_the_work(
    song_file: Path, voice: VoiceProfile, tmp_path: Path
) -> None:
    worked: list[str] = []
    with pytest.raises(InputError):
        convert_song(
            song_file, voice, tmp_path / "no" / "out.wav", progress=lambda s, f: worked.append(s)
        )
    assert worked == []


def test_a_stem_is_never_written_over_the_song(song_file: Path, voice: VoiceProfile) -> None:
    song = song_file.rename(song_file.with_name("vocals.flac"))
    before = song.read_bytes()
    with pytest.raises(InputError) as caught:
        convert_song(song, voice, song.with_name("out.flac"), stems=song.parent)
    assert str(caught.value) == (f"{song}: is the song itself; choose another folder for the stems")
    assert song.read_bytes() == before


def test_a_stems_folder_that_cannot_be_made_is_refused(
    song_file: Path, voice: VoiceProfile, out: Path
) -> None:
    with pytest.raises(InputError) as caught:
        convert_song(song_file, voice, out, stems=song_file)
    assert str(caught.value) == (
        f"{song_file}: is the name of a sound file; give the name of a folder"
    )
    assert not out.exists()


@pytest.mark.parametrize(("channels", "rate"), [(1, 8_000), (3, 48_000), (1, 96_000)])
def test_any_rate_and_number_of_channels_goes_through(
    tmp_path: Path, voice: VoiceProfile, channels: int, rate: int
) -> None:
    sung = truth.sing(truth.TENOR, seconds=3, sample_rate=rate, seed=2).audio.numpy()
    song, out = tmp_path / "song.wav", tmp_path / "out.wav"
    Audio(np.repeat(sung, channels, axis=0), rate).save(song)
    convert_song(song, voice, out, vocals_only=True)
    assert (AudioFile(out).channels, AudioFile(out).sample_rate) == (channels, rate)
    assert AudioFile(out).frames == AudioFile(song).frames
    pitch = SingingPitchExtractor().extract(out)
    assert pitch.voiced.any()
