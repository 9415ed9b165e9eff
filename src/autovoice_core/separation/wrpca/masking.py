"""Separation by a mask: from a mixture to energies, and from a mask to stems.

One mask serves all channels, so that the stereo picture stays as it was. Spectra are made in
blocks of frames and forgotten; only energies and masks are held for all frames at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autovoice_core.separation.wrpca.stft import STFT

BLOCK = 256
"""Frames that are transformed at a time."""


def energies(xp: Any, stft: STFT, samples: Any, bins: int) -> tuple[Any, Any]:
    """Return the energy of the channels' mean, and the mean energy of what differs from it.

    Shape: ``(channels, length)`` float32 -> ``(frames, bins)`` float32 twice. For two channels
    these are the energies of mid and side; for one the second is zero.
    """
    channels, length = samples.shape
    middle, side = [], []
    for start, stop in _blocks(stft.count(length)):
        total: Any = 0
        power: Any = 0
        for channel in range(channels):
            spectra = stft.forward(samples[channel : channel + 1, :], start, stop)[0, :, :bins]
            total = total + spectra
            power = power + _energy(xp, spectra)
        middle.append(_energy(xp, total / channels))
        side.append(xp.clip(power / channels - middle[-1], 0.0, None))
    return xp.concat(middle, axis=0), xp.concat(side, axis=0)


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


def _energy(xp: Any, spectra: Any) -> Any:
    return xp.real(spectra) ** 2 + xp.imag(spectra) ** 2
