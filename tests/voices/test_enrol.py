from __future__ import annotations

import hashlib
import math
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from autovoice_core import Audio, AutoVoiceWarning, InputError, VoiceProfile, using
from autovoice_core.audio.loudness import loudness
from autovoice_core.testing import truth
from autovoice_core.voices import enrol, serialization


@pytest.fixture(autouse=True)
def correlation():
    """The tracker without a network: quicker to open."""
    with using(pitch="reference/nccf"):
        yield


@pytest.fixture(scope="module")
def sung() -> truth.Sung:
    return truth.sing(truth.ALTO, seconds=16, sample_rate=16_000, seed=4)


@pytest.fixture
def recording(tmp_path: Path, sung: truth.Sung) -> Path:
    path = tmp_path / "take.wav"
    sung.audio.save(path)
    return path


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory, sung: truth.Sung) -> VoiceProfile:
    path = tmp_path_factory.mktemp("alto") / "take.wav"
    sung.audio.save(path)
    with using(pitch="reference/nccf"):
        return VoiceProfile.from_recordings([path], name="alto", consent="yes", provenance="here")


def test_the_range_is_that_of_what_was_sung(profile: VoiceProfile, sung: truth.Sung) -> None:
    expected = np.percentile(sung.pitch.f0[sung.pitch.voiced], [5, 50, 95])
    cents = 1200 * np.log2(np.array(profile.f0_range) / expected)
    assert np.abs(cents).max() < 30


def test_what_the_recordings_show_is_kept(profile: VoiceProfile, sung: truth.Sung) -> None:
    assert profile.heard is not None
    notes = np.array(profile.heard.notes)
    assert notes.sum() == pytest.approx(profile.voiced_seconds, abs=0.1)
    f0 = sung.pitch.f0[sung.pitch.voiced]
    true = 0.01 * np.bincount(np.rint(69 + 12 * np.log2(f0 / 440)).astype(int), minlength=128)
    assert np.abs(notes - true).sum() < 0.15 * true.sum()
    assert profile.missing[0].startswith("record 40 s or more, as only ")


def test_noise_between_the_sounds_is_heard(tmp_path: Path, sung: truth.Sung) -> None:
    noisy = truth.add_noise(sung.audio, 15.0, seed=1)
    path = tmp_path / "noisy.wav"
    noisy.save(path)
    profile = VoiceProfile.from_recordings([path], name="noisy")
    assert profile.heard is not None
    assert 12 < profile.heard.noise < 22
    assert profile.missing[-1] == (
        "record in a quieter place, as the noise is only "
        f"{profile.heard.noise:.0f} dB below the voice"
    )


def test_less_is_kept_where_less_is_asked_for(recording: Path, profile: VoiceProfile) -> None:
    fewer = VoiceProfile.from_recordings([recording], name="alto", keep=8)
    sizes = [len(one.features["follows"]) for one in (fewer, profile)]
    assert 600 < sizes[0] <= 850 < sizes[1]


@pytest.mark.parametrize("keep", [7.9, 601.0])
def test_keeping_too_little_or_too_much_is_refused(keep: float) -> None:
    with pytest.raises(InputError) as caught:
        VoiceProfile.from_recordings(["none.wav"], name="alto", keep=keep)
    assert str(caught.value) == (
        f"keep: {keep:g} s is outside 8 to 600 s of voiced sound; by default the converter "
        "chooses, usually 300"
    )


def test_voiced_time_is_counted(profile: VoiceProfile, sung: truth.Sung) -> None:
    expected = float(sung.pitch.voiced.sum()) * sung.pitch.hop
    assert profile.voiced_seconds == pytest.approx(expected, rel=0.05)


def test_a_profile_says_what_it_was_made_of_and_by(recording: Path, profile: VoiceProfile) -> None:
    (source,) = profile.recordings
    assert source.name == "take.wav"
    assert source.sha256 == hashlib.sha256(recording.read_bytes()).hexdigest()
    assert source.seconds == 16
    assert [made.operation for made in profile.made_by] == ["pitch", "conversion"]
    assert profile.made_by[0].backend == "reference/nccf"
    assert profile.feature_id.startswith("retrieval/")
    assert (profile.consent, profile.provenance) == ("yes", "here")
    age = datetime.now(UTC) - datetime.fromisoformat(profile.created)
    assert 0 <= age.total_seconds() < 3600


def test_silence_counts_neither_for_time_nor_for_loudness(
    tmp_path: Path, profile: VoiceProfile, sung: truth.Sung
) -> None:
    silence = np.zeros((1, 16_000 * 40), np.float32)
    samples = np.concatenate([silence, sung.audio.numpy(), silence], axis=1)
    Audio(samples, 16_000).save(tmp_path / "long.wav")
    long = VoiceProfile.from_recordings([tmp_path / "long.wav"], name="long")
    assert long.voiced_seconds == pytest.approx(profile.voiced_seconds, abs=0.1)
    assert long.loudness == pytest.approx(profile.loudness, abs=0.1)
    assert long.loudness == pytest.approx(loudness(sung.audio), abs=1)
    assert long.recordings[0].seconds == 96


