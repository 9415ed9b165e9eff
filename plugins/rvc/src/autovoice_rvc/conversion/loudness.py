"""Loudness and balance of the source, given to what the network sings."""

from __future__ import annotations

import torch

FRAME_RATE = 100
REACH = 0.1
"""Seconds around a moment on which its gain depends."""
MAX_GAIN = 10 ** (30 / 20)
_FRAMES = 4  # to either side, over which power is averaged


def follow_loudness(
    voice: torch.Tensor,
    source: torch.Tensor,
    sample_rate: int,
    start: int,
    own_share: float,
) -> torch.Tensor:
    """Return ``voice`` in all channels of ``source``, as loud as it is there.

    Parameters
    ----------
    voice
        ``(n,)``.
    source
        ``(channels, n)``.
    sample_rate, start
        Hz, and position of the first sample in the song.
    own_share
        Share of the voice's own changes of loudness, 0 to 1; channels keep their balance.

    Returns
    -------
    torch.Tensor
        ``(channels, n)``.
    """
    count, device = len(voice), voice.device
    first = start * FRAME_RATE // sample_rate
    last = -(-(start + count) * FRAME_RATE // sample_rate)
    # In integers, so that a window rounds as the whole does.
    edges = torch.arange(first - 1, last + 2, device=device) * sample_rate + FRAME_RATE // 2
    edges = (edges // FRAME_RATE - start).clamp(0, count)
    powers = torch.stack([_power(channel, edges) for channel in (*source, voice)])
    heard, own = powers[:-1], powers[-1]
    mean = heard.mean(dim=0)
    balance = torch.where(mean > 0, heard / mean, 0.0).sqrt()
    level = torch.where(own > 0, mean / own, 0.0).sqrt()
    gain = balance * (level ** (1 - own_share)).clamp(max=MAX_GAIN) * (mean > 0)
    # In frames from the first; always before the last.
    places = torch.arange(count, dtype=torch.float64, device=device) * (FRAME_RATE / sample_rate)
    places += start * FRAME_RATE % sample_rate / sample_rate
    low = places.to(torch.int64)
    part = places.frac().to(torch.float32)
    gain = gain.to(torch.float32)
    before, after = (gain.index_select(1, frame) for frame in (low, low + 1))
    return torch.lerp(before, after, part) * voice


def _power(samples: torch.Tensor, edges: torch.Tensor) -> torch.Tensor:
    """Return the power around all edges but the outer ones, under a Hann window of 0.1 s."""
    total = samples.to(torch.float64).square().cumsum(dim=0)
    total = torch.nn.functional.pad(total, (1, 0))
    energy = (total[edges[2:]] - total[edges[:-2]]).clamp(min=0)
    size = 2 * _FRAMES + 1
    window = torch.hann_window(size + 2, periodic=False, dtype=energy.dtype, device=energy.device)
    weights = window[1:-1] / window.sum()
    return torch.nn.functional.pad(energy, (_FRAMES, _FRAMES)).unfold(0, size, 1) @ weights
