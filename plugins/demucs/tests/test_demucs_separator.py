from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
import torch
from demucs_files import small
from numpy.typing import NDArray

from autovoice_core import Audio
from autovoice_core.separation import segmented
from autovoice_core.separation.segments import segment_starts
from autovoice_demucs import separator
from autovoice_demucs.separator import Demucs
from autovoice_demucs.settings import DemucsSettings

RATE = 44_100


def noise(seconds: float, channels: int = 2, rate: int = RATE, seed: int = 0) -> Audio:
    rng = np.random.default_rng(seed)
    samples = rng.standard_normal((channels, round(seconds * rate))) * 0.1
    return Audio(samples.astype(np.float32), rate)


def stack(stems: Any) -> NDArray[np.float32]:
    return np.stack([stems.vocals.numpy(), stems.accompaniment.numpy()])


def level(samples: NDArray[Any]) -> float:
    return 10 * float(np.log10(np.mean(np.square(samples, dtype=np.float64)) + 1e-30))


def test_one_segment_is_what_the_network_makes_of_it() -> None:
    network = small()
    mixture = noise(1.3)
    samples = mixture.numpy()
    scale = samples.std()
    with torch.inference_mode():
        sources = network(torch.from_numpy(samples / scale)[None])[0].numpy() * scale
    stems = Demucs(network).separate(mixture)
    np.testing.assert_allclose(stems.vocals.numpy(), sources[3], atol=1e-6)
    np.testing.assert_allclose(stems.accompaniment.numpy(), sources[:3].sum(axis=0), atol=1e-6)
    assert level(stems.vocals.numpy()) > -60


def test_the_overlap_sets_how_far_apart_segments_begin() -> None:
    network = small()
    network.segment = 7.8
    found = [Demucs(network, settings=DemucsSettings(overlap=part)) for part in (0.1, 0.5, 0.85)]
    assert [each.grid(RATE) / RATE for each in found] == [7, 3, 1]
    assert Demucs(network).grid(RATE) / RATE == 6


@pytest.mark.parametrize("rate", [8000, 44_100, 48_000])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("frames", [0, 1, 20_001])
def test_any_rate_and_any_channels_come_out_as_they_went_in(
    rate: int, channels: int, frames: int
) -> None:
    mixture = noise(frames / rate, channels, rate)
    found = stack(Demucs(small()).separate(mixture))
    assert found.shape == (2, channels, frames)
    assert np.isfinite(found).all()


def test_one_channel_is_heard_as_both() -> None:
    network, mono = small(), noise(1, 1)
    samples = np.repeat(mono.numpy(), 2, axis=0)
    scale = samples.std()
    with torch.inference_mode():
        sources = network(torch.from_numpy(samples / scale)[None])[0].numpy() * scale
    vocals = Demucs(network).separate(mono).vocals.numpy()
    np.testing.assert_allclose(vocals, sources[3].mean(axis=0, keepdims=True), atol=1e-6)


@pytest.mark.parametrize("channels", [2, 5])
def test_what_is_mono_stays_it_in_any_number_of_channels(channels: int) -> None:
    demucs, mono = Demucs(small()), noise(2, 1)
    expected = stack(demucs.separate(mono))
    equal = Audio(np.repeat(mono.numpy(), channels, axis=0), RATE)
    np.testing.assert_array_equal(
        stack(demucs.separate(equal)), np.repeat(expected, channels, axis=1)
    )
    for place in range(channels):
        samples = np.zeros((channels, mono.frames), np.float32)
        samples[place] = mono.numpy()[0]
        found = stack(demucs.separate(Audio(samples, RATE)))
        np.testing.assert_allclose(found[:, place], expected[:, 0], rtol=1e-3, atol=1e-5)
        assert not np.delete(found, place, axis=1).any()


def test_every_pair_of_channels_is_separated_alone() -> None:
    demucs = Demucs(small())
    front, back = noise(1, seed=1), noise(1, seed=2)
    all_of_them = Audio(np.concatenate([front.numpy(), back.numpy()]), RATE)
    expected = np.concatenate([stack(demucs.separate(x)) for x in (front, back)], axis=1)
    np.testing.assert_array_equal(stack(demucs.separate(all_of_them)), expected)


