"""The tracker around the network: blocks, windows, batches, rates, range, octaves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from small_rmvpe import small_network

from autovoice_core import Audio, PitchFrames
from autovoice_core._frames import frame_centres
from autovoice_core.audio.reading import as_source
from autovoice_core.audio.windows import iter_windows
from autovoice_core.synthetic import truth
from autovoice_rvc import rmvpe
from autovoice_rvc.networks.rmvpe import CLASSES, Rmvpe
from autovoice_rvc.networks.rmvpe_mel import HOP, RATE, log_mel
from autovoice_rvc.networks.rmvpe_pitch import CENTS, FIRST_CENTS, pitch_of_salience
from autovoice_rvc.rmvpe import RmvpeTracker
from autovoice_rvc.rmvpe_octaves import raise_octaves
from autovoice_rvc.settings import RmvpeSettings


class HandMade:
    """A network that hears the classes it is told, ``(class, salience)``, where there is sound."""

    def __init__(self, *heard: tuple[float, float]) -> None:
        self.heard = heard
        self.inputs: list[tuple[int, ...]] = []

    def __call__(self, mel: torch.Tensor) -> torch.Tensor:
        self.inputs.append(tuple(mel.shape))
        classes = torch.arange(CLASSES)
        salience = torch.zeros(CLASSES)
        for centre, most in self.heard:
            salience += most * torch.exp(-((classes - centre) ** 2) / 4)
        sounding = (mel.amax(dim=1) > -6).float()
        return sounding[..., None] * salience


def class_of(f0: float) -> float:
    return float((1200 * np.log2(f0 / 10) - FIRST_CENTS) / CENTS)


def tone(f0: float, seconds: float = 1.0, rate: int = RATE) -> Audio:
    return truth.tone(np.full(int(seconds * rate), f0), rate)


def every_frame(audio: Audio) -> NDArray[np.int64]:
    return frame_centres(audio.frames, audio.sample_rate, 0.01)


def arrays(frames: PitchFrames) -> list[NDArray[np.float64]]:
    return [np.asarray(x) for x in (frames.f0, frames.voiced, frames.confidence)]


def assert_equal(one: Sequence[NDArray[np.float64]], other: Sequence[NDArray[np.float64]]) -> None:
    np.testing.assert_array_equal(one[1], other[1])
    np.testing.assert_allclose(other[0], one[0], rtol=1e-6)
    np.testing.assert_allclose(other[2], one[2], atol=1e-5)


@pytest.fixture(scope="module")
def network() -> Rmvpe:
    return small_network()


@pytest.fixture(scope="module")
def sung() -> Audio:
    return truth.sing(truth.ALTO, 14, RATE, seed=8).audio


def test_a_song_of_one_block_is_tracked_as_the_authors_program_does(
    network: Rmvpe, sung: Audio
) -> None:
    samples = sung.numpy()[:, : rmvpe.BLOCK_FRAMES * HOP - HOP]
    with torch.inference_mode():
        f0, certainty = pitch_of_salience(network(log_mel(torch.from_numpy(samples))), -1.0)
    expected = raise_octaves(samples[0], f0[0].numpy())
    audio = Audio(samples, RATE)
    found = RmvpeTracker(network, fmin=30, fmax=2010).estimate(audio, every_frame(audio))
    np.testing.assert_allclose(np.asarray(found.f0), expected, rtol=1e-6)
    np.testing.assert_allclose(np.asarray(found.confidence), certainty[0].numpy(), atol=1e-6)


def test_the_margin_makes_blocks_nearly_the_whole(network: Rmvpe, sung: Audio) -> None:
    mel = log_mel(torch.from_numpy(sung.numpy()))
    with torch.inference_mode():
        whole = network(mel)[0]
        start, stop = rmvpe.BLOCK_FRAMES, 2 * rmvpe.BLOCK_FRAMES

        def error(margin: int) -> float:
            salience = network(mel[:, :, start - margin : stop + margin])[0, margin:-margin]
            return float((salience - whole[start:stop]).square().mean().sqrt())

    spread = float(whole.std(dim=0).mean())
    assert error(rmvpe.MARGIN_FRAMES) < 0.03 * spread < error(32)


@pytest.mark.parametrize("rate", [RATE, 11_025])
def test_windows_give_what_the_whole_gives(network: Rmvpe, rate: int) -> None:
    audio = truth.sing(truth.TENOR, 24, rate, seed=2).audio
    tracker = RmvpeTracker(network)
    centres = every_frame(audio)
    whole = arrays(tracker.estimate(audio, centres))
    count = 0
    for window in iter_windows(
        as_source(audio),
        core=5 * rate,
        context=int(np.ceil(tracker.context * rate)),
        grid=tracker.grid(rate),
    ):
        begin, end = window.core.start, window.core.stop + window.last
        inside = (centres >= begin) & (centres < end)
        found = tracker.estimate(window.audio, centres[inside] - window.start)
        assert_equal([values[inside] for values in whole], arrays(found))
        count += 1
    assert count > 2


def test_clips_in_a_batch_are_tracked_as_alone(network: Rmvpe, sung: Audio) -> None:
    lengths = [1, 480, 16_000, 16_000, 100_000, 0, 200_000]
    clips = [Audio(sung.numpy()[:, 1000 * i :][:, :n], RATE) for i, n in enumerate(lengths)]
    tracker = RmvpeTracker(network)
    tracker._blocks_per_run = 3
    together = tracker.estimate_batch(clips, [every_frame(clip) for clip in clips])
    for clip, found in zip(clips, together, strict=True):
        alone = RmvpeTracker(network).estimate(clip, every_frame(clip))
        assert len(np.asarray(found.f0)) == len(every_frame(clip))
        assert_equal(arrays(alone), arrays(found))


def test_blocks_of_clips_go_through_together() -> None:
    heard = HandMade((class_of(220), 0.9))
    tracker = RmvpeTracker(heard)
    tracker._blocks_per_run = 4
    clips = [tone(220, seconds) for seconds in (1, 2, 1, 1)]
    tracker.estimate_batch(clips, [every_frame(clip) for clip in clips])
    assert sorted(heard.inputs) == [(1, 128, 201), (3, 128, 101)]


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100, 96_000])
@pytest.mark.parametrize("f0", [55.0, 220.0, 987.0])
def test_the_pitch_heard_is_reported_where_it_sounds(f0: float, rate: int) -> None:
    audio = Audio(np.pad(tone(f0, 0.5, rate).numpy(), ((0, 0), (rate // 2, rate // 2))), rate)
    found = RmvpeTracker(HandMade((class_of(f0), 0.9))).estimate(audio, every_frame(audio))
    pitch, voiced, confidence = arrays(found)
    assert voiced[55:95].all()
    assert not voiced[:45].any()
    assert not voiced[105:].any()
    np.testing.assert_allclose(pitch[55:95], f0, rtol=1e-3)
    np.testing.assert_allclose(confidence[55:95], 0.9, atol=0.05)
    assert not pitch[~voiced.astype(bool)].any()


def test_the_threshold_decides_what_is_voiced() -> None:
    audio = tone(220)
    heard = HandMade((class_of(220), 0.2))
    for threshold, expected in ((0.03, True), (0.19, True), (0.21, False)):
        tracker = RmvpeTracker(heard, settings=RmvpeSettings(threshold=threshold))
        assert bool(np.all(tracker.estimate(audio, every_frame(audio)).voiced)) is expected
    assert RmvpeSettings().threshold == 0.03


def test_only_the_range_asked_for_is_looked_in() -> None:
    audio = tone(200)
    heard = HandMade((class_of(200), 0.9), (class_of(400), 0.5))
    for fmin, fmax, expected in ((40, 2000, 200), (300, 2000, 400), (40, 300, 200), (500, 2000, 0)):
        f0 = np.asarray(
            RmvpeTracker(heard, fmin=fmin, fmax=fmax).estimate(audio, every_frame(audio)).f0
        )
        np.testing.assert_allclose(f0, expected, rtol=1e-3)


def test_a_note_that_the_network_hears_an_octave_low_is_raised_within_the_range() -> None:
    low = HandMade((class_of(600), 0.9))
    for f0, fmax, expected in ((1200, 2000, 1200), (600, 2000, 600), (1200, 1100, 600)):
        audio = tone(f0, rate=44_100)
        found = RmvpeTracker(low, fmax=fmax).estimate(audio, every_frame(audio))
        np.testing.assert_allclose(np.asarray(found.f0), expected, rtol=1e-3)


def test_frames_between_those_of_the_network_are_interpolated() -> None:
    audio = tone(220)
    positions = np.array([0, 33, 4000, 4001, 7777, audio.frames])
    found = RmvpeTracker(HandMade((class_of(220), 0.9))).estimate(audio, positions)
    np.testing.assert_allclose(np.asarray(found.f0), 220, rtol=1e-3)


def test_the_grid_is_whole_blocks() -> None:
    tracker = RmvpeTracker(HandMade())
    for rate in (8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 7_919):
        blocks = tracker.grid(rate) * RATE / (rate * HOP * rmvpe.BLOCK_FRAMES)
        assert blocks == int(blocks)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_gpu_finds_what_the_cpu_finds(sung: Audio) -> None:
    centres = every_frame(sung)
    one, other = (
        arrays(RmvpeTracker(small_network().to(device), device).estimate(sung, centres))
        for device in ("cpu", "cuda")
    )
    assert np.mean(np.abs(other[0] / one[0] - 1) < 1e-4) > 0.99
    np.testing.assert_allclose(other[2], one[2], atol=1e-3)
