"""Spleeter's network: a U-Net that estimates a mask for one stem from a stereo spectrogram.

Hennequin, Khlif, Voituret and Moussallam, "Spleeter: a fast and efficient music source separation
tool with pre-trained models", JOSS 5 (50), 2020; after Jansson et al., ISMIR 2017.
"""

from __future__ import annotations

import itertools

import torch
from torch import nn

WIDTHS = (2, 16, 32, 64, 128, 256, 512)
"""Channels of the input and of each level of the encoder."""
FRAMES_MULTIPLE = 2 ** (len(WIDTHS) - 1)
"""Frames and bins must be multiples of this, as each level halves them."""
_LEAK = 0.2
_NORM_EPSILON = 1e-3


class UNet(nn.Module):  # type: ignore[misc,unused-ignore]  # torch may not be installed
    """Six convolutions down and six up, each of which sees the level that it mirrors."""

    def __init__(self) -> None:
        super().__init__()
        levels = list(itertools.pairwise(WIDTHS))
        self.down = nn.ModuleList(nn.Conv2d(i, o, 5, stride=2) for i, o in levels)
        self.down_norm = nn.ModuleList(_norm(o) for _, o in levels[:-1])
        # All levels but the deepest are stacked with their mirror image.
        inputs = [WIDTHS[-1], *(2 * width for width in WIDTHS[-2:0:-1])]
        outputs = [*WIDTHS[-2:0:-1], 1]
        self.up = nn.ModuleList(
            nn.ConvTranspose2d(i, o, 5, stride=2) for i, o in zip(inputs, outputs, strict=True)
        )
        self.up_norm = nn.ModuleList(_norm(o) for o in outputs)
        self.mask = nn.Conv2d(1, WIDTHS[0], 4, dilation=2, padding=3)

    def forward(self, magnitudes: torch.Tensor) -> torch.Tensor:
        """Return the mask, 0 to 1, of magnitudes ``(segments, 2, frames, bins)``.

        Frames and bins are multiples of :data:`FRAMES_MULTIPLE`.
        """
        levels = []
        signal = magnitudes
        for depth, convolve in enumerate(self.down):
            if depth:
                signal = nn.functional.leaky_relu(self.down_norm[depth - 1](signal), _LEAK)
            # Strided convolutions of TensorFlow pad one before and two after.
            signal = convolve(nn.functional.pad(signal, (1, 2, 1, 2)))
            levels.append(signal)
        signal = levels.pop()
        for convolve, norm in zip(self.up, self.up_norm, strict=True):
            signal = norm(torch.relu(convolve(signal)[:, :, 1:-2, 1:-2]))
            if levels:
                signal = torch.cat([levels.pop(), signal], dim=1)
        return torch.sigmoid(self.mask(signal))


def _norm(width: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(width, eps=_NORM_EPSILON)
