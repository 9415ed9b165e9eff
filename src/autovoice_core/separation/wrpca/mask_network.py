"""MaskNetwork: the network that makes the vocal mask of what is known of each band.

A U-Net (A. Jansson et al., "Singing voice separation with deep U-Net convolutional networks",
ISMIR 2017), a fifteenth as large: it sees each moment within the seconds, and each band within the
octaves, around it. Layers are normalised over all that the network is given (J. Ba et al., "Layer
normalization", 2016), so that an unusual song is as well understood as others. Its weights, in half
precision, are in the file next to this one; ``training/separation.py`` trains it.
"""

from __future__ import annotations

import itertools
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy
from array_api_compat import array_namespace, device
from numpy.typing import NDArray

WITNESSES = 6
"""Channels of the input."""
WIDTHS = (32, 48, 64, 80, 96, 96)
"""Channels of each level of the encoder; a level has half of the frames and bands of the last."""
LAST_WIDTH = 8
"""Channels of the decoder's last level, which has all frames and bands."""
KERNEL = 3
"""Frames and bands that a convolution sees of its input; the last sees one."""
LEAK = 0.2
"""Slope below zero of the encoder's rectifiers."""
FRAMES_MULTIPLE = 2 ** len(WIDTHS)
"""Frames and bands come in multiples of this, as each level halves them."""
NORM_EPSILON = 1e-5
"""Added to the variance of a layer, so that a layer of zeros can be normalised."""
MAX_PATCH_VALUES = 4_000_000
"""Values of the input that are laid out for one product of matrices, 16 MB."""

WEIGHTS = Path(__file__).with_suffix(".safetensors")

Weights = dict[str, NDArray[np.float32]]


