"""Words of a song, read in blocks before it is sung, with the voice's index."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from attrs import evolve
from numpy.typing import NDArray
from rvc_runs import Samples, deaf, level, random_voice
from toy_rvc import architecture

from autovoice_core import Audio, PitchTrack
from autovoice_rvc.conversion.blocks import BLOCK_SECONDS, CONTEXT_SECONDS, SongBlocks
from autovoice_rvc.conversion.converter import DEFAULTS
from autovoice_rvc.conversion.index_search import IndexSearch
from autovoice_rvc.conversion.latents import Latents
from autovoice_rvc.conversion.noise import noise_at
from autovoice_rvc.conversion.words import WordReader

FRAMES = 40
VOICED = np.arange(FRAMES) < 22
F0 = np.where(VOICED, 200.0, 0.0).astype(np.float32)


def nearest_mean(queries: NDArray[Any], vectors: NDArray[Any]) -> NDArray[np.float64]:
    """Return what the search finds, by the plainest way in float64."""
    queries, vectors = queries.astype(np.float64), vectors.astype(np.float64)
    found = []
    for query in queries:
        distances = np.square(query - vectors).sum(axis=1)
        near = np.argsort(distances)[:8]
        weights = 1 / distances[near] ** 2
        found.append(weights @ vectors[near] / weights.sum())
    return np.array(found)


@pytest.mark.parametrize("count", [3, 8, 500, 20_000])
def test_the_search_finds_the_nearest_of_all(count: int) -> None:
    generator = np.random.default_rng(count)
    vectors = generator.standard_normal((count, 24)).astype(np.float16)
    queries = (5 * generator.standard_normal(24) + generator.standard_normal((30, 24))) / 5
    queries = queries.astype(np.float32)
    found = IndexSearch(vectors, "cpu").nearest_mean(torch.from_numpy(queries)[None])
    assert found.shape == (1, 30, 24)
    np.testing.assert_allclose(found[0], nearest_mean(queries, vectors), atol=1e-4)


def test_a_vector_of_the_index_is_found_itself() -> None:
    vectors = np.random.default_rng(0).standard_normal((9000, 24)).astype(np.float16)
    wanted = torch.from_numpy(vectors[[0, 8191, 8192, 8999]].astype(np.float32))
    found = IndexSearch(vectors, "cpu").nearest_mean(wanted[None])
    np.testing.assert_allclose(found[0], wanted, atol=1e-5)


def content() -> Samples:
    """Return what the network of :func:`read` hears in everything, 50 frames a second."""
    return np.random.default_rng(5).standard_normal((19, 768)).astype(np.float32)


def vectors() -> NDArray[np.float16]:
    return np.random.default_rng(6).standard_normal((50, 768)).astype(np.float16)


def read(index: NDArray[np.float16] | None, **settings: Any) -> Samples:
    """Return the content that the text encoder is given, ``(frames, 768)``."""
    synthesiser = SimpleNamespace(enc_p=lambda heard, pitch: (heard.transpose(1, 2),))
    voice: Any = SimpleNamespace(
        architecture=architecture("v2 32k"), synthesiser=synthesiser, vectors=index
    )

    def network(samples: torch.Tensor, *, version: int) -> torch.Tensor:
        return torch.from_numpy(content())[None]

    hearing: Any = network
    words = WordReader(hearing, voice, evolve(DEFAULTS, **settings), "cpu")
    return words.latents(torch.zeros(160 * FRAMES), F0).numpy().T


def test_content_lasts_two_frames_and_the_last_as_long_as_need_be() -> None:
    index = np.minimum(np.arange(FRAMES) // 2, 18)
    np.testing.assert_array_equal(read(None), content()[index])


def test_an_index_of_no_share_is_none() -> None:
    np.testing.assert_array_equal(read(vectors(), index_rate=0.0), read(None))


@pytest.mark.parametrize("protect", [0.0, 0.2, 0.5])
def test_the_index_has_its_share_and_unvoiced_frames_less(protect: float) -> None:
    heard = read(None)
    near = nearest_mean(content(), vectors())[np.minimum(np.arange(FRAMES) // 2, 18)]
    blended = 0.6 * near + 0.4 * heard
    share = np.where(VOICED, 1.0, 1.0 if protect == 0.5 else protect)[:, None]
    expected = share * blended + (1 - share) * heard
    found = read(vectors(), index_rate=0.6, protect=protect)
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_latents_of_blocks_are_crossfaded_where_they_overlap() -> None:
    latents = Latents()
    np.testing.assert_array_equal(latents.read(-2, 3), np.zeros((384, 5)))
    latents.write(-4, np.ones((384, 14), np.float32))  # until 10
    latents.write(6, np.full((384, 10), 6, np.float32))  # until 16, of which 4 overlap
    whole = latents.read(-10, 20)
    expected = np.concatenate([np.ones(16), [2, 3, 4, 5], np.full(10, 6)])
    np.testing.assert_allclose(whole, np.tile(expected, (384, 1)), rtol=1e-3)
    for start, stop in ((-10, -6), (5, 8), (8, 9), (7, 20), (18, 20)):
        np.testing.assert_array_equal(latents.read(start, stop), whole[:, start + 10 : stop + 10])


def test_noise_depends_on_its_place_and_not_on_its_window() -> None:
    whole = noise_at(3, 0, -5000, 10_000, width=2)
    for start, stop in ((-5000, -4999), (-4097, -4095), (-1, 1), (4095, 8193), (7, 7)):
        part = noise_at(3, 0, start, stop, width=2)
        np.testing.assert_array_equal(part, whole[:, start + 5000 : stop + 5000])
    assert abs(whole.mean()) < 0.03
    assert whole.std() == pytest.approx(1, abs=0.03)
    for other in (noise_at(4, 0, -5000, 10_000, 2), noise_at(3, 1, -5000, 10_000, 2)):
        assert abs(np.corrcoef(other[0], whole[0])[0, 1]) < 0.05


def cut(rate: int, frames: int, window: int) -> list[tuple[int, int, Samples]]:
    """Return the blocks of a song of noise that comes in overlapping windows."""
    song = np.random.default_rng(1).standard_normal((1, frames)).astype(np.float32)
    blocks, found = SongBlocks(rate), []
    for start in range(0, frames, window):
        begin = max(start - 100, 0)
        blocks.feed(torch.from_numpy(song[:, begin : start + window]), begin)
        found += [*blocks.ready()]
        assert blocks.frames == min(start + window, frames)
    rest = blocks.rest()
    found += [rest] if rest else []
    return [(each.start, each.stop, each.samples.numpy()) for each in found]


@pytest.mark.parametrize("rate", [8_000, 11_025])
def test_blocks_are_the_same_in_any_windows(rate: int) -> None:
    frames = (3 * BLOCK_SECONDS + 4) * rate + 17
    whole = cut(rate, frames, frames)
    size = 100 * BLOCK_SECONDS
    assert [(start, stop) for start, stop, _ in whole] == [
        (0, size),
        (size, 2 * size),
        (2 * size, 3 * size + 402),
    ]
    for one, other in zip(whole, cut(rate, frames, 3 * rate + 1), strict=True):
        assert one[:2] == other[:2]
        assert len(one[2]) == 160 * (one[1] - one[0] + 200 * CONTEXT_SECONDS)
        assert level(one[2] - other[2]) < level(one[2]) - 100
    # Neighbours share the context on either side of their border.
    shared = 2 * CONTEXT_SECONDS * 16_000
    before, after = whole[0][2][-shared:], whole[1][2][:shared]
    assert level(before - after) < level(before) - 100


def test_of_no_sound_there_is_no_block() -> None:
    assert cut(8_000, 0, 1) == []
    ((start, stop, samples),) = cut(8_000, 1, 1)
    assert (start, stop, len(samples)) == (0, 2, 160 * (2 + 200 * CONTEXT_SECONDS))


def test_a_window_at_a_border_of_blocks_is_sung_the_same_with_what_surrounds_it() -> None:
    rate = 16_000
    border = BLOCK_SECONDS * rate
    frames = 2 * border + 2 * rate
    song = np.random.default_rng(1).standard_normal((1, frames)).astype(np.float32) / 10
    points = 200 * BLOCK_SECONDS + 200
    f0 = 200 + 30 * np.sin(np.arange(points) / 7)  # on which the latents depend, too
    pitch = PitchTrack(f0, np.ones(points, bool), np.ones(points, np.float32), 0.01)
    conversion = deaf().begin(random_voice("v2 32k"), pitch, rate, key=0.0)
    conversion.observe(Audio(song, rate), 0)
    wide, narrow = (
        conversion.render(Audio(song[:, begin:end].copy(), rate), begin).numpy()
        for begin, end in ((border - 6000, border + 6000), (border - 4000, border + 4000))
    )
    inner = slice(3200, 4800)  # beyond the context of 0.2 s
    one, other = wide[:, 2000:10_000][:, inner], narrow[:, inner]
    assert level(one - other) < level(one) - 100
