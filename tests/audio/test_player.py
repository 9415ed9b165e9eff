"""Players of sound in notebooks."""

from __future__ import annotations

import base64
import io
import re
from html import unescape
from pathlib import Path

import numpy as np
import pytest
import soundfile

from autovoice_core import Audio, Provenance
from autovoice_core.audio.player import player
from autovoice_core.testing.fake_device import FakeDevice

RATE = 8000
CAPTION = re.compile("<figcaption>(.*)</figcaption>")


def noise(channels: int = 1, seconds: float = 1.0, level: float = 0.5) -> Audio:
    samples = np.random.default_rng(1).uniform(-level, level, (channels, round(seconds * RATE)))
    return Audio(samples, RATE)


def caption(html: str) -> list[str]:
    (found,) = CAPTION.findall(html)
    return [unescape(line) for line in found.split("<br>")]


def played(html: str) -> np.ndarray:
    (address,) = re.findall('src="data:audio/mpeg;base64,([^"]+)"', html)
    return soundfile.read(io.BytesIO(base64.b64decode(address)), always_2d=True)[0]


def test_a_sound_shows_a_player_and_what_it_is() -> None:
    html = noise(2)._repr_html_()
    assert html.startswith('<figure><audio controls preload="metadata" src="data:audio/mpeg;')
    assert played(html).shape == (RATE, 2)
    assert caption(html) == ["2 channels, 1.00 s at 8000 Hz"]


def test_a_sound_shows_what_made_it() -> None:
    made = Provenance("separation", "acme/<b>", "acme 1", "cpu", "float32")
    html = Audio(noise().samples, RATE, (made,))._repr_html_()
    assert "acme/&lt;b&gt; (acme 1)" in html
    assert caption(html)[1] == str(made)


def test_of_a_long_sound_the_first_two_minutes_are_played() -> None:
    html = noise(seconds=200)._repr_html_()
    assert len(played(html)) == 120 * RATE
    assert caption(html) == [
        "1 channel, 200.00 s at 8000 Hz",
        "The player has the first 120 s; audio[120:240] of a sound in memory has the next.",
    ]


def test_more_than_two_channels_are_played_as_one() -> None:
    html = noise(6)._repr_html_()
    assert played(html).shape == (RATE, 1)
    expected = ["6 channels, 1.00 s at 8000 Hz", "The player has its channels mixed to one."]
    assert caption(html) == expected


def test_a_sound_over_full_scale_is_played_softer_and_not_distorted() -> None:
    time = np.arange(RATE) / RATE
    tone = Audio(4 * np.sin(2 * np.pi * 440 * time), RATE)
    html = tone._repr_html_()
    assert caption(html)[1] == "It is over full scale, and played 12.0 dB softer."
    spectrum = np.abs(np.fft.rfft(played(html)[:, 0] * np.hanning(RATE)))
    assert spectrum[1320] < 0.01 * spectrum[440]


def test_an_empty_sound_has_no_player() -> None:
    html = Audio(np.zeros((2, 0)), RATE)._repr_html_()
    assert "<audio" not in html
    assert caption(html) == ["2 channels, 0.00 s at 8000 Hz", "There is nothing to play."]


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_sound_that_is_not_finite_shows_where(value: float) -> None:
    samples = np.zeros(RATE)
    samples[2000] = value
    html = Audio(samples, RATE)._repr_html_()
    assert "<audio" not in html
    reason = "audio: the sample at 0.250 s is not finite (NaN or infinity); export the audio again"
    assert caption(html) == [reason]


def test_of_a_sound_on_a_device_only_what_is_played_is_copied(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("autovoice_core.audio.player.MAX_SECONDS", 0.5)
    device = FakeDevice()
    samples = device.asarray(noise(2).numpy(), device=device.name)
    html = Audio(samples, RATE)._repr_html_()
    assert played(html).shape == (RATE // 2, 2)
    assert set(device.fetched) == {(2, RATE // 2)}
    assert caption(html)[0] == "2 channels, 1.00 s at 8000 Hz on cuda"


def test_a_file_shows_a_player_under_its_title(tmp_path: Path) -> None:
    noise().save(tmp_path / "noise.wav")
    html = player(tmp_path / "noise.wav", "<img src=x>")
    assert "<img" not in html
    assert caption(html)[0] == "<strong><img src=x></strong>"
    assert len(played(html)) == RATE


def test_a_file_that_is_gone_shows_the_reason(tmp_path: Path) -> None:
    html = player(tmp_path / "gone.wav")
    assert "<audio" not in html
    assert caption(html)[0].startswith(f"{tmp_path / 'gone.wav'}: ")
