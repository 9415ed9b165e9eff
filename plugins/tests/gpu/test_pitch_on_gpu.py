"""Pitch on a GPU: one path with the processor in every frame, on the caller's device and stream."""

from __future__ import annotations

import importlib
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autovoice_core import Audio
from autovoice_core.testing.truth import SINGERS, add_noise, sing

REQUIRED = os.environ.get("AUTOVOICE_REQUIRE_GPU") == "1"
BACKENDS = ("cuda", "triton")
HOP = 512


@pytest.fixture(params=BACKENDS)
def launch(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """The function of a backend, where its probe goes through."""
    backend = request.param
    try:
        importlib.import_module(f"autovoice_{backend}.nccf").probe_nccf("cuda")
    except Exception as error:
        if REQUIRED:
            raise
        pytest.skip(f"{backend}: {' '.join(str(error).split())}")
    return importlib.import_module(f"autovoice_{backend}.kernels").launch_pitch_detection


def library(name: str) -> Any:
    if REQUIRED:
        return importlib.import_module(name)
    return pytest.importorskip(name, reason=f"{name} is not installed")


def material() -> Iterator[tuple[int, np.ndarray]]:
    """Yield rate and samples, 10 min in all: voices, noise, silence, at four rates."""
    rng = np.random.default_rng(0)
    for rate in (8000, 16000, 44100, 48000):
        for i, singer in enumerate(SINGERS.values()):
            yield rate, add_noise(sing(singer, 35, rate, seed=i).audio, 30 - 10 * i).numpy()[0]
        noise = 0.1 * rng.standard_normal(8 * rate, np.float32)
        yield rate, np.concatenate([noise, np.zeros(4 * rate, np.float32), noise**3])[: 10 * rate]


def on_cpu(samples: np.ndarray, rate: int, hop: int = HOP) -> tuple[np.ndarray, np.ndarray]:
    from autovoice_cpu.nccf import open_nccf

    centres = np.arange(1 + len(samples) // hop, dtype=np.int64) * hop
    # The range that the launch functions track by default.
    tracker = open_nccf(device="cpu", dtype="float32", fmin=50.0, fmax=1100.0)
    found = tracker.estimate(Audio(samples[None], rate), centres)
    return np.asarray(found.f0), np.asarray(found.confidence)


def test_ten_minutes_take_the_path_of_the_processor(launch: Callable[..., Any]) -> None:
    torch = library("torch")
    seconds = 0.0
    for rate, samples in material():
        expected = on_cpu(samples, rate)
        audio = torch.from_numpy(samples[None].copy()).cuda()
        found = launch(audio, rate, HOP, return_confidence=True)
        f0, confidence = (part.cpu().numpy()[0] for part in found)
        np.testing.assert_array_equal(f0 > 0, expected[0] > 0)
        np.testing.assert_allclose(f0, expected[0], rtol=1e-9)
        np.testing.assert_array_equal(confidence, expected[1])
        seconds += len(samples) / rate
    assert seconds > 590


def test_rows_of_unlike_lengths_are_tracked_alone(launch: Callable[..., Any]) -> None:
    torch = library("torch")
    rows = [samples[: 3 * rate] for rate, samples in material() if rate == 16000]
    lengths = [48000, 47999, 20000, 0, 1]
    audio = torch.from_numpy(np.stack(rows)).cuda()
    for given in (lengths, torch.tensor(lengths).cuda()):
        found = launch(audio, 16000, HOP, lengths=given).cpu().numpy()
        for row, length, f0 in zip(rows, lengths, found, strict=True):
            expected, _ = on_cpu(row[:length], 16000)
            np.testing.assert_allclose(f0[: len(expected)], expected, rtol=1e-9)
            assert not np.any(f0[len(expected) :])


def test_whole_numbers_are_taken_as_they_are(launch: Callable[..., Any]) -> None:
    torch = library("torch")
    rate, samples = next(material())
    whole = np.round(samples * 32767).astype(np.int16)
    found = launch(torch.from_numpy(whole[None]).cuda(), rate, HOP).cpu().numpy()[0]
    expected, _ = on_cpu(whole.astype(np.float32) / 32768, rate)
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_a_tensor_of_torch_is_read_and_given_on_its_stream(launch: Callable[..., Any]) -> None:
    torch = library("torch")
    rate, samples = next(material())
    held = torch.from_numpy(samples[None].copy()).cuda()
    expected = launch(held, rate, HOP)
    audio = torch.zeros_like(held)
    torch.cuda.synchronize()
    side = torch.cuda.Stream()
    with torch.cuda.stream(side):
        torch.cuda._sleep(200_000_000)  # what follows comes late
        audio.copy_(held)
        found = launch(audio, rate, HOP)
        audio.zero_()
    side.synchronize()
    assert isinstance(found, torch.Tensor)
    assert found.device == audio.device
    assert torch.equal(found, expected)


def test_an_array_of_cupy_is_read_and_given_on_its_stream(launch: Callable[..., Any]) -> None:
    cupy = library("cupy")
    rate, samples = next(material())
    held = cupy.asarray(samples[None])
    expected = launch(held, rate, HOP)
    cupy.cuda.Device().synchronize()
    audio = cupy.zeros_like(held)
    big = cupy.ones((4096, 4096), cupy.float32)
    cupy.cuda.Device().synchronize()
    side = cupy.cuda.Stream(non_blocking=True)
    with side:
        for _ in range(50):
            big = big @ big * 1e-4  # what follows comes late
        audio[...] = held
        found = launch(audio, rate, HOP)
        audio[...] = 0
    side.synchronize()
    assert isinstance(found, cupy.ndarray)
    assert bool((found == expected).all())


def test_nothing_waits_for_the_host(launch: Callable[..., Any]) -> None:
    torch = library("torch")
    rate, samples = next(material())
    audio = torch.from_numpy(samples[None].copy()).cuda()
    launch(audio, rate, HOP)
    torch.cuda.synchronize()
    event = torch.cuda.Event()
    torch.cuda.set_sync_debug_mode("error")  # of torch's own operations
    try:
        torch.cuda._sleep(2_000_000_000)
        launch(audio, rate, HOP)
        event.record()
        came_back_first = not event.query()
    finally:
        torch.cuda.set_sync_debug_mode("default")
    assert came_back_first


def test_what_the_docs_show_runs(launch: Callable[..., Any]) -> None:
    page = Path(__file__).parents[3] / "docs" / "gpu.md"
    shown = re.findall(r"^```py\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)
    assert len(shown) == 1
    name = launch.__module__.split(".")[0]
    exec(shown[0].replace("autovoice_cuda", name), {})
