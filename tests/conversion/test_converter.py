from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from attrs import evolve
from conversion_truth import phrase

from autovoice_core import (
    Audio,
    AutoVoiceWarning,
    InputError,
    PitchTrack,
    SingingPitchExtractor,
    SingingVoiceConverter,
    StorageError,
    VoiceProfile,
    VoiceProfileStorage,
)
from autovoice_core._style import StyleOptions
from autovoice_core.conversion.key import choose_key
from autovoice_core.voices.records import F0Range


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> VoiceProfile:
    folder = tmp_path_factory.mktemp("recordings")
    for name, f0 in (("low", 180.0), ("high", 220.0)):
        phrase(16_000, f0, 1.15, 6.0)[0].save(folder / f"{name}.wav")
    return VoiceProfile.from_recordings(sorted(folder.glob("*.wav")), name="mara")


def pitch_at(f0: float) -> PitchTrack:
    return PitchTrack(np.full(5, f0), np.ones(5, bool), np.ones(5, np.float32), 0.01)


def test_a_song_becomes_the_voice_s_in_memory(profile: VoiceProfile) -> None:
    vocals, pitch = phrase(22_050, 100.0)
    done: list[float] = []
    converted = SingingVoiceConverter().convert(vocals, profile, pitch=pitch, progress=done.append)
    assert converted.numpy().shape == vocals.numpy().shape
    assert converted.sample_rate == 22_050
    assert [made.backend for made in converted.made_by] == ["reference/retrieval"]
    assert done == sorted(done)
    assert done[-1] == 1
    assert np.abs(converted.numpy() - vocals.numpy()).max() > 0.01


def test_the_pitch_is_found_where_none_is_given(profile: VoiceProfile) -> None:
    vocals, _ = phrase(16_000, 150.0)
    converted = SingingVoiceConverter(backend="reference/retrieval").convert(vocals, profile)
    assert [made.operation for made in converted.made_by] == ["pitch", "conversion"]


def test_a_file_is_converted_in_blocks(profile: VoiceProfile, tmp_path: Path) -> None:
    vocals, pitch = phrase(16_000, 150.0)
    vocals.save(tmp_path / "song.wav")
    blocks = SingingVoiceConverter().convert_blocks(
        tmp_path / "song.wav", profile, pitch=pitch, key=2
    )
    assert sum(block.shape[1] for block in blocks) == vocals.frames


@pytest.mark.parametrize(
    ("sound", "lack"),
    [
        ("nothing", "too short to find singing in (0.00 s); give 0.5 s or more"),
        ("one sample", "too short to find singing in (0.00 s); give 0.5 s or more"),
        ("a short note", "too short to find singing in (0.10 s); give 0.5 s or more"),
        ("silence", "no singing found (0.00 s voiced); give a recording with vocals"),
        ("noise", "no singing found (0.00 s voiced); give a recording with vocals"),
    ],
)
def test_vocals_without_singing_are_warned_of_unless_their_pitch_is_given(
    profile: VoiceProfile, sound: str, lack: str
) -> None:
    samples = {
        "nothing": np.zeros((2, 0)),
        "one sample": np.zeros((2, 1)),
        "a short note": phrase(44_100, 220.0, seconds=0.1)[0].numpy(),
        "silence": np.zeros((2, 44_100)),
        "noise": np.random.default_rng(0).normal(0, 0.1, (1, 44_100)),
    }[sound]
    vocals, converter = Audio(samples.astype(np.float32), 44_100), SingingVoiceConverter()
    with pytest.warns(AutoVoiceWarning) as told:
        converted = converter.convert(vocals, profile)
    assert [str(each.message) for each in told] == [f"vocals: {lack}"]
    assert converted.numpy().shape == samples.shape
    pitch = SingingPitchExtractor().extract(vocals)
    converter.convert(vocals, profile, pitch=pitch)  # a warning would be an error


def test_a_file_without_singing_is_called_by_its_name(
    profile: VoiceProfile, tmp_path: Path
) -> None:
    path = tmp_path / "quiet.wav"
    Audio(np.zeros((1, 16_000), np.float32), 16_000).save(path)
    with pytest.warns(AutoVoiceWarning, match=rf"^{re.escape(str(path))}: no singing found"):
        SingingVoiceConverter().convert(path, profile)


@pytest.mark.parametrize(
    ("f0", "key"),
    [(210.0, 0), (150.0, 0), (148.0, 0), (144.0, 12), (290.0, 0), (306.0, -12), (800.0, -12)],
)
def test_the_key_is_the_octaves_that_come_nearest(
    profile: VoiceProfile, f0: float, key: int
) -> None:
    voice = evolve(profile, f0_range=F0Range(160.0, 210.0, 260.0))
    assert choose_key(pitch_at(f0), voice).semitones == key


def test_the_key_stays_where_nothing_is_sung(profile: VoiceProfile) -> None:
    nothing = PitchTrack(np.zeros(2), np.zeros(2, bool), np.zeros(2, np.float32), 0.01)
    assert choose_key(nothing, profile).semitones == 0