def test_a_stretch_far_from_the_edges_does_not_depend_on_what_lies_beyond_its_context() -> None:
    demucs = Demucs(small())
    song = noise(9)
    whole = stack(demucs.separate(song))
    grid = demucs.grid(RATE)
    assert grid == RATE
    context = int(demucs.context * RATE)
    start, stop = 2 * grid, 8 * grid
    window = stack(demucs.separate(Audio(song.numpy()[:, start:stop], RATE)))
    inner = slice(context, stop - start - context)
    difference = window[..., inner] - whole[..., start:stop][..., inner]
    assert level(difference) < level(whole) - 100


def test_silence_is_silent_and_is_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    demucs = Demucs(small())

    def forward(*_: Any) -> None:
        pytest.fail("the network was run")

    monkeypatch.setattr(demucs, "_forward", forward)
    silence = Audio(np.zeros((2, 3 * RATE), np.float32), RATE)
    assert not stack(demucs.separate(silence)).any()


@pytest.mark.parametrize("gain", [1e-4, 100])
def test_the_level_of_the_mixture_does_not_matter(gain: float) -> None:
    demucs = Demucs(small())
    mixture = noise(1)
    scaled = Audio(np.float32(gain) * mixture.numpy(), RATE)
    found = stack(demucs.separate(scaled)) / gain
    expected = stack(demucs.separate(mixture))
    assert level(found - expected) < level(expected) - 60


def test_a_network_for_vocals_alone_leaves_the_rest_to_the_accompaniment() -> None:
    mixture = noise(2)
    general, special = Demucs(small()), Demucs(small(), vocals_only=True)
    assert (general.independent_stems, special.independent_stems) == (True, False)
    stems = special.separate(mixture)
    np.testing.assert_array_equal(stems.vocals.numpy(), general.separate(mixture).vocals.numpy())
    np.testing.assert_array_equal(
        stems.accompaniment.numpy(), mixture.numpy() - stems.vocals.numpy()
    )


@pytest.mark.parametrize("at_once", [1, 3])
def test_many_mixtures_at_once_are_separated_as_one_by_one(
    monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setitem(separator.BATCH_SEGMENTS, "cpu", at_once)
    mixtures = [noise(seconds, seed=i) for i, seconds in enumerate((2.5, 0.1, 4.0))]
    found = Demucs(small()).separate_batch(mixtures)
    for mixture, stems in zip(mixtures, found, strict=True):
        alone = stack(Demucs(small()).separate(mixture))
        assert level(stack(stems) - alone) < level(alone) - 100


def test_a_segment_that_two_windows_share_is_run_once(monkeypatch: pytest.MonkeyPatch) -> None:
    demucs = Demucs(small())
    run: list[int] = []
    forward = demucs._forward
    monkeypatch.setattr(
        demucs, "_forward", lambda pieces: run.append(len(pieces)) or forward(pieces)
    )
    song = noise(8.3).numpy()
    first = demucs.separate(Audio(song[:, : 5 * RATE], RATE))
    before = sum(run)
    demucs.separate(Audio(song[:, 2 * RATE :], RATE))
    expected = len(segment_starts(song.shape[1] - 2 * RATE, int(1.3 * RATE), RATE))
    # Those that begin at 2 and 3 s lie in both windows; the one at 4 s is cut by the first.
    assert sum(run) - before == expected - 2
    again = demucs.separate(Audio(song[:, : 5 * RATE], RATE))
    np.testing.assert_array_equal(stack(again), stack(first))
    assert len(demucs._cache) <= segmented.CACHED_SEGMENTS


def test_threads_may_share_a_separator() -> None:
    demucs = Demucs(small())
    songs = [noise(3, seed=i) for i in range(3)]
    expected = [stack(Demucs(small()).separate(song)) for song in songs]
    found: dict[int, Any] = {}
    threads = [
        threading.Thread(target=lambda i=i: found.update({i: stack(demucs.separate(songs[i]))}))
        for i in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for i, stems in enumerate(expected):
        np.testing.assert_allclose(found[i], stems, atol=1e-6)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA")
def test_cuda_gives_what_the_processor_gives_and_keeps_it_there() -> None:
    mixture = noise(5)
    stems = Demucs(small(), "cuda").separate(mixture)
    assert stems.vocals.samples.__dlpack_device__()[0] == 2
    expected = stack(Demucs(small()).separate(mixture))
    assert level(stack(stems) - expected) < level(expected) - 80