class MaskNetwork:
    """The network, in the library and on the device of ``like``.

    Parameters
    ----------
    like
        An array.
    weights
        As :func:`read_weights` returns them; by default those of the package.
    """

    def __init__(self, like: Any, weights: Weights | None = None) -> None:
        xp = array_namespace(like)
        self._weights = {
            name: xp.asarray(each, device=device(like))
            for name, each in (_package_weights() if weights is None else weights).items()
        }

    def log_odds(self, witnesses: Any) -> Any:
        """Return the log odds of the voice.

        Shape: ``(WITNESSES, frames, bands)`` float32 -> ``(frames, bands)``; bands are a multiple
        of :data:`FRAMES_MULTIPLE`.
        """
        xp = array_namespace(witnesses)
        frames = witnesses.shape[1]
        witnesses = _padded(xp, witnesses, 0, -frames % FRAMES_MULTIPLE, 0)
        signal, levels = witnesses, []
        for depth in range(len(WIDTHS)):
            signal = self._normalised(
                self._convolved(signal, f"down.{depth}", 2), f"down_norm.{depth}"
            )
            signal = xp.where(signal > 0, signal, LEAK * signal)
            levels.append(signal)
        levels.pop()
        for depth in range(len(WIDTHS)):
            signal = _interleaved(xp, self._convolved(signal, f"up.{depth}", 1))
            signal = xp.clip(self._normalised(signal, f"up_norm.{depth}"), 0.0, None)
            signal = xp.concat([levels.pop() if levels else witnesses, signal], axis=0)
        return self._convolved(signal, "last", 1)[0, :frames, :] + self._weights["last.bias"]

    def _normalised(self, signal: Any, layer: str) -> Any:
        """Return a layer of mean 0 and variance 1, by its gains and offsets."""
        xp = array_namespace(signal)
        gain, offset = (self._weights[f"{layer}.{part}"] for part in ("weight", "bias"))
        signal = signal - xp.mean(signal)
        scale = xp.sqrt(xp.mean(signal * signal) + NORM_EPSILON)
        return signal * (gain[:, None, None] / scale) + offset[:, None, None]

    def _convolved(self, signal: Any, layer: str, stride: int) -> Any:
        """Return a convolution of ``(channels, frames, bands)``, zero beyond its edges."""
        xp = array_namespace(signal)
        weight = self._weights[f"{layer}.weight"]
        channels, frames, bands = signal.shape
        size = round((weight.shape[1] // channels) ** 0.5)
        signal = _padded(xp, signal, size // 2, size // 2, size // 2)
        frames, bands = frames // stride, bands // stride
        rows = max(1, MAX_PATCH_VALUES // (weight.shape[1] * bands))
        parts = []
        for first in range(0, frames, rows):
            count = min(rows, frames - first)
            taps = [
                signal[
                    :,
                    first * stride + i : (first + count - 1) * stride + i + 1 : stride,
                    j : (bands - 1) * stride + j + 1 : stride,
                ]
                for i, j in itertools.product(range(size), repeat=2)
            ]
            patches = xp.reshape(xp.concat(taps, axis=0), (weight.shape[1], count * bands))
            product = xp.matmul(weight, patches)
            parts.append(xp.reshape(product, (weight.shape[0], count, bands)))
        return xp.concat(parts, axis=1)


def read_weights(path: Path) -> Weights:
    """Return the weights in a file of ``training/separation.py``, as the network takes them.

    The weight of a layer is a matrix: its rows are channels of the output, its columns taps, each
    with all channels of the input.

    Shape: ``(outputs, inputs, frames, bands)`` of a convolution, ``(inputs, outputs, frames,
    bands)`` of a transposed one in the file.
    """
    layers: Weights = {}
    for name, each in safetensors.numpy.load_file(path).items():
        values = each.astype(np.float32)
        if values.ndim == 4:
            values = _sub_pixel(values) if name.startswith("up") else values
            values = values.transpose(0, 2, 3, 1).reshape(len(values), -1)
        layers[name] = np.ascontiguousarray(values)
    return layers


def _sub_pixel(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the convolution of 3 x 3 that does what a transposed one of stride 2 does.

    Its outputs are those of even and odd frames and bands, in turn, for :func:`_interleaved` (W.
    Shi et al., "Is the deconvolution layer the same as a convolutional layer?", 2016).
    """
    inputs, outputs, size, _ = values.shape
    result = np.zeros((2, 2, outputs, inputs, 3, 3), np.float32)
    middle = size // 2
    for odd_frame, odd_band, i, j in itertools.product((0, 1), (0, 1), range(3), range(3)):
        tap = odd_frame + middle - 2 * (i - 1), odd_band + middle - 2 * (j - 1)
        if min(tap) >= 0 and max(tap) < size:
            result[odd_frame, odd_band, :, :, i, j] = values[:, :, tap[0], tap[1]].T
    return result.reshape(4 * outputs, inputs, 3, 3)


def _interleaved(xp: Any, signal: Any) -> Any:
    """Return ``(4 * channels, frames, bands)`` as ``(channels, 2 * frames, 2 * bands)``."""
    channels, frames, bands = signal.shape
    parts = xp.reshape(signal, (2, 2, channels // 4, frames, bands))
    parts = xp.permute_dims(parts, (2, 3, 0, 4, 1))
    return xp.reshape(parts, (channels // 4, 2 * frames, 2 * bands))


def _padded(xp: Any, signal: Any, before: int, after: int, bands: int) -> Any:
    """Return ``signal`` with zeros before and after its frames, and on both sides of its bands."""
    for axis, counts in ((1, (before, after)), (2, (bands, bands))):
        for count, first in zip(counts, (True, False), strict=True):
            if count:
                shape = list(signal.shape)
                shape[axis] = count
                zeros = xp.zeros(tuple(shape), dtype=signal.dtype, device=device(signal))
                signal = xp.concat([zeros, signal] if first else [signal, zeros], axis=axis)
    return signal


@cache
def _package_weights() -> Weights:
    return read_weights(WEIGHTS)
