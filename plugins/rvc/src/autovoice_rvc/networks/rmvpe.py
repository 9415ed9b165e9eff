"""RMVPE: the pitch of a voice, also among other sounds.

A deep U-Net over a mel spectrogram, then a recurrent layer (Wei et al. 2023,
https://arxiv.org/abs/2306.15412).
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils import fuse_conv_bn_eval

from autovoice_rvc.networks.loading import load_arrays
from autovoice_rvc.networks.rmvpe_mel import MELS

CLASSES = 360
CHANNELS = (16, 32, 64, 128, 256)
"""Channels of the levels, each at half the frames and half the bands of the one before."""
BLOCKS, BOTTOM_LEVELS = 4, 4
"""Residual blocks of a level, and levels without halving at the bottom of the U."""
LAST_CHANNELS, RECURRENT = 3, 256
FRAMES = 2 ** len(CHANNELS)
"""The network takes a multiple of so many frames."""


def rmvpe_shapes() -> dict[str, tuple[int, ...]]:
    """Return the shape of every array that is used."""
    with torch.device("meta"):
        state = Rmvpe().state_dict()
    counters = ".num_batches_tracked"
    return {name: tuple(x.shape) for name, x in state.items() if not name.endswith(counters)}


class Rmvpe(nn.Module):
    """Mel spectrogram to the salience of each pitch."""

    def __init__(self) -> None:
        super().__init__()
        self.unet = _UNet()
        self.cnn = nn.Conv2d(CHANNELS[0], LAST_CHANNELS, 3, padding=1)
        self.fc = nn.Sequential(_Recurrent(), nn.Linear(2 * RECURRENT, CLASSES))

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Any], *, device: str = "cpu") -> Rmvpe:
        """Return the network of the arrays of a file, in float32 on ``device``.

        Raises
        ------
        ModelError
            Arrays are missing or have another shape.
        """
        with torch.device("meta"):
            network = cls()
        loaded: Rmvpe = load_arrays(network, arrays, rmvpe_shapes(), "RMVPE")
        _fold_batch_norms(loaded)
        moved: Rmvpe = loaded.to(device)
        return moved

    def forward(self, mel: torch.Tensor) -> torch.Tensor:
        """Return salience in [0, 1], ``(1, frames, 360)``, of ``(1, 128, frames)``."""
        frames = mel.shape[2]
        x = functional.pad(mel, (0, -frames % FRAMES)).transpose(1, 2)[:, None]
        x = self.cnn(self.unet(x)).transpose(1, 2).flatten(2)
        return torch.sigmoid(self.fc(x))[:, :frames]


class _UNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        bottom = 2 * CHANNELS[-1]
        self.encoder = _Encoder()
        self.intermediate = nn.Module()
        self.intermediate.layers = nn.ModuleList(
            _Level(bottom if level else CHANNELS[-1], bottom) for level in range(BOTTOM_LEVELS)
        )
        self.decoder = nn.Module()
        self.decoder.layers = nn.ModuleList(_Rise(channels) for channels in reversed(CHANNELS))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x, passed = self.encoder(x)
        for level in self.intermediate.layers:
            x = level(x)
        for rise in self.decoder.layers:
            x = rise(x, passed.pop())
        return x


class _Encoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.bn = nn.BatchNorm2d(1)
        self.layers = nn.ModuleList(
            _Level(before, channels)
            for before, channels in zip((1, *CHANNELS), CHANNELS, strict=False)
        )

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, list[torch.Tensor]]:
        passed, x = [], self.bn(x)
        for level in self.layers:
            passed.append(level(x))
            x = functional.avg_pool2d(passed[-1], 2)
        return x, passed


class _Level(nn.Module):
    """Residual blocks."""

    def __init__(self, before: int, channels: int) -> None:
        super().__init__()
        self.conv = _blocks(before, channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for block in self.conv:
            x = block(x)
        return x


class _Rise(nn.Module):
    """Twice the frames and bands at half the channels, with what was passed across the U."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        up = nn.ConvTranspose2d(
            2 * channels, channels, 3, stride=2, padding=1, output_padding=1, bias=False
        )
        self.conv1 = nn.Sequential(up, nn.BatchNorm2d(channels), nn.ReLU())
        self.conv2 = _blocks(2 * channels, channels)

    def forward(self, x: torch.Tensor, passed: torch.Tensor) -> torch.Tensor:
        x = torch.cat([self.conv1(x), passed], dim=1)
        for block in self.conv2:
            x = block(x)
        return x


class _Block(nn.Module):
    """Two convolutions, and their input added."""

    def __init__(self, before: int, channels: int) -> None:
        super().__init__()
        layers: list[Any] = []
        for width in (before, channels):
            conv = nn.Conv2d(width, channels, 3, padding=1, bias=False)
            layers += [conv, nn.BatchNorm2d(channels), nn.ReLU()]
        self.conv = nn.Sequential(*layers)
        self.shortcut = nn.Conv2d(before, channels, 1) if before != channels else nn.Identity()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = self.conv(x) + self.shortcut(x)
        return y


class _Recurrent(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.gru = nn.GRU(LAST_CHANNELS * MELS, RECURRENT, batch_first=True, bidirectional=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = self.gru(x)[0]
        return y


def _blocks(before: int, channels: int) -> Any:
    return nn.ModuleList(_Block(channels if place else before, channels) for place in range(BLOCKS))


def _fold_batch_norms(network: Any) -> None:
    """Put the scale and offset of each batch norm into the convolution before it."""
    for sequence in network.modules():
        if not isinstance(sequence, nn.Sequential):
            continue
        for place, (conv, norm) in enumerate(pairwise(sequence)):
            if isinstance(norm, nn.BatchNorm2d):
                transposed = isinstance(conv, nn.ConvTranspose2d)
                sequence[place] = fuse_conv_bn_eval(conv, norm, transposed)
                sequence[place + 1] = nn.Identity()
