"""The decoder: HiFi-GAN with a sine source, from the latent to samples.

The generator of Kong, Kim and Bae (2020, https://arxiv.org/abs/2010.05646): transposed convolutions
raise the rate, and after each, blocks of dilated convolutions are averaged. The source is added at
the rate of every stage.
"""

from __future__ import annotations

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

SLOPE, LAST_SLOPE = 0.1, 0.01


class Decoder(nn.Module):
    """Latent and source to samples in [-1, 1]."""

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self.conv_pre = nn.Conv1d(LATENT, DECODER_CHANNELS, 7, padding=3)
        self.cond = nn.Conv1d(SPEAKER, DECODER_CHANNELS, 1)
        self.ups, self.resblocks = nn.ModuleList(), nn.ModuleList()
        self.m_source = _Source() if architecture.f0 else None
        self.noise_convs = nn.ModuleList()
        for before, channels, rate, kernel, later in architecture.stages():
            up = nn.ConvTranspose1d(before, channels, kernel, rate, padding=(kernel - rate) // 2)
            self.ups.append(up)
            self.resblocks.extend(_Block(channels, size) for size in BLOCK_KERNELS)
            if architecture.f0 and later > 1:
                brought = nn.Conv1d(1, channels, 2 * later, stride=later, padding=later // 2)
                self.noise_convs.append(brought)
            elif architecture.f0:
                self.noise_convs.append(nn.Conv1d(1, channels, 1))
        self.conv_post = nn.Conv1d(channels, 1, 7, padding=3, bias=False)

    def forward(
        self, x: torch.Tensor, speaker: torch.Tensor, excitation: torch.Tensor | None
    ) -> torch.Tensor:
        """Return the samples, ``(1, frames * hop)``.

        ``x`` is ``(1, 192, frames)``, ``speaker`` ``(1, 256, 1)``; ``excitation`` is ``(1, frames *
        hop)``, or ``None`` where the voice takes no pitch.
        """
        source = None if self.m_source is None else self.m_source(excitation)
        x = self.conv_pre(x) + self.cond(speaker)
        for stage, up in enumerate(self.ups):
            x = up(functional.leaky_relu(x, SLOPE))
            if source is not None:
                x = x + self.noise_convs[stage](source)
            first = stage * len(BLOCK_KERNELS)
            blocks = self.resblocks[first : first + len(BLOCK_KERNELS)]
            x = sum(block(x) for block in blocks) / len(blocks)
        return torch.tanh(self.conv_post(functional.leaky_relu(x, LAST_SLOPE)))[:, 0]


class _Source(nn.Module):
    """The excitation as the decoder takes it, ``(1, samples) -> (1, 1, samples)``."""

    def __init__(self) -> None:
        super().__init__()
        self.l_linear = nn.Linear(1, 1)

    def forward(self, excitation: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = torch.tanh(self.l_linear(excitation[..., None])).transpose(1, 2)
        return y


class _Block(nn.Module):
    """Pairs of convolutions, the first of each pair dilated, added to their input."""

    def __init__(self, channels: int, kernel: int) -> None:
        super().__init__()
        self.convs1 = nn.ModuleList(_conv(channels, kernel, dilation) for dilation in DILATIONS)
        self.convs2 = nn.ModuleList(_conv(channels, kernel, 1) for _ in DILATIONS)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for dilated, plain in zip(self.convs1, self.convs2, strict=True):
            y = dilated(functional.leaky_relu(x, SLOPE))
            x = x + plain(functional.leaky_relu(y, SLOPE))
        return x


def _conv(channels: int, kernel: int, dilation: int) -> nn.Conv1d:
    reach = dilation * (kernel // 2)
    return nn.Conv1d(channels, channels, kernel, padding=reach, dilation=dilation)
