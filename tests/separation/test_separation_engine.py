from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autovoice_core import Audio, InputError, Need, NoBackend, Stems, VocalSeparator, separation
from autovoice_core.testing import truth


def separated(monkeypatch: pytest.MonkeyPatch, audio: Audio, window: float) -> Stems:
    monkeypatch.setattr(separation, "WINDOW", window)
    return VocalSeparator().separate(audio)


class Halver:
    """Takes half of the mixture for the voice, a little more in each window."""

    context = 0.5

    def __init__(self) -> None:
        self.seen: list[int] = []

    def grid(self, sample_rate: int) -> int:
        return 100

    def separate(self, mixture: Audio) -> Stems:
        self.seen.append(mixture.frames)
        share = np.float32(0.5 + 0.1 * (len(self.seen) % 2))
        vocals = share * mixture.numpy()
        rest = mixture.numpy() - vocals
        return Stems(Audio(vocals, mixture.sample_rate), Audio(rest, mixture.sample_rate))


@pytest.fixture
def halver(monkeypatch: pytest.MonkeyPatch) -> Halver:
    made = Halver()
    monkeypatch.setattr("autovoice_cpu.separation.open_repet", lambda *, device, dtype: made)
    monkeypatch.setattr(separation, "WINDOW", 1.0)
    return made


@pytest.mark.parametrize(("rate", "window"), [(8_000, 4.0), (11_025, 13.0), (22_050, 11.3)])
def test_windows_give_what_the_whole_gives(
    monkeypatch: pytest.MonkeyPatch, rate: int, window: float
) -> None:
    song = truth.song(seconds=36, sample_rate=rate, seed=6).mixture
    whole = separated(monkeypatch, song, 100.0).vocals.numpy()
    parts = separated(monkeypatch, song, window).vocals.numpy()
    error = np.sum((parts - whole) ** 2, dtype=np.float64)
    assert 10 * np.log10(error / np.sum(whole**2, dtype=np.float64) + 1e-20) < -120


@settings(max_examples=25)
@given(
    rate=st.sampled_from([8_000, 44_100, 192_000]),
    channels=st.integers(1, 8),
    frames=st.one_of(st.integers(0, 2), st.integers(0, 4000)),
)
def test_any_rate_length_and_number_of_channels(rate: int, channels: int, frames: int) -> None:
    rng = np.random.default_rng(frames)
    mixture = Audio(rng.uniform(-1, 1, (channels, frames)).astype(np.float32), rate)
    stems = VocalSeparator().separate(mixture)
    assert stems.vocals.sample_rate == rate
    assert stems.vocals.numpy().shape == (channels, frames)
    total = stems.vocals.numpy() + stems.accompaniment.numpy()
    np.testing.assert_allclose(total, mixture.numpy(), atol=1e-6)


def test_results_say_what_made_them() -> None:
    separator = VocalSeparator(backend="cpu/repet")
    mixture = Audio(np.ones((1, 100), np.float32), 8000)
    stems = separator.separate(mixture)
    again = separator.separate(stems.vocals)
    assert stems.vocals.made_by == stems.accompaniment.made_by == (separator.chosen.provenance,)
    assert again.vocals.made_by == (separator.chosen.provenance,) * 2
    assert str(stems.vocals.made_by[0]).startswith("separation: cpu/repet (autovoice-cpu ")


def test_blocks_cover_the_source_in_order(halver: Halver) -> None:
    mixture = Audio(np.linspace(0, 1, 35_000, dtype=np.float32)[None], 10_000)
    blocks = list(VocalSeparator().separate_blocks(mixture))
    assert [block.vocals.frames for block in blocks] == [10_000, 10_000, 10_000, 5_000]
    assert halver.seen == [15_500, 21_000, 20_500, 10_500]
    total = [block.vocals.numpy() + block.accompaniment.numpy() for block in blocks]
    np.testing.assert_allclose(np.concatenate(total, axis=1), mixture.numpy(), atol=1e-6)


def test_windows_that_disagree_are_joined_without_a_jump(halver: Halver) -> None:
    stems = VocalSeparator().separate(Audio(np.ones((1, 35_000), np.float32), 10_000))
    vocals = stems.vocals.numpy()[0]
    assert np.ptp(vocals) > 0.09
    assert np.abs(np.diff(vocals)).max() < 0.001


def test_silent_windows_are_not_given_to_the_backend(halver: Halver) -> None:
    samples = np.zeros((2, 60_000), np.float32)
    samples[:, :4_000] = 0.5
    stems = VocalSeparator().separate(Audio(samples, 10_000))
    assert len(halver.seen) == 1
    assert not stems.vocals.numpy()[:, 11_000:].any()
    assert not stems.accompaniment.numpy()[:, 11_000:].any()


def test_many_channels_are_cut_into_shorter_windows(
    halver: Halver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(separation, "WINDOW", 30.0)
    monkeypatch.setattr(separation, "SAMPLES", 80_000)
    VocalSeparator().separate(Audio(np.ones((8, 100_000), np.float32), 10_000))
    assert max(halver.seen) == 21_000


def test_progress_rises_to_one(halver: Halver) -> None:
    told: list[float] = []
    mixture = Audio(np.ones((1, 35_000), np.float32), 10_000)
    VocalSeparator().separate(mixture, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert len(told) == 4


def test_what_progress_raises_cancels_the_work(halver: Halver) -> None:
    class StoppedError(Exception):
        pass

    def stop(fraction: float) -> None:
        raise StoppedError

    mixture = Audio(np.ones((1, 100_000), np.float32), 10_000)
    with pytest.raises(StoppedError):
        VocalSeparator().separate(mixture, progress=stop)
    assert len(halver.seen) == 1


def test_a_path_will_do(song_file: Path) -> None:
    stems = VocalSeparator().separate(song_file)
    assert stems.vocals.frames == Audio.load(song_file).frames


def test_samples_that_are_not_finite_are_refused() -> None:
    samples = np.zeros((1, 8000), np.float32)
    samples[0, 4000] = np.nan
    with pytest.raises(InputError) as caught:
        VocalSeparator().separate(Audio(samples, 8000))
    assert str(caught.value) == (
        "audio: the sample at 0.500 s is not finite (NaN or infinity); "
        "export the audio again from where it came from"
    )


def test_a_device_that_is_not_there_is_refused() -> None:
    separator = VocalSeparator(need=Need(devices=("abacus",)))
    with pytest.raises(NoBackend, match="no backend serves separation"):
        separator.separate(Audio(np.ones((1, 100), np.float32), 8000))
