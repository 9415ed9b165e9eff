"""Songs in RVC voices: in tune, as loud as the source, the same in any windows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from attrs import evolve
from rvc_runs import (
    Samples,
    convert,
    deaf,
    handmade_voice,
    level,
    listening,
    random_voice,
    sung,
)
from singing_rvc import handmade_arrays
from toy_rvc import architecture

from autovoice_core import Audio, InputError, PitchTrack
from autovoice_core.testing.contracts.common import measures
from autovoice_rvc.conversion.voice import features_of, load_voice


def spectrum(samples: Samples) -> Samples:
    """Return the mean spectrum in dB over bands of 250 Hz at 16 kHz, as it is without its level."""
    frames = np.lib.stride_tricks.sliding_window_view(samples, 512)[::128] * np.hanning(512)
    power = np.square(np.abs(np.fft.rfft(frames, axis=1)[:, :256])).mean(axis=0)
    bands = 10 * np.log10(power.reshape(-1, 8).mean(axis=1) + 1e-12)
    return np.asarray(bands - bands.mean(), np.float32)


@pytest.mark.parametrize(
    ("name", "rate", "controls"),
    [
        ("v2 32k", 22_050, {"key": 2.0}),
        ("v2 32k", 44_101, {}),
        ("v2 48k", 8_000, {"key": -3.0, "seed": 4}),
        ("v2 40k", 11_025, {"formant": -2.0}),
        ("v1 32k", 48_000, {"formant": 3.0, "strength": 0.5}),
    ],
)
def test_windows_give_what_the_whole_gives(name: str, rate: int, controls: dict[str, Any]) -> None:
    # At a rate of which no shorter time is whole samples, windows begin at whole seconds.
    source = sung(rate, 1.3 if rate == 44_101 else 0.8)
    converter = deaf() if rate == 44_101 else listening(int(name[1]))
    voice = random_voice(name)
    audio = Audio(np.concatenate([source.audio.numpy(), source.audio.numpy() / 3]), rate)
    whole = convert(converter, voice, audio, source.pitch, **controls)
    assert level(whole) == pytest.approx(level(audio.numpy()), abs=1.5)
    windows = convert(converter, voice, audio, source.pitch, core=0.4, **controls)
    assert level(windows - whole) < level(whole) - 100


@pytest.mark.parametrize("key", [-12.0, 0.0, 0.5, 7.0])
def test_the_melody_is_sung_in_its_key(key: float) -> None:
    source = sung(seconds=1.5)
    result = convert(deaf(), handmade_voice(), source.audio, source.pitch, key=key)
    expected = source.f0 * 2 ** (key / 12)
    assert measures.f0_error(result[0], expected, 16_000) < 1


def test_another_melody_is_sung_instead_of_the_source_s() -> None:
    source = sung(seconds=1.5)
    melody = evolve(source.pitch, f0=source.pitch.f0 * 2 ** (4 / 12))
    result = convert(deaf(), handmade_voice(), source.audio, source.pitch, melody=melody)
    assert measures.f0_error(result[0], source.f0 * 2 ** (4 / 12), 16_000) < 1


@pytest.mark.parametrize("rate", [8_000, 11_025, 44_101])
@pytest.mark.parametrize("frames", [0, 1, 777])
def test_the_length_is_that_of_the_source(rate: int, frames: int) -> None:
    points = frames * 100 // rate + 1
    pitch = PitchTrack(
        np.full(points, 200.0), np.ones(points, bool), np.ones(points, np.float32), 0.01
    )
    audio = Audio(np.full((2, frames), 0.1, np.float32), rate)
    result = convert(deaf(), handmade_voice(), audio, pitch)
    assert result.shape == (2, frames)
    assert np.isfinite(result).all()


def test_channels_keep_their_balance() -> None:
    source = sung()
    mono = source.audio.numpy()
    stereo = Audio(np.concatenate([mono, 0.3 * mono]), 16_000)
    left, right = convert(deaf(), handmade_voice(), stereo, source.pitch)
    np.testing.assert_allclose(right, 0.3 * left, atol=1e-6)
    assert level(left) == pytest.approx(level(mono), abs=1)


def test_silence_stays_silent() -> None:
    source = sung()
    samples = source.audio.numpy().copy()
    samples[:, 6000:12_000] = 0
    result = convert(deaf(), random_voice("v2 32k"), Audio(samples, 16_000), source.pitch)
    # Loudness is that of 0.1 s.
    np.testing.assert_array_equal(result[:, 7600:10_400], 0)
    assert level(result[:, 2000:5000]) > level(samples[:, 2000:5000]) - 6


def test_the_loudness_is_the_source_s_or_the_voice_s_own() -> None:
    source = sung()
    for rate, change in ((0.0, -20.0), (0.5, -10.0), (1.0, 0.0)):
        converter = deaf(rms_mix_rate=rate)
        loud = convert(converter, random_voice("v2 32k"), source.audio, source.pitch)
        quiet = Audio(source.audio.numpy() / 10, 16_000)
        soft = convert(converter, random_voice("v2 32k"), quiet, source.pitch)
        assert level(soft) - level(loud) == pytest.approx(change, abs=0.1), rate


def test_the_loudness_is_followed_at_every_moment() -> None:
    source = sung()
    seconds = np.arange(16_000) / 16_000
    tone = (0.1 ** (1 + seconds) * np.sin(2 * np.pi * 200 * seconds)).astype(np.float32)[None]
    pitch = evolve(source.pitch, f0=np.full(101, 200.0), voiced=np.ones(101, bool))
    result = convert(deaf(), random_voice("v2 32k"), Audio(tone, 16_000), pitch)
    for begin in range(1600, 14_400, 1600):
        part = slice(begin, begin + 1600)
        assert level(result[:, part]) == pytest.approx(level(tone[:, part]), abs=1), begin


def test_a_seed_gives_the_same_sound_and_another_another() -> None:
    source, voice = sung(), random_voice("v2 32k")
    one, again, other = (
        convert(deaf(), voice, source.audio, source.pitch, seed=seed) for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, again)
    assert level(other - one) > level(one) - 40


def test_a_voice_without_f0_sings_what_it_hears() -> None:
    source, voice = sung(), random_voice("v2 32k without f0")
    converter = listening()
    one, other = (
        convert(converter, voice, source.audio, source.pitch, key=key) for key in (0.0, 5.0)
    )
    np.testing.assert_array_equal(one, other)
    assert level(one) == pytest.approx(level(source.audio.numpy()), abs=1.5)


def test_a_speaker_is_chosen_of_those_that_there_are() -> None:
    source, voice = sung(), random_voice("v2 32k")
    first, last = (
        convert(deaf(speaker=speaker), voice, source.audio, source.pitch) for speaker in (0, 108)
    )
    assert level(last - first) > level(first) - 30
    with pytest.raises(InputError) as caught:
        convert(deaf(speaker=3), handmade_voice(speakers=3), source.audio, source.pitch)
    assert str(caught.value) == "speaker: 3 is none of the voice's 3; give 0 to 2"


def test_strength_is_the_share_of_the_voice_s_own_timbre() -> None:
    source = sung(seconds=1.5)
    theirs = spectrum(source.audio.numpy()[0])
    distances = []
    for strength in (0.0, 0.5, 1.0):
        result = convert(deaf(), handmade_voice(), source.audio, source.pitch, strength=strength)
        distances.append(float(np.abs(spectrum(result[0]) - theirs)[:24].mean()))
        assert measures.f0_error(result[0], source.f0, 16_000) < 1
    assert distances[0] < 0.4 * distances[2]
    assert distances[0] < distances[1] < distances[2]


def test_formants_move_and_the_melody_does_not() -> None:
    source = sung(seconds=1.5)
    centres = []
    for formant in (-4.0, 0.0, 4.0):
        result = convert(deaf(), handmade_voice(), source.audio, source.pitch, formant=formant)
        assert measures.f0_error(result[0], source.f0, 16_000) < 1
        power = 10 ** (spectrum(result[0])[:12] / 10)  # up to 3 kHz
        centres.append(float(power @ np.arange(1, 13) / power.sum()))
    assert centres[0] < 0.95 * centres[1] < 0.9 * centres[2]


def test_recordings_are_refused() -> None:
    with pytest.raises(InputError) as caught:
        listening(1).learn([])
    assert str(caught.value) == (
        "recordings: rvc/v1 sings in voices that RVC trained and learns none from recordings; make "
        "the voice from its file: `autovoice voices add NAME --rvc FILE`, or choose another "
        "converter"
    )


def test_features_that_are_no_voice_are_refused() -> None:
    sizes = architecture("v2 32k")
    features = features_of(sizes, handmade_arrays(sizes), None)
    remedy = "make the voice again from its files"
    with pytest.raises(InputError) as caught:
        load_voice({**features, "architecture": np.array([3, 32_000, 1, 109])}, "cpu")
    assert str(caught.value) == f"voice: [3, 32000, 1, 109] is no architecture of RVC; {remedy}"
    with pytest.raises(InputError) as caught:
        load_voice({}, "cpu")
    assert str(caught.value) == f"voice: [] is no architecture of RVC; {remedy}"
    with pytest.raises(InputError) as caught:
        load_voice({**features, "index.vectors": np.zeros((9, 256), np.float16)}, "cpu")
    assert str(caught.value) == (
        f"voice: its index has the shape (9, 256), not (vectors, 768); {remedy}"
    )
