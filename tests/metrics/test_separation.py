from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mir_eval.separation import bss_eval_sources

from autovoice_core import Audio, InputError
from autovoice_core.metrics import compute_metrics, separation
from autovoice_core.metrics.separation import SeparationMetrics, compute_separation_metrics
from autovoice_core.synthetic.truth import Song

RATE = 8000
NAMES = ("vocals", "accompaniment")


def noise(seed: int, channels: int = 1, frames: int = 2 * RATE) -> np.ndarray[Any, Any]:
    samples = 0.1 * np.random.default_rng(seed).standard_normal((channels, frames))
    return samples.astype(np.float32)


def stems(*samples: np.ndarray[Any, Any]) -> dict[str, Audio]:
    return {name: Audio(part, RATE) for name, part in zip(NAMES, samples, strict=True)}


def test_interference_is_told_from_artifacts() -> None:
    voice, band, noise_of_its_own = noise(0), noise(1), noise(2)
    found = compute_separation_metrics(
        stems(voice, band),
        stems(voice + np.float32(0.1) * band, band + np.float32(0.01) * noise_of_its_own),
    )
    leaking, noisy = found["vocals"], found["accompaniment"]
    # The filters take up a little of whatever there is, as 512 taps of 16,000 samples can.
    assert leaking.sir == pytest.approx(20, abs=0.5)
    assert leaking.sar is not None
    assert leaking.sar > 100
    assert noisy.sar == pytest.approx(40, abs=0.5)
    assert noisy.sir is not None
    assert noisy.sir > 50


def test_a_song_with_one_channel_inverted_has_the_figures_of_the_song() -> None:
    voice, band = noise(0), noise(1)
    leaking = voice + np.float32(0.1) * band
    turn = np.array([[1], [-1]], np.float32)
    mono, stereo = (
        compute_separation_metrics(
            stems(turn[:channels] * voice, turn[:channels] * band),
            stems(turn[:channels] * leaking, turn[:channels] * band),
        )
        for channels in (1, 2)
    )
    assert mono["vocals"].sir is not None
    assert stereo["vocals"].sir == pytest.approx(mono["vocals"].sir, abs=1)


def test_distortion_ratios_are_those_of_compute_metrics(short_song: Song) -> None:
    true = {"vocals": short_song.stems.vocals, "accompaniment": short_song.stems.accompaniment}
    found = compute_separation_metrics(true, dict.fromkeys(NAMES, short_song.mixture))
    one = compute_metrics(short_song.stems.vocals, short_song.mixture)
    assert (found["vocals"].sdr, found["vocals"].si_sdr) == (one.sdr, one.si_sdr)


def test_long_sounds_are_measured_in_equal_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(separation, "MAX_WINDOW_FRAMES", 3000)
    voice, band = noise(0, 2, 8000), noise(1, 2, 8000)
    dirt = np.float32(0.1) * noise(2, 2, 8000)
    estimates = (voice + np.float32(0.2) * band + dirt, band + dirt)
    done: list[float] = []
    found = compute_separation_metrics(stems(voice, band), stems(*estimates), progress=done.append)
    assert done == [1 / 3, 2 / 3, 1.0]
    with pytest.warns(FutureWarning, match="Deprecated as of mir_eval"):
        windows = [
            bss_eval_sources(
                np.stack([part[:, i : i + 2667].mean(axis=0) for part in (voice, band)]),
                np.stack([part[:, i : i + 2667].mean(axis=0) for part in estimates]),
                compute_permutation=False,
            )
            for i in (0, 2667, 5334)
        ]
    for stem, name in enumerate(NAMES):
        assert found[name].sir == pytest.approx(np.median([w[1][stem] for w in windows]), abs=1e-3)
        assert found[name].sar == pytest.approx(np.median([w[2][stem] for w in windows]), abs=1e-3)


def test_a_window_in_which_a_stem_is_silent_does_not_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(separation, "MAX_WINDOW_FRAMES", 4000)
    voice, band = noise(0, 1, 8000), noise(1, 1, 8000)
    mix = voice + band
    whole = compute_separation_metrics(
        stems(voice[:, :4000], band[:, :4000]), stems(mix[:, :4000], mix[:, :4000])
    )
    voice[:, 4000:] = 0
    found = compute_separation_metrics(stems(voice, band), stems(mix, mix))
    assert found["vocals"].sir == pytest.approx(whole["vocals"].sir)


@pytest.mark.parametrize("frames", [1, 512, 4000])
def test_where_nothing_can_be_said_nothing_is(frames: int) -> None:
    silence = np.zeros((1, frames), np.float32)
    found = compute_separation_metrics(stems(silence, silence), stems(silence, silence))
    assert found["vocals"] == SeparationMetrics(None, None, None, None)


def test_figures_for_json_are_finite() -> None:
    figures = SeparationMetrics(math.inf, 3.0, None, -math.inf)
    assert figures.as_dict() == {"sdr": None, "si_sdr": 3.0, "sir": None, "sar": None}


def refusal(references: dict[str, Any], estimates: dict[str, Any]) -> str:
    with pytest.raises(InputError) as caught:
        compute_separation_metrics(references, estimates)
    return str(caught.value)


def test_stems_without_their_likes_are_refused() -> None:
    both = stems(noise(0), noise(1))
    one = {"vocals": both["vocals"]}
    text = "estimates: {} are not two or more of the same stems as the references {}; "
    advice = "give one estimate for each reference"
    assert refusal(both, one) == text.format("vocals", "vocals, accompaniment") + advice
    assert refusal({}, {}) == text.format("(none)", "(none)") + advice


def test_another_rate_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "band.wav"
    Audio(noise(1), 16_000).save(path)
    both = stems(noise(0), noise(1))
    assert refusal({**both, "accompaniment": path}, both) == (
        f"{path}: its rate of 16000 Hz is not the 8000 Hz of references['vocals']; "
        "resample it first"
    )


def test_another_length_or_number_of_channels_is_refused() -> None:
    both = stems(noise(0), noise(1))
    assert refusal(both, {**both, "vocals": Audio(noise(0, 2)[:, 1:], RATE)}) == (
        "estimates['vocals']: its (channels, frames) are (2, 15999), not the (1, 16000) of "
        "references['vocals']; cut both to the same stretch and channels"
    )


def test_a_missing_package_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mir_eval.separation", None)
    both = stems(noise(0), noise(1))
    assert refusal(both, both) == (
        "comparing with true stems needs mir_eval; install it with "
        "`pip install 'autovoice-core[bss]'`"
    )
