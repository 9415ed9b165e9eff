from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fake_separators import Batcher, Guesser, Halver
from hypothesis import given, settings
from hypothesis import strategies as st

from autovoice_core import (
    Audio,
    ContractViolation,
    InputError,
    Need,
    NoBackend,
    Stems,
    VocalSeparator,
)
from autovoice_core.separation import separator
from autovoice_core.synthetic import truth


def separated(monkeypatch: pytest.MonkeyPatch, audio: Audio, window: float) -> Stems:
    monkeypatch.setattr(separator, "WINDOW_SECONDS", window)
    return VocalSeparator().separate(audio)


@pytest.mark.parametrize(("rate", "window"), [(8_000, 4.0), (11_025, 13.0), (22_050, 11.3)])
def test_windows_give_what_the_whole_gives(
    monkeypatch: pytest.MonkeyPatch, rate: int, window: float
) -> None:
    song = truth.song(seconds=36, sample_rate=rate, seed=6).mixture
    whole = separated(monkeypatch, song, 100.0).vocals.numpy()
    parts = separated(monkeypatch, song, window).vocals.numpy()
    error = np.sum((parts - whole) ** 2, dtype=np.float64)
    assert 10 * np.log10(error / np.sum(whole**2, dtype=np.float64) + 1e-20) < -120


@settings(max_examples=25, deadline=None)
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
    engine = VocalSeparator(backend="reference/wrpca")
    mixture = Audio(np.ones((1, 100), np.float32), 8000)
    stems = engine.separate(mixture)
    again = engine.separate(stems.vocals)
    assert stems.vocals.made_by == stems.accompaniment.made_by == (engine.chosen.provenance,)
    assert again.vocals.made_by == (engine.chosen.provenance,) * 2
    assert str(stems.vocals.made_by[0]).startswith(
        "separation: reference/wrpca (reference-backend "
    )


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


def test_silent_stretches_stay_exactly_silent(halver: Halver) -> None:
    halver.spill = np.float32(1e-3)
    samples = np.random.default_rng(0).uniform(-1, 1, (2, 40_000)).astype(np.float32)
    stretches = [(0, 700), (9_700, 10_300), (15_000, 15_500), (39_000, 40_000)]
    for start, stop in (*stretches, (20_000, 20_400)):
        samples[:, start:stop] = 0
    samples[0, 25_000:26_000] = 0
    stems = VocalSeparator().separate(Audio(samples, 10_000))
    vocals, accompaniment = stems.vocals.numpy(), stems.accompaniment.numpy()
    for start, stop in stretches:
        assert not vocals[:, start:stop].any()
        assert not accompaniment[:, start:stop].any()
    # Too short, or silent in one channel only: sound goes through zero without being silence.
    assert vocals[:, 20_000:20_400].all()
    assert vocals[0, 25_000:26_000].all()
    np.testing.assert_allclose(vocals + accompaniment, samples, atol=1e-6)


@pytest.mark.parametrize(
    ("batch", "batches"), [(1, []), (2, [2, 2]), (3, [3, 2]), (7, [6]), (100, [6])]
)
def test_windows_are_handed_over_in_batches_and_give_the_same(
    use: Callable[[Any], None], batch: int, batches: list[int]
) -> None:
    samples = np.random.default_rng(0).uniform(-1, 1, (1, 66_000)).astype(np.float32)
    samples[:, 20_000:46_000] = 0  # the fourth of seven windows needs no backend
    made, alone = Batcher(), Halver()
    found = []
    for each in (made, alone):
        use(each)
        found.append(VocalSeparator(batch=batch).separate(Audio(samples, 10_000)).vocals.numpy())
    assert made.batches == batches
    assert made.seen == alone.seen
    np.testing.assert_array_equal(*found)


def test_a_separator_without_batches_is_given_one_window_after_another(halver: Halver) -> None:
    VocalSeparator(batch=3).separate(Audio(np.ones((1, 35_000), np.float32), 10_000))
    assert halver.seen == [15_500, 21_000, 20_500, 10_500]


@pytest.mark.parametrize(("residual", "vocals"), [("share", 0.3), ("accompaniment", 0.4)])
def test_the_residual_of_independent_stems_is_distributed(
    use: Callable[[Any], None], residual: Any, vocals: float
) -> None:
    use(Guesser())
    mixture = Audio(np.linspace(-1, 1, 35_000, dtype=np.float32)[None], 10_000)
    stems = VocalSeparator(residual=residual).separate(mixture)
    np.testing.assert_allclose(stems.vocals.numpy(), vocals * mixture.numpy(), atol=1e-6)
    total = stems.vocals.numpy() + stems.accompaniment.numpy()
    np.testing.assert_allclose(total, mixture.numpy(), atol=1e-7)


def test_stems_that_do_not_add_up_and_do_not_say_so_break_the_contract(
    use: Callable[[Any], None],
) -> None:
    guesser = Guesser()
    guesser.independent_stems = False
    use(guesser)
    with pytest.raises(ContractViolation) as caught:
        VocalSeparator().separate(Audio(np.ones((1, 100), np.float32), 10_000))
    assert str(caught.value).endswith(
        "broke its contract: the sum of vocals and accompaniment differs from the mixture by 0.2"
    )


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"batch": 0}, "batch: 0 is not a number of windows; give 1 or more"),
        (
            {"residual": "keep"},
            "residual: 'keep' is not a known choice; give 'share' or 'accompaniment'",
        ),
    ],
)
def test_invalid_options_are_refused(options: dict[str, Any], text: str) -> None:
    with pytest.raises(InputError) as caught:
        VocalSeparator(**options)
    assert str(caught.value) == text


def test_many_channels_are_cut_into_shorter_windows(
    halver: Halver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(separator, "WINDOW_SECONDS", 30.0)
    monkeypatch.setattr(separator, "MAX_WINDOW_SAMPLES", 80_000)
    VocalSeparator().separate(Audio(np.ones((8, 100_000), np.float32), 10_000))
    assert max(halver.seen) == 21_000


def test_progress_rises_to_one(halver: Halver) -> None:
    fractions: list[float] = []
    mixture = Audio(np.ones((1, 35_000), np.float32), 10_000)
    VocalSeparator().separate(mixture, progress=fractions.append)
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert len(fractions) == 4


def test_what_progress_raises_cancels_the_work(halver: Halver) -> None:
    class StoppedError(Exception):
        pass

    def stop(fraction: float) -> None:
        raise StoppedError

    mixture = Audio(np.ones((1, 100_000), np.float32), 10_000)
    with pytest.raises(StoppedError):
        VocalSeparator().separate(mixture, progress=stop)
    assert len(halver.seen) == 1


def test_a_path_will_do(song_file: Path, halver: Halver) -> None:
    stems = VocalSeparator().separate(song_file)
    assert stems.vocals.frames == Audio.load(song_file).frames


def test_samples_that_are_not_finite_are_refused() -> None:
    samples = np.zeros((1, 8000), np.float32)
    samples[0, 4000] = np.nan
    with pytest.raises(InputError) as caught:
        VocalSeparator().separate(Audio(samples, 8000))
    assert str(caught.value) == (
        "audio: the sample at 0.500 s is not finite (NaN or infinity); export the audio again"
    )


def test_a_device_that_is_not_there_is_refused() -> None:
    engine = VocalSeparator(need=Need(devices=("abacus",)))
    with pytest.raises(NoBackend, match="no backend serves separation"):
        engine.separate(Audio(np.ones((1, 100), np.float32), 8000))
