"""MaskNetwork: the network that makes the vocal mask of what is known of each band.

A U-Net (A. Jansson et al., "Singing voice separation with deep U-Net convolutional networks",
ISMIR 2017), a fifteenth as large: it sees each moment within the seconds, and each band within the
octaves, around it. Layers are normalised over all that the network is given (J. Ba et al., "Layer
normalization", 2016), so that an unusual song is as well understood as others. Its weights, in half
precision, are in the file next to this one; ``training/separation.py`` trains it.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
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
MAX_PATCH_VALUES = 2_000_000
"""Values of the input that are laid out for one product of matrices, 8 MB."""

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
        frames = witnesses.shape[1]
        levels = [_with_border(witnesses, -frames % FRAMES_MULTIPLE)]
        for depth in range(len(WIDTHS)):
            levels.append(self._encoded(levels[-1], depth))
        inputs = [levels.pop()]
        for depth in range(len(WIDTHS)):
            inputs = [levels.pop(), self._decoded(inputs, depth)]
        return self._convolved(inputs, "last", 1)[0, :frames, :] + self._weights["last.bias"]

    def _encoded(self, signal: Any, depth: int) -> Any:
        """Return the layer of the encoder below ``signal``, with a border."""
        layer = self._convolved([signal], f"down.{depth}", 2)
        return _with_border(self._rectified(layer, f"down_norm.{depth}", LEAK))

    def _decoded(self, inputs: Sequence[Any], depth: int) -> Any:
        """Return the layer of the decoder above ``inputs``, with a border."""
        layer = self._convolved(inputs, f"up.{depth}", 1)
        return _interleaved(self._rectified(layer, f"up_norm.{depth}", 0.0))

    def _rectified(self, layer: Any, norm: str, leak: float) -> Any:
        """Return a layer, whose memory is used, of mean 0 and variance 1, by its gains and offsets.

        What is below zero is multiplied by ``leak``.
        """
        xp = array_namespace(layer)
        gain, offset = (self._weights[f"{norm}.{part}"] for part in ("weight", "bias"))
        # Of a layer that is still to be interleaved, each output has four channels.
        parts = xp.reshape(layer, (-1, gain.shape[0], *layer.shape[1:]))
        parts -= xp.mean(parts)
        rows = xp.reshape(parts, (layer.shape[0], -1))
        variance = xp.mean(xp.vecdot(rows, rows)) / rows.shape[1]
        parts *= (gain / xp.sqrt(variance + NORM_EPSILON))[:, None, None]
        parts += offset[:, None, None]
        for part in xp.reshape(parts, (-1, *layer.shape[1:])):
            part[...] = xp.where(part > 0, part, leak * part)
        return xp.reshape(parts, layer.shape)

    def _convolved(self, inputs: Sequence[Any], layer: str, stride: int) -> Any:
        """Return the convolution of the channels of ``inputs``, which have a border each."""
        xp = array_namespace(*inputs)
        weight = self._weights[f"{layer}.weight"]
        channels = sum(each.shape[0] for each in inputs)
        size = round((weight.shape[1] // channels) ** 0.5)
        frames, bands = (inputs[0].shape[1] - 2) // stride, (inputs[0].shape[2] - 2) // stride
        rows = max(1, MAX_PATCH_VALUES // (weight.shape[1] * bands))
        result = xp.empty(
            (weight.shape[0], frames, bands), dtype=weight.dtype, device=device(weight)
        )
        for first in range(0, frames, rows):
            count = min(rows, frames - first)
            start = first * stride + 1 - size // 2
            seen = [each[:, start : start + (count - 1) * stride + size, :] for each in inputs]
            product = xp.matmul(weight, _patches(seen, size, stride))
            result[:, first : first + count] = xp.reshape(product, (-1, count, bands))
        return result


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


def _patches(inputs: Sequence[Any], size: int, stride: int) -> Any:
    """Return what a convolution sees at each place, ``(taps * channels, frames * bands)``.

    Parameters
    ----------
    inputs
        ``(channels, frames, bands)``: the frames that it sees, and all bands with their border.
    size, stride
        Frames and bands that it sees at a time, and its step.
    """
    xp = array_namespace(*inputs)
    frames, bands = inputs[0].shape[1] - size + 1, inputs[0].shape[2] - 2
    edge = 1 - size // 2
    taps = [
        each[:, i : i + frames : stride, edge + j : edge + j + bands : stride]
        for i, j in itertools.product(range(size), repeat=2)
        for each in inputs
    ]
    patches = xp.concat(taps, axis=0)
    return xp.reshape(patches, (patches.shape[0], -1))


def _interleaved(layer: Any) -> Any:
    """Return ``(4 * channels, frames, bands)`` as ``(channels, 2 * frames, 2 * bands)``, bordered.

    The border is that of :func:`_with_border`.
    """
    xp = array_namespace(layer)
    channels, frames, bands = layer.shape
    channels //= 4
    shape = channels, 2 * frames + 2, 2 * bands + 2
    result = xp.zeros(shape, dtype=layer.dtype, device=device(layer))
    parts = xp.reshape(layer, (2, 2, channels, frames, bands))
    for odd_frame, odd_band in itertools.product((0, 1), repeat=2):
        part = parts[odd_frame, odd_band, ...]
        result[:, 1 + odd_frame : -1 : 2, 1 + odd_band : -1 : 2] = part
    return result


def _with_border(layer: Any, more_frames: int = 0) -> Any:
    """Return ``(channels, frames, bands)`` with a border of zeros, which a convolution sees.

    The border is one frame or band wide; after the last frame ``more_frames`` are added to it.
    """
    xp = array_namespace(layer)
    channels, frames, bands = layer.shape
    shape = channels, frames + more_frames + 2, bands + 2
    result = xp.zeros(shape, dtype=layer.dtype, device=device(layer))
    result[:, 1 : frames + 1, 1:-1] = layer
    return result


@cache
def _package_weights() -> Weights:
    return read_weights(WEIGHTS)
