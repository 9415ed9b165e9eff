from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from autovoice_core.separation.wrpca.mask_network import (
    FRAMES_MULTIPLE,
    LAST_WIDTH,
    LEAK,
    NORM_EPSILON,
    WEIGHTS,
    WIDTHS,
    WITNESSES,
    MaskNetwork,
    read_weights,
)

MAX_BYTES = 1_500_000


def convolved(signal: np.ndarray, weight: np.ndarray, stride: int) -> np.ndarray:
    outputs, _, size, _ = weight.shape
    half = size // 2
    padded = np.pad(signal, ((0, 0), (half, half), (half, half)))
    frames, bands = signal.shape[1] // stride, signal.shape[2] // stride
    result = np.zeros((outputs, frames, bands))
    for frame, band in itertools.product(range(frames), range(bands)):
        at = padded[:, stride * frame :, stride * band :][:, :size, :size]
        result[:, frame, band] = np.tensordot(weight, at, 3)
    return result


def transposed(signal: np.ndarray, weight: np.ndarray) -> np.ndarray:
    _, outputs, size, _ = weight.shape
    frames, bands = signal.shape[1:]
    whole = np.zeros((outputs, 2 * frames + size, 2 * bands + size))
    for frame, band in itertools.product(range(frames), range(bands)):
        added = np.tensordot(signal[:, frame, band], weight, 1)
        whole[:, 2 * frame : 2 * frame + size, 2 * band : 2 * band + size] += added
    half = size // 2
    return whole[:, half : half + 2 * frames, half : half + 2 * bands]


def normalised(signal: np.ndarray, gain: np.ndarray, offset: np.ndarray) -> np.ndarray:
    signal = (signal - signal.mean()) / np.sqrt(signal.var() + NORM_EPSILON)
    return signal * gain[:, None, None] + offset[:, None, None]


def reference(witnesses: np.ndarray, weights: dict[str, np.ndarray]) -> np.ndarray:
    """Return the log odds by the definition of each layer, in float64, slowly."""

    def norm(signal: np.ndarray, layer: str) -> np.ndarray:
        return normalised(signal, weights[f"{layer}.weight"], weights[f"{layer}.bias"])

    signal, levels = witnesses, [witnesses]
    for depth in range(len(WIDTHS)):
        signal = norm(convolved(signal, weights[f"down.{depth}.weight"], 2), f"down_norm.{depth}")
        signal = np.where(signal > 0, signal, LEAK * signal)
        levels.append(signal)
    levels.pop()
    for depth in range(len(WIDTHS)):
        signal = norm(transposed(signal, weights[f"up.{depth}.weight"]), f"up_norm.{depth}")
        signal = np.concatenate([levels.pop(), np.maximum(signal, 0)])
    return convolved(signal, weights["last.weight"], 1)[0] + weights["last.bias"]


@pytest.fixture(scope="module")
def random_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    random = np.random.default_rng(0)
    made = {
        name: (each.std() * random.standard_normal(each.shape)).astype(each.dtype)
        for name, each in safetensors.numpy.load_file(WEIGHTS).items()
    }
    path = tmp_path_factory.mktemp("network") / "random.safetensors"
    safetensors.numpy.save_file(made, path)
    return path


def test_the_network_computes_what_its_layers_are_defined_as(random_weights: Path) -> None:
    seen = np.random.default_rng(1).standard_normal((WITNESSES, FRAMES_MULTIPLE, FRAMES_MULTIPLE))
    plain = {
        name: each.astype(np.float64)
        for name, each in safetensors.numpy.load_file(random_weights).items()
    }
    expected = reference(seen, plain)
    network = MaskNetwork(np.zeros(1, np.float32), read_weights(random_weights))
    found = network.log_odds(seen.astype(np.float32))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-4 * np.abs(expected).max())


def test_any_number_of_frames_will_do() -> None:
    network = MaskNetwork(np.zeros(1, np.float32))
    for frames in (1, 63, 64, 65):
        seen = np.zeros((WITNESSES, frames, FRAMES_MULTIPLE), np.float32)
        assert network.log_odds(seen).shape == (frames, FRAMES_MULTIPLE)


def test_many_frames_are_computed_in_parts_with_the_same_result(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen = np.random.default_rng(2).standard_normal((WITNESSES, 128, 64)).astype(np.float32)
    network = MaskNetwork(seen)
    whole = network.log_odds(seen)
    monkeypatch.setattr(
        "autovoice_core.separation.wrpca.mask_network.MAX_PATCH_VALUES", 9 * WIDTHS[0] * 64 * 5
    )
    np.testing.assert_allclose(network.log_odds(seen), whole, atol=1e-4)


def test_the_weights_are_of_the_shapes_that_the_network_has_and_small() -> None:
    weights = safetensors.numpy.load_file(WEIGHTS)
    assert WEIGHTS.stat().st_size <= MAX_BYTES
    assert {each.dtype for each in weights.values()} == {np.dtype(np.float16)}
    widths = (WITNESSES, *WIDTHS)
    for depth, (inputs, outputs) in enumerate(itertools.pairwise(widths)):
        assert weights[f"down.{depth}.weight"].shape == (outputs, inputs, 3, 3)
    assert weights["last.weight"].shape == (1, WITNESSES + LAST_WIDTH, 1, 1)