def test_a_profile_for_another_converter_is_refused(profile: VoiceProfile) -> None:
    foreign = evolve(profile, feature_id="other/3")
    vocals, pitch = phrase(16_000, 150.0)
    with pytest.raises(InputError) as refusal:
        SingingVoiceConverter().convert(vocals, foreign, pitch=pitch)
    assert str(refusal.value) == (
        "voice: 'mara' holds features of other/3, but reference/retrieval reads retrieval/1; "
        "let the backend learn it: `autovoice voices learn NAME`, with its recordings"
    )


def test_a_stream_sings_in_the_key_that_suits_the_singer(profile: VoiceProfile) -> None:
    vocals, _ = phrase(16_000, 105.0)
    low = evolve(profile, f0_range=F0Range(80.0, 105.0, 140.0))
    voice = evolve(profile, f0_range=F0Range(160.0, 210.0, 260.0))
    styles = ({"singer": low}, {"singer": low, "key": 12}, {"singer": low, "key": 0})
    auto, octave, same = (SingingVoiceConverter().stream(voice, 16_000, **each) for each in styles)
    block = Audio(vocals.numpy()[:, :8000], 16_000)
    sounds = [stream.feed(block).numpy() for stream in (auto, octave, same)]
    assert sounds[0].shape[1] >= 8000 - auto.latency * 16_000
    np.testing.assert_array_equal(sounds[0], sounds[1])
    assert np.abs(sounds[0] - sounds[2]).max() > 0.01
    assert [made.backend for made in octave.flush().made_by] == ["reference/retrieval"]


@pytest.mark.parametrize(
    ("style", "message"),
    [
        (
            {},
            "key: a stream can't know the singer's range; give semitones, for example key=0, "
            "or the singer's own profile as singer",
        ),
        (
            {"key": 0, "breath": "soften"},
            "breath: a stream can't change it, as that needs what is sung later; "
            "give breath='keep', or convert the whole recording",
        ),
        (
            {"key": 0, "vibrato": 0.5},
            "vibrato: a stream can't change it, as that needs what is sung later; "
            "give vibrato=1.0, or convert the whole recording",
        ),
    ],
)
def test_what_takes_the_whole_song_is_refused_of_a_stream(
    profile: VoiceProfile, style: StyleOptions, message: str
) -> None:
    with pytest.raises(InputError) as refusal:
        SingingVoiceConverter().stream(profile, 16_000, **style)
    assert str(refusal.value) == message


def test_a_singer_s_profile_for_another_converter_is_refused(profile: VoiceProfile) -> None:
    foreign = evolve(profile, feature_id="other/3")
    with pytest.raises(InputError) as refusal:
        SingingVoiceConverter().stream(profile, 16_000, singer=foreign)
    assert str(refusal.value) == (
        "singer: 'mara' holds features of other/3, but reference/retrieval reads retrieval/1; "
        "let the backend learn it: `autovoice voices learn NAME`, with its recordings"
    )


def test_a_voice_is_found_by_its_name(
    profile: VoiceProfile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOVOICE_HOME", str(tmp_path))
    VoiceProfileStorage().add(profile)
    vocals, pitch = phrase(16_000, 150.0)
    by_name = SingingVoiceConverter().convert(vocals, "mara", pitch=pitch, key="2")  # type: ignore[arg-type]
    assert by_name == SingingVoiceConverter().convert(vocals, profile, pitch=pitch, key=2)
    with pytest.raises(StorageError, match=r"^unknown voice 'mary'; did you mean 'mara'\?$"):
        SingingVoiceConverter().convert(vocals, "mary", pitch=pitch)


def test_what_is_no_voice_is_refused() -> None:
    vocals, pitch = phrase(16_000, 150.0)
    with pytest.raises(InputError) as caught:
        SingingVoiceConverter().convert(vocals, 5, pitch=pitch)  # type: ignore[arg-type]
    assert str(caught.value) == (
        "voice: 5 is not a VoiceProfile; give one, for example VoiceProfileStorage().get('iona')"
    )


def test_a_stream_goes_on_from_what_an_earlier_one_learnt(profile: VoiceProfile) -> None:
    vocals, _ = phrase(16_000, 105.0, seconds=2.0)
    converter = SingingVoiceConverter()
    earlier = converter.stream(profile, 16_000, key=0)
    earlier.feed(vocals)
    fresh, later = (
        converter.stream(profile, 16_000, key=0, **options) for options in ({}, {"after": earlier})
    )
    assert np.abs(fresh.feed(vocals).numpy() - later.feed(vocals).numpy()).max() > 0.01


def test_a_stream_of_something_else_is_no_earlier_stream(profile: VoiceProfile) -> None:
    other: Any = SingingPitchExtractor(backend="reference/nccf").stream(16_000)
    with pytest.raises(InputError) as refusal:
        SingingVoiceConverter().stream(profile, 16_000, key=0, after=other)
    assert str(refusal.value) == (
        f"after: {other!r} is not a stream of reference/retrieval; give one that the same "
        "converter opened, or omit it"
    )