def test_a_copy_of_a_recording_counts_once(recording: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy of take.wav"
    copy.write_bytes(recording.read_bytes())
    once = VoiceProfile.from_recordings([recording], name="alto")
    twice = VoiceProfile.from_recordings([recording, copy, recording], name="alto")
    assert twice.recordings == once.recordings
    assert twice.voiced_seconds == once.voiced_seconds
    assert twice.loudness == once.loudness
    for name, values in once.features.items():
        np.testing.assert_array_equal(twice.features[name], values)


def test_recordings_of_many_kinds_make_one_voice(tmp_path: Path) -> None:
    kinds = [("a.wav", 8_000, 1), ("b.flac", 22_050, 2), ("c.ogg", 44_100, 1), ("d.mp3", 48_000, 2)]
    seconds = 6.0
    for seed, (name, rate, channels) in enumerate(kinds):
        mono = truth.sing(truth.ALTO, seconds=seconds, sample_rate=rate, seed=seed).audio
        Audio(np.repeat(mono.numpy(), channels, axis=0), rate).save(tmp_path / name)
    profile = VoiceProfile.from_recordings([tmp_path / name for name, *_ in kinds], name="all")
    assert [item.name for item in profile.recordings] == [name for name, *_ in kinds]
    assert sum(item.seconds for item in profile.recordings) == pytest.approx(24, abs=0.2)
    assert 10 < profile.voiced_seconds < 24
    assert math.isfinite(profile.loudness)


def test_a_single_path_will_do(recording: Path) -> None:
    assert len(VoiceProfile.from_recordings(str(recording), name="alto").recordings) == 1


def test_a_profile_that_was_made_survives_being_kept(profile: VoiceProfile) -> None:
    kept = serialization.loads(serialization.dumps(profile), "here")
    for name, values in profile.features.items():
        np.testing.assert_array_equal(kept.features[name], values)


def test_progress_rises_to_one(recording: Path) -> None:
    told: list[float] = []
    VoiceProfile.from_recordings([recording], name="alto", progress=told.append)
    assert told == sorted(told)
    assert 0 < told[0] < 0.6
    assert told[-1] == pytest.approx(1)


def test_progress_can_call_it_off(recording: Path) -> None:
    class CalledOffError(Exception):
        pass

    def call_off(fraction: float) -> None:
        if fraction > 0.5:
            raise CalledOffError

    with pytest.raises(CalledOffError):
        VoiceProfile.from_recordings([recording], name="alto", progress=call_off)


@pytest.mark.parametrize("seconds", [3, 6])
def test_too_little_voice_says_how_much_there_was(tmp_path: Path, seconds: float) -> None:
    sung = truth.sing(truth.ALTO, seconds=seconds, sample_rate=16_000)
    paths = [tmp_path / "one.wav", tmp_path / "two.wav"]
    sung.audio.save(paths[0])
    Audio(np.zeros((1, 16_000), np.float32), 16_000).save(paths[1])
    with pytest.raises(InputError) as caught:
        VoiceProfile.from_recordings(paths, name="alto")
    message = str(caught.value)
    found = float(message.removeprefix("recordings: only ").split()[0])
    assert found == pytest.approx(sung.pitch.voiced.mean() * seconds, abs=0.3)
    assert message == (
        f"recordings: only {found:.1f} s of voiced sound were found in 2 recordings; "
        "a voice needs at least 8 s, so add recordings of the voice alone"
    )


def test_no_recording_at_all_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        VoiceProfile.from_recordings([], name="alto")
    assert str(caught.value) == "recordings: none were given; give sound files of the voice alone"


def test_an_inaudible_recording_is_refused(tmp_path: Path, sung: truth.Sung) -> None:
    path = tmp_path / "faint.wav"
    faint = (1.5e-3 * sung.audio.numpy()).astype(np.float32)
    import soundfile

    soundfile.write(path, faint.T, 16_000, "FLOAT")
    with pytest.raises(InputError) as caught:
        VoiceProfile.from_recordings([path], name="faint")
    assert str(caught.value) == (
        "recordings: all of them are below -70 LUFS; record the voice louder"
    )


def test_a_name_nobody_can_read_is_refused_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^name: "):
        VoiceProfile.from_recordings([tmp_path / "none.wav"], name=" ")


@pytest.mark.parametrize(
    ("speaker", "low", "high"), [("vctk_p225", 150, 230), ("vctk_p226", 85, 150)]
)
def test_speech_makes_a_voice_in_its_speakers_range(
    shared_data: Path, speaker: str, low: float, high: float
) -> None:
    paths = sorted((shared_data / "voices" / speaker).glob("*.flac"))
    profile = VoiceProfile.from_recordings(paths, name=speaker)
    assert low < profile.f0_range.p50 < high
    assert len(profile.recordings) == len(paths)
    spoken = sum(recording.seconds for recording in profile.recordings)
    assert 0.3 * spoken < profile.voiced_seconds < 0.9 * spoken


def test_doubts_about_the_recordings_are_warned_of(
    recording: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enrol, "doubts", lambda takes, speakers: [f"{len(takes)} {len(speakers)}"])
    with pytest.warns(AutoVoiceWarning, match="1 1"):
        VoiceProfile.from_recordings([recording], name="alto", keep=8)
