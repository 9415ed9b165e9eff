"""The decoder: HiFi-GAN with a sine source, from the latent to samples.

The generator of Kong, Kim and Bae (2020, https://arxiv.org/abs/2010.05646): transposed convolutions
raise the rate, and after each, blocks of dilated convolutions are averaged. The source is added at
the rate of every stage.

Signals are pictures of one row, ``(1, channels, 1, samples)``. That is how a CPU can keep all
channels of a sample together, in which the convolutions take two thirds of the time.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from autovoice_rvc.architecture import (
    BLOCK_KERNELS,
    DECODER_CHANNELS,
    DILATIONS,
    LATENT,
    SPEAKER,
    Architecture,
)
from autovoice_rvc.networks.running import return_freed_memory

SLOPE, LAST_SLOPE = 0.1, 0.01
PIECE = 400
"""Most frames that are decoded together; with all of a song's signals, memory would take longer
than the arithmetic."""
ENDS = 7
"""Kernel of the first and the last convolution."""


def decoder_reach(architecture: Architecture) -> int:
    """Return the frames to either side of a frame that its samples depend on, at most."""
    largest = max(BLOCK_KERNELS) // 2
    block = sum(largest * (dilation + 1) for dilation in DILATIONS)
    steps = ENDS // 2
    for _, _, rate, kernel, _ in reversed(list(architecture.stages())):
        steps = -(-(steps + block + kernel) // rate)
    return steps + ENDS // 2


class Decoder(nn.Module):
    """Latent and source to samples in [-1, 1]."""

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self._hop, self._reach = architecture.hop, decoder_reach(architecture)
        self.conv_pre = _conv(LATENT, DECODER_CHANNELS, ENDS)
        self.cond = _conv(SPEAKER, DECODER_CHANNELS, 1)
        self.ups, self.resblocks = nn.ModuleList(), nn.ModuleList()
        self.m_source = _Source() if architecture.f0 else None
        self.noise_convs = nn.ModuleList()
        for before, channels, rate, kernel, later in architecture.stages():
            sizes = {"kernel_size": (1, kernel), "padding": (0, (kernel - rate) // 2)}
            self.ups.append(nn.ConvTranspose2d(before, channels, stride=(1, rate), **sizes))
            self.resblocks.extend(_Block(channels, size) for size in BLOCK_KERNELS)
            if architecture.f0:
                sizes = {"kernel_size": (1, 2 * later), "padding": (0, later // 2)}
                brought = nn.Conv2d(1, channels, stride=(1, later), **sizes)
                self.noise_convs.append(brought if later > 1 else _conv(1, channels, 1))
        self.conv_post = _conv(channels, 1, ENDS, bias=False)

    def forward(
        self, x: torch.Tensor, speaker: torch.Tensor, excitation: torch.Tensor | None
    ) -> torch.Tensor:
        """Return the samples, ``(1, frames * hop)``.

        ``x`` is ``(1, 192, frames)``, ``speaker`` ``(1, 256, 1)``; ``excitation`` is ``(1, frames *
        hop)``, or ``None`` where the voice takes no pitch.
        """
        frames = x.shape[2]
        if excitation is None:
            excitation = x.new_zeros(1, frames * self._hop)
        pieces = -(-frames // PIECE)
        edges = [frames * piece // pieces for piece in range(pieces + 1)]
        samples = []
        for start, stop in pairwise(edges):
            first, last = max(0, start - self._reach), min(frames, stop + self._reach)
            source = excitation[:, first * self._hop : last * self._hop]
            decoded = self._decode(x[:, :, None, first:last], speaker[:, :, None], source)
            samples.append(decoded[:, (start - first) * self._hop : (stop - first) * self._hop])
            if pieces > 1:
                return_freed_memory()
        return torch.cat(samples, dim=1)

    def _decode(
        self, x: torch.Tensor, speaker: torch.Tensor, excitation: torch.Tensor
    ) -> torch.Tensor:
        source = None if self.m_source is None else self.m_source(excitation)
        x = self.conv_pre(x) + self.cond(speaker)
        for stage, up in enumerate(self.ups):
            x = up(functional.leaky_relu(x, SLOPE))
            if source is not None:
                x = x + self.noise_convs[stage](source)
            first = stage * len(BLOCK_KERNELS)
            blocks = self.resblocks[first : first + len(BLOCK_KERNELS)]
            x = sum(block(x) for block in blocks) / len(blocks)
        return torch.tanh(self.conv_post(functional.leaky_relu(x, LAST_SLOPE)))[:, 0, 0]


class _Source(nn.Module):
    """The excitation as the decoder takes it, ``(1, samples) -> (1, 1, 1, samples)``."""

    def __init__(self) -> None:
        super().__init__()
        self.l_linear = nn.Linear(1, 1)

    def forward(self, excitation: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = torch.tanh(self.l_linear(excitation[..., None]))
        return y.view(1, 1, 1, -1)


class _Block(nn.Module):
    """Pairs of convolutions, the first of each pair dilated, added to their input."""

    def __init__(self, channels: int, kernel: int) -> None:
        super().__init__()
        self.convs1 = nn.ModuleList(
            _conv(channels, channels, kernel, dilation) for dilation in DILATIONS
        )
        self.convs2 = nn.ModuleList(_conv(channels, channels, kernel) for _ in DILATIONS)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for dilated, plain in zip(self.convs1, self.convs2, strict=True):
            y = dilated(functional.leaky_relu(x, SLOPE))
            x = x + plain(functional.leaky_relu_(y, SLOPE))
        return x


def _conv(before: int, channels: int, kernel: int, dilation: int = 1, *, bias: bool = True) -> Any:
    reach = dilation * (kernel // 2)
    sizes = {"kernel_size": (1, kernel), "padding": (0, reach), "dilation": (1, dilation)}
    return nn.Conv2d(before, channels, bias=bias, **sizes)
