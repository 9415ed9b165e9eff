"""The network of `wrpca` as torch trains it, for `training/separation.py`."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import safetensors.numpy
import torch
from torch import nn

from autovoice_core.audio.atomic import atomic_file
from autovoice_core.separation.wrpca.mask_network import (
    FRAMES_MULTIPLE,
    KERNEL,
    LAST_WIDTH,
    LEAK,
    NORM_EPSILON,
    WIDTHS,
    WITNESSES,
)
from autovoice_core.separation.wrpca.vocal_mask import MIN_VOCAL_HZ

MIN_BAND = int(MIN_VOCAL_HZ / 10.77) + 1
"""The lowest band of the mask."""
ODDS = 5
"""The witness that is log odds of its own."""


class TrainableNetwork(nn.Module):
    """The network as torch trains it; see :mod:`autovoice_core.separation.wrpca.mask_network`."""

    def __init__(self) -> None:
        super().__init__()
        levels = list(itertools.pairwise((WITNESSES, *WIDTHS)))
        half = KERNEL // 2
        self.down = nn.ModuleList(
            nn.Conv2d(i, o, KERNEL, stride=2, padding=half, bias=False) for i, o in levels
        )
        self.down_norm = nn.ModuleList(_norm(o) for _, o in levels)
        outputs = (*WIDTHS[-2::-1], LAST_WIDTH)
        inputs = (WIDTHS[-1], *(2 * width for width in WIDTHS[-2::-1]))
        self.up = nn.ModuleList(
            nn.ConvTranspose2d(i, o, KERNEL, stride=2, padding=half, output_padding=1, bias=False)
            for i, o in zip(inputs, outputs, strict=True)
        )
        self.up_norm = nn.ModuleList(_norm(o) for o in outputs)
        self.last = nn.Conv2d(WITNESSES + LAST_WIDTH, 1, 1)
        # It begins as the weighted features that it replaces.
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)
        with torch.no_grad():
            self.last.weight[0, ODDS] = 4.0

    def forward(self, witnesses: torch.Tensor) -> torch.Tensor:
        """Return the mask: ``(batch, WITNESSES, frames, bands)`` -> ``(batch, frames, bands)``."""
        frames = witnesses.shape[2]
        padding = (0, 0, 0, -frames % FRAMES_MULTIPLE)
        witnesses = nn.functional.pad(witnesses, padding)
        witnesses = witnesses.contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            signal, levels = witnesses, []
            for convolve, norm in zip(self.down, self.down_norm, strict=True):
                signal = nn.functional.leaky_relu(norm(convolve(signal)), LEAK)
                levels.append(signal)
            levels.pop()
            for convolve, norm in zip(self.up, self.up_norm, strict=True):
                signal = torch.relu(norm(convolve(signal)))
                signal = torch.cat([levels.pop() if levels else witnesses, signal], dim=1)
            odds = self.last(signal)[:, 0, :frames]
        mask = torch.sigmoid(odds.float())
        return mask * (torch.arange(mask.shape[2]) >= MIN_BAND)

    def save(self, path: Path) -> None:
        """Write the weights in half precision."""
        halves = {
            name: np.ascontiguousarray(each.detach().numpy()).astype(np.float16)
            for name, each in self.state_dict().items()
        }
        with atomic_file(path) as part:
            safetensors.numpy.save_file(halves, part)


def _norm(width: int) -> nn.GroupNorm:
    return nn.GroupNorm(1, width, eps=NORM_EPSILON)
