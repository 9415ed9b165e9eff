"""Separation by a mask: from a mixture to magnitudes, and from a mask to stems.

One mask serves all channels, so that the stereo picture stays as it was. Spectra are made in
blocks of frames and forgotten; only magnitudes and masks are held for all frames at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from array_api_compat import device

from autovoice_core.recipes.stft import STFT

BLOCK = 256
"""Frames that are transformed at a time."""


def magnitudes(xp: Any, stft: STFT, samples: Any, bins: int) -> Any:
    """Return the root of the channels' mean power in the lowest ``bins`` bins.

    Shape: ``(channels, length)`` float32 -> ``(frames, bins)`` float32.
    """
    channels, length = samples.shape
    blocks = []
    for start, stop in _blocks(stft.count(length)):
        power = xp.zeros((stop - start, bins), dtype=xp.float32, device=device(samples))
        for channel in range(channels):
            spectra = stft.forward(samples[channel : channel + 1, :], start, stop)[0, :, :bins]
            power += xp.real(spectra) ** 2 + xp.imag(spectra) ** 2
        blocks.append(xp.sqrt(power / channels))
    return xp.concat(blocks, axis=0)


def masked(xp: Any, stft: STFT, samples: Any, mask: Any) -> Any:
    """Return the part of the signal that ``mask`` lets through; nothing above its last bin.

    Shape: ``(channels, length)`` float32, ``(frames, bins)`` float32 -> as ``samples``.
    """
    channels, length = samples.shape
    bins = mask.shape[1]

    def spectra(channel: Any) -> Iterator[Any]:
        for start, stop in _blocks(mask.shape[0]):
            whole = stft.forward(channel, start, stop)
            passed = xp.zeros_like(whole)
            passed[:, :, :bins] = whole[:, :, :bins] * mask[start:stop, :]
            yield passed

    # One by one, so that many channels need no more room than one.
    each = (samples[channel : channel + 1, :] for channel in range(channels))
    return xp.concat([stft.inverse(spectra(channel), length) for channel in each], axis=0)


def _blocks(count: int) -> Iterator[tuple[int, int]]:
    for start in range(0, count, BLOCK):
        yield start, min(start + BLOCK, count)
