"""Channels mixed to one so that they don't cancel.

The mean of the channels is what a listener to one loudspeaker hears, and it is kept wherever it
holds the sound. Where channels are in antiphase (a miswired cable, a widener, a stereo recording
with one channel inverted) it holds next to nothing; there, channels are inverted before they are
added. Coherence is measured over the last twentieth of a second,
so that the result depends neither on what comes later nor on the blocks in which sound comes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from array_api_compat import array_namespace, device
from numpy.typing import NDArray

from autovoice_core._arrays import as_numpy

FRAME_SECONDS = 0.01
"""Seconds between two measurements, over which a factor moves from 1 to -1 or back."""

MEMORY_SECONDS = 0.05
"""Time constant of the coherence that is measured."""

MIN_COHERENCE = 0.5
"""Power of the sum over the sum of powers (1 for independent channels) below which channels in
antiphase are inverted. They stay so until they are no longer in antiphase."""

MAX_CORRELATION = -0.25
"""Correlation with the channel that keeps its sign, below which one is in antiphase to it."""

MIN_REFERENCE_POWER = 0.05
"""Power of the channel that keeps its sign, at least, relative to the loudest."""

_CHUNK_FRAMES = 128  # measured at a time

Weights = NDArray[np.float64]


def channel_signs(products: Weights, before: Weights | None = None) -> Weights:
    """Return the factors, 1 or -1, by which channels are added so that they don't cancel.

    Parameters
    ----------
    products
        ``(channels, channels)``: sums of the products of every two channels.
    before
        The factors until now.
    """
    powers = np.diagonal(products)
    signs = np.ones(len(powers)) if before is None else before
    total = float(powers.sum())
    if not total or not np.isfinite(products).all():  # samples that overflow are refused elsewhere
        return signs
    reference = int(np.argmax(powers >= MIN_REFERENCE_POWER * powers.max()))
    scale = np.sqrt(powers * powers[reference])
    correlation = np.divide(products[reference], scale, out=np.zeros(len(powers)), where=scale > 0)
    if float(products.sum()) < MIN_COHERENCE * total:
        return np.where(correlation < MAX_CORRELATION, -1.0, 1.0)
    return np.where((signs < 0) & (correlation < 0), -1.0, 1.0)


def coherent(products: Sequence[Weights]) -> list[bool]:
    """Return for which products of channels, of which none is inverted, none need be."""
    if not products:
        return []
    table = np.stack(products)
    total = np.trace(table, axis1=1, axis2=2)
    # More than enough, so that rounding decides nothing.
    enough: list[bool] = (table.sum(axis=(1, 2)) >= (MIN_COHERENCE + 1e-6) * total).tolist()
    return enough


def channel_products(samples: Any) -> Weights:
    """Return the products of every two channels, ``(..., channels, channels)`` on the host.

    Shape: ``(..., channels, n)``.
    """
    xp = array_namespace(samples)
    wide = xp.astype(samples, xp.float64)
    return as_numpy(xp.matmul(wide, xp.matrix_transpose(wide)))


class Downmix:
    """Mixes channels that come block by block; see the module.

    Parameters
    ----------
    sample_rate
        Hz.
    begin
        ``(channels, n)``: sound whose coherence counts before any was measured. By default none
        does, and channels in antiphase are unheard for 10 to 20 ms.
    """

    def __init__(self, sample_rate: int, begin: Any = None) -> None:
        self._step = round(FRAME_SECONDS * sample_rate)
        self._decay = math.exp(-FRAME_SECONDS / MEMORY_SECONDS)
        self._products: Any = 0.0
        self._weights = None if begin is None else channel_signs(channel_products(begin))
        self._next = self._weights
        self._held: Any = None

    def feed(self, samples: Any) -> Any:
        """Return the mix of a block of any length: ``(channels, n)`` -> ``(1, n)`` float32."""
        return mixed(samples, self.measure(samples))

    def measure(self, samples: Any) -> Weights | None:
        """Return the weights for :func:`mixed` of the samples of a block, ``(channels, n)``.

        None stands for ones.
        """
        (channels, count), step = samples.shape, self._step
        if channels == 1 or not count:
            return None
        if self._weights is None or self._next is None:
            self._weights = self._next = np.ones(channels)
        held = 0 if self._held is None else self._held.shape[1]
        whole = samples
        if held:
            whole = array_namespace(samples).concat([self._held, samples], axis=1)
        products, averaged = list(self._frame_products(whole)), []
        for frame in products:
            self._products = self._decay * self._products + frame
            averaged.append(self._products)
        ends, plain = [self._weights, self._next], bool((self._next == 1).all())
        for frame, average, is_coherent in zip(products, averaged, coherent(averaged), strict=True):
            # Quickly, where nothing is inverted and nothing need be, as is the rule.
            if (plain and is_coherent) or not frame.any():
                ends.append(ends[-1])
            else:
                ends.append(channel_signs(average, ends[-1]))
                plain = bool((ends[-1] == 1).all())
        self._weights, self._next = ends[-2:]
        self._held = whole[:, whole.shape[1] // step * step :]
        if bool((np.stack(ends) == 1).all()):
            return None
        at, places = np.arange(held, held + count) / step, np.arange(len(ends))
        return np.stack([np.interp(at, places, track) for track in np.transpose(ends)])

    def _frame_products(self, samples: Any) -> Iterator[Weights]:
        """Yield the products of channels of each whole frame."""
        xp, (channels, count), step = array_namespace(samples), samples.shape, self._step
        for start in range(0, count // step, _CHUNK_FRAMES):
            part = samples[:, start * step : (start + _CHUNK_FRAMES) * step]
            frames = part.shape[1] // step
            cut = xp.reshape(part[:, : frames * step], (channels, frames, step))
            yield from channel_products(xp.permute_dims(cut, (1, 0, 2)))


def mixed(samples: Any, weights: Weights | None = None) -> Any:
    """Return the weighted mean of channels, ``(channels, n)`` -> ``(1, n)`` float32."""
    if samples.shape[0] == 1:
        return samples
    xp = array_namespace(samples)
    if weights is not None:
        samples = samples * xp.asarray(weights, device=device(samples))
    mean = xp.sum(samples, axis=0, keepdims=True, dtype=xp.float64) / samples.shape[0]
    return xp.astype(mean, xp.float32)


def mono(samples: Any, sample_rate: int) -> Any:
    """Return the mix of all of a sound: ``(channels, n)`` -> ``(1, n)`` float32."""
    return Downmix(sample_rate, samples).feed(samples)
