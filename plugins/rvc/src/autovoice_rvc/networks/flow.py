"""The flow, run backwards: the latent of any voice to that of one speaker.

Affine couplings without scale (Dinh, Krueger and Bengio 2014, https://arxiv.org/abs/1410.8516),
each shift by a WaveNet that knows the speaker, and the channels reversed between them.
"""

from __future__ import annotations

import torch
from torch import nn

from autovoice_rvc.architecture import COUPLINGS, LATENT, SPEAKER, WAVENET_KERNEL, WAVENET_LAYERS

HALF = LATENT // 2


class Flow(nn.Module):
    """Couplings and reversals, undone from the last to the first."""

    def __init__(self) -> None:
        super().__init__()
        # As files number them: couplings are even, and the odd are reversals.
        layers = [[_Coupling(), nn.Identity()] for _ in range(COUPLINGS)]
        self.flows = nn.ModuleList(layer for pair in layers for layer in pair)

    def forward(self, x: torch.Tensor, speaker: torch.Tensor) -> torch.Tensor:
        """Return the latent ``(1, 192, frames)`` of the speaker, ``(1, 256, 1)``."""
        for coupling in reversed(self.flows[::2]):
            x = coupling(x.flip(1), speaker)
        return x


class _Coupling(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.pre = nn.Conv1d(HALF, LATENT, 1)
        self.enc = _WaveNet()
        self.post = nn.Conv1d(LATENT, HALF, 1)

    def forward(self, x: torch.Tensor, speaker: torch.Tensor) -> torch.Tensor:
        kept, shifted = x.chunk(2, dim=1)
        return torch.cat([kept, shifted - self.post(self.enc(self.pre(kept), speaker))], dim=1)


class _WaveNet(nn.Module):
    """Gated convolutions that hand on one half of their channels and sum up the other."""

    def __init__(self) -> None:
        super().__init__()
        self.cond_layer = nn.Conv1d(SPEAKER, 2 * LATENT * WAVENET_LAYERS, 1)
        inner = (LATENT, 2 * LATENT, WAVENET_KERNEL)
        self.in_layers = nn.ModuleList(
            nn.Conv1d(*inner, padding=WAVENET_KERNEL // 2) for _ in range(WAVENET_LAYERS)
        )
        handed_on = [2 * LATENT] * (WAVENET_LAYERS - 1) + [LATENT]
        self.res_skip_layers = nn.ModuleList(nn.Conv1d(LATENT, out, 1) for out in handed_on)

    def forward(self, x: torch.Tensor, speaker: torch.Tensor) -> torch.Tensor:
        conditions = self.cond_layer(speaker).chunk(WAVENET_LAYERS, dim=1)
        total = torch.zeros_like(x)
        for inner, outer, condition in zip(
            self.in_layers, self.res_skip_layers, conditions, strict=True
        ):
            wave, gate = (inner(x) + condition).chunk(2, dim=1)
            y = outer(torch.tanh(wave) * torch.sigmoid(gate))
            if y.shape[1] > LATENT:
                x = x + y[:, :LATENT]
            total = total + y[:, -LATENT:]
        return total
