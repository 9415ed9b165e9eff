from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from autovoice_core import Audio, PitchTrack
from autovoice_core.audio.reading import as_source
from autovoice_core.testing import truth
from autovoice_core.voices.takes import MAX_STRETCH_SECONDS, Take, VoicedStretches, gated_take


def track(voiced: np.ndarray, hop: float = 0.01) -> PitchTrack:
    """A track whose f0 says which frame it is: 100 Hz and 0.01 Hz for each."""
    f0 = np.where(voiced, 100 + 0.01 * np.arange(len(voiced)), 0.0)
    return PitchTrack(f0, voiced, voiced.astype(np.float32), hop)


def voiced_between(*spans: tuple[float, float], seconds: float, hop: float = 0.01) -> np.ndarray:
    times = np.arange(int(seconds / hop) + 1) * hop
    return np.any([(times >= start) & (times < end) for start, end in spans], axis=0)


def counting(seconds: float, rate: int) -> Audio:
    """Sound of two channels whose mean says which sample it is."""
    count = np.arange(round(seconds * rate), dtype=np.float32)
    return Audio(np.stack([count, 0 * count]) / np.float32(1 << 20), rate)


@pytest.mark.parametrize("rate", [8000, 11025, 44100])
@pytest.mark.parametrize("hop", [0.01, 0.005])
def test_a_stretch_and_its_pitch_belong_together(rate: int, hop: float) -> None:
    audio = counting(12, rate)
    voiced = voiced_between((1, 3), (5, 6), (11.5, 12.1), seconds=12, hop=hop)
    stretches = list(Take(as_source(audio), track(voiced, hop)).stretches())
    assert len(stretches) == 3
    for sound, pitch in stretches:
        samples = sound.numpy()[0].astype(np.float64) * 2 * (1 << 20)
        first_voiced = int(np.flatnonzero(pitch.voiced)[0])
        frame = (pitch.f0[first_voiced] - 100) / 0.01 - first_voiced
        assert samples[0] == pytest.approx(frame * hop * rate, abs=0.51)
        np.testing.assert_allclose(np.diff(samples), 1)
        assert abs(len(pitch) - 1 - sound.duration / hop) <= 1.01
        assert pitch.start == 0


def test_what_is_far_from_any_voice_is_left_out() -> None:
    voiced = voiced_between((10, 12), (12.5, 14), seconds=40)
    stretches = list(Take(as_source(counting(40, 8000)), track(voiced)).stretches())
    # The rest of half a second between two phrases stays: a breath or a consonant.
    assert len(stretches) == 1
    assert stretches[0][0].duration == pytest.approx(4 + 2 * 0.3, abs=0.02)


def test_a_single_voiced_frame_is_taken_for_noise() -> None:
    voiced = voiced_between((3, 3.02), (6, 7), seconds=10)
    (stretch,) = Take(as_source(counting(10, 8000)), track(voiced)).stretches()
    assert stretch[0].duration == pytest.approx(1.6, abs=0.02)


def test_channels_in_antiphase_are_a_voice() -> None:
    tone = 0.1 * np.sin(np.arange(80_000) / 20).astype(np.float32)
    source = as_source(Audio(np.stack([tone, -tone]), 8000))
    take = gated_take(source, track(voiced_between((2, 4), seconds=10)))
    assert take.power.min() > 0.001
    ((sound, _),) = take.stretches()
    assert np.abs(sound.numpy()).max() == pytest.approx(0.1, abs=0.001)


def test_a_long_song_comes_in_short_stretches_and_whole() -> None:
    seconds = 100.0
    voiced = np.ones(int(seconds * 100) + 1, bool)
    stretches = list(Take(as_source(counting(seconds, 8000)), track(voiced)).stretches())
    assert max(sound.duration for sound, _ in stretches) <= MAX_STRETCH_SECONDS
    joined = np.concatenate([sound.numpy()[0] for sound, _ in stretches])
    np.testing.assert_array_equal(joined, counting(seconds, 8000).mono().numpy()[0])


def test_hum_between_phrases_is_not_voice() -> None:
    seconds, rate = 12.0, 16_000
    score = truth.compose(seconds, seed=2, breaths=False, consonants=False)
    sung = truth.sing(sample_rate=rate, score=score)
    times = np.arange(sung.audio.frames) / rate
    hum = 0.0002 * np.sin(2 * np.pi * 50 * times) + 0.1
    audio = Audio((sung.audio.numpy() + hum).astype(np.float32), rate)
    # An estimator that hears the hum wherever nobody sings.
    f0 = np.where(sung.pitch.voiced, sung.pitch.f0, 50.0)
    heard = PitchTrack(f0, f0 > 0, sung.pitch.confidence, sung.pitch.hop)
    kept = gated_take(as_source(audio), heard).pitch
    hummed = ~sung.pitch.voiced
    # The fading ends of notes are louder than the gate.
    assert kept.voiced[hummed].mean() < 0.1
    assert kept.voiced[sung.pitch.voiced].mean() > 0.98
    assert not kept.voiced[:20].any()
    assert (kept.f0[~kept.voiced] == 0).all()


def test_nothing_voiced_gives_no_stretch() -> None:
    silent = Audio(np.zeros((1, 8000), np.float32), 8000)
    empty = gated_take(as_source(silent), track(np.zeros(101, bool)))
    assert empty.voiced_seconds == 0
    assert list(empty.stretches()) == []


def test_material_can_be_gone_through_again_and_tells_how_far_it_is(tmp_path: Path) -> None:
    told: list[float] = []
    path = tmp_path / "take.wav"
    truth.sing(seconds=4, sample_rate=8000).audio.save(path)
    one = Take(as_source(path), track(voiced_between((0.5, 1.5), (3, 3.5), seconds=4)))
    other = Take(as_source(counting(4, 11025)), track(voiced_between((1, 2), seconds=4)))
    material = VoicedStretches([one, other], told.append)
    first = [sound.sample_rate for sound, _ in material]
    assert first == [8000, 8000, 11025]
    assert told[-1] == 1.0
    assert told == sorted(told)
    assert told[0] == pytest.approx(0.4, abs=0.02)
    assert [sound.sample_rate for sound, _ in material] == first
