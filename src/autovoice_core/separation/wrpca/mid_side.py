"""Mid and side energies of a mixture, and the application of a mask to it.

One mask serves all channels, so that the stereo image stays as it was. Spectra are computed in
blocks of frames and dropped; only energies and masks are held for all frames at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autovoice_core._downmix import channel_products, channel_signs
from autovoice_core._threads import map_in_order
from autovoice_core.separation.wrpca.stft import STFT

FRAMES_PER_BLOCK = 256
"""Frames that are transformed at a time."""


def mid_side_energies(xp: Any, stft: STFT, samples: Any, bins: int) -> tuple[Any, Any]:
    """Return the energy of the channels' mean, and the mean energy of the channels' rest.

    Channels that are in antiphase to the others are inverted before, as in a mono mix.

    Shape: ``(channels, length)`` float32 -> ``(frames, bins)`` float32 twice. For two channels
    these are the energies of mid and side; for one the second is zero.
    """
    channels, length = samples.shape
    signs = channel_signs(channel_products(samples)).tolist()
    mid, side = [], []
    for start, stop in _blocks(stft.frame_count(length)):
        total: Any = 0
        power: Any = 0
        for channel in range(channels):
            spectra = stft.forward(samples[channel : channel + 1, :], start, stop)[0, :, :bins]
            total = total + signs[channel] * spectra
            power = power + _energy(xp, spectra)
        mid.append(_energy(xp, total / channels))
        side.append(xp.clip(power / channels - mid[-1], 0.0, None))
    return xp.concat(mid, axis=0), xp.concat(side, axis=0)


def apply_mask(xp: Any, stft: STFT, samples: Any, mask: Any) -> Any:
    """Return the signal multiplied by ``mask`` in the spectral domain, 0 above its last bin.

    Shape: ``(channels, length)`` float32, ``(frames, bins)`` float32 -> as ``samples``.
    """
    channels, length = samples.shape
    bins = mask.shape[1]

    def spectra(channel: Any) -> Iterator[Any]:
        for start, stop in _blocks(mask.shape[0]):
            whole = stft.forward(channel, start, stop)
            masked = xp.zeros_like(whole)
            masked[:, :, :bins] = whole[:, :, :bins] * mask[start:stop, :]
            yield masked

    # Channel by channel, so that many need no more room than there are threads.
    each = (samples[channel : channel + 1, :] for channel in range(channels))
    return xp.concat(
        list(map_in_order(lambda channel: stft.inverse(spectra(channel), length), each)), axis=0
    )


def _blocks(count: int) -> Iterator[tuple[int, int]]:
    for start in range(0, count, FRAMES_PER_BLOCK):
        yield start, min(start + FRAMES_PER_BLOCK, count)


def _energy(xp: Any, spectra: Any) -> Any:
    return xp.real(spectra) ** 2 + xp.imag(spectra) ** 2
