"""The text encoder: content and pitch in, mean and spread of the latent out.

A transformer with relative positions (Shaw et al. 2018, https://arxiv.org/abs/1803.02155), as in
VITS (Kim, Kong and Son 2021, https://arxiv.org/abs/2106.06103).
"""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn import functional

from autovoice_rvc.architecture import (
    ATTENTION_WINDOW,
    ENCODER_LAYERS,
    FILTER,
    HEADS,
    LATENT,
    PITCHES,
)
from autovoice_rvc.networks.sine_source import coarse_pitch

HEAD = LATENT // HEADS
SLOPE = 0.1


class TextEncoder(nn.Module):
    """Content of each frame, and its pitch, to the distribution of its latent."""

    def __init__(self, content_size: int, *, f0: bool) -> None:
        super().__init__()
        self.emb_phone = nn.Linear(content_size, LATENT)
        self.emb_pitch = nn.Embedding(PITCHES, LATENT) if f0 else None
        self.encoder = _Encoder()
        self.proj = nn.Conv1d(LATENT, 2 * LATENT, 1)

    def forward(
        self, content: torch.Tensor, f0: torch.Tensor | None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return mean and logarithm of the deviation, ``(1, 192, frames)`` each.

        ``content`` is ``(1, frames, content_size)``; ``f0`` is ``(1, frames)`` in Hz, or ``None``
        where the voice takes no pitch.
        """
        x = self.emb_phone(content)
        if self.emb_pitch is not None:
            x = x + self.emb_pitch(coarse_pitch(f0))
        x = functional.leaky_relu(x * math.sqrt(LATENT), SLOPE)
        mean, deviation = self.proj(self.encoder(x.transpose(1, 2))).chunk(2, dim=1)
        return mean, deviation


class _Encoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.attn_layers = nn.ModuleList(_Attention() for _ in range(ENCODER_LAYERS))
        self.norm_layers_1 = nn.ModuleList(_Norm() for _ in range(ENCODER_LAYERS))
        self.ffn_layers = nn.ModuleList(_FeedForward() for _ in range(ENCODER_LAYERS))
        self.norm_layers_2 = nn.ModuleList(_Norm() for _ in range(ENCODER_LAYERS))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for attention, norm, feed_forward, last_norm in zip(
            self.attn_layers, self.norm_layers_1, self.ffn_layers, self.norm_layers_2, strict=True
        ):
            x = norm(x + attention(x))
            x = last_norm(x + feed_forward(x))
        return x


class _Attention(nn.Module):
    """Attention over the whole input, which also knows distances of up to ten frames."""

    def __init__(self) -> None:
        super().__init__()
        self.conv_q = nn.Conv1d(LATENT, LATENT, 1)
        self.conv_k = nn.Conv1d(LATENT, LATENT, 1)
        self.conv_v = nn.Conv1d(LATENT, LATENT, 1)
        self.conv_o = nn.Conv1d(LATENT, LATENT, 1)
        self.emb_rel_k = nn.Parameter(torch.empty(1, 2 * ATTENTION_WINDOW + 1, HEAD))
        self.emb_rel_v = nn.Parameter(torch.empty(1, 2 * ATTENTION_WINDOW + 1, HEAD))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        query = _heads(self.conv_q(x)) / math.sqrt(HEAD)
        key, value = _heads(self.conv_k(x)), _heads(self.conv_v(x))
        near = query @ self.emb_rel_k[0].T
        weights = torch.softmax(query @ key.transpose(1, 2) + _spread(near), dim=-1)
        y = weights @ value + _gathered(weights) @ self.emb_rel_v[0]
        return self.conv_o(y.transpose(1, 2).reshape(1, LATENT, -1))


def _heads(x: torch.Tensor) -> torch.Tensor:
    """Return ``(heads, frames, values)`` of ``(1, channels, frames)``."""
    return x.view(HEADS, HEAD, -1).transpose(1, 2)


def _spread(near: torch.Tensor) -> torch.Tensor:
    """Return the matrix whose bands are ``near``, ``(heads, frames, 21) -> (…, frames, frames)``.

    Row ``i`` holds ``near[i]`` from column ``i - 10`` on. Rows padded by one too many for the width
    they are then read at move on by one each.
    """
    heads, frames, bands = near.shape
    flat = functional.pad(near, (0, frames)).flatten(1)
    wide = flat[:, : frames * (frames + bands - 1)].view(heads, frames, frames + bands - 1)
    return wide[:, :, ATTENTION_WINDOW : ATTENTION_WINDOW + frames]


def _gathered(matrix: torch.Tensor) -> torch.Tensor:
    """Return the bands of a matrix, ``(heads, frames, frames) -> (heads, frames, 21)``."""
    heads, frames, _ = matrix.shape
    bands = 2 * ATTENTION_WINDOW + 1
    flat = functional.pad(matrix, (ATTENTION_WINDOW, ATTENTION_WINDOW)).flatten(1)
    return functional.pad(flat, (0, frames)).view(heads, frames, frames + bands)[:, :, :bands]


class _FeedForward(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv_1 = nn.Conv1d(LATENT, FILTER, 3, padding=1)
        self.conv_2 = nn.Conv1d(FILTER, LATENT, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = self.conv_2(functional.relu(self.conv_1(x)))
        return y


class _Norm(nn.Module):
    """Layer norm over the channels of ``(1, channels, frames)``."""

    def __init__(self) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.empty(LATENT))
        self.beta = nn.Parameter(torch.empty(LATENT))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = functional.layer_norm(x.transpose(1, 2), (LATENT,), self.gamma, self.beta)
        return y.transpose(1, 2)
