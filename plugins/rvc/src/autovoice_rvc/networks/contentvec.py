"""ContentVec: the words of a voice, without the voice.

The network is HuBERT-base (Hsu et al. 2021, https://arxiv.org/abs/2106.07447), the training is that
of Qian et al. (2022, https://arxiv.org/abs/2204.09224). Version 2 of RVC takes the last layer,
version 1 a projection of the ninth.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from autovoice_rvc.networks.contentvec_names import as_hugging_face
from autovoice_rvc.networks.loading import load_arrays

RATE, HOP, RECEPTIVE = 16_000, 320, 400
"""Sample rate, samples between frames, and samples that a frame sees before attention."""
KERNELS, STRIDES = (10, 3, 3, 3, 3, 2, 2), (5, 2, 2, 2, 2, 2, 2)
CONV_CHANNELS, WIDTH, HEADS, FEED_FORWARD = 512, 768, 12, 3072
LAYERS, V1_LAYERS, V1_WIDTH = 12, 9, 256
POSITION_KERNEL, POSITION_GROUPS = 128, 16


def content_frames(samples: int) -> int:
    """Return the frames of so many samples at 16 kHz, 0 below 400."""
    return max(0, (samples - RECEPTIVE) // HOP + 1)


def contentvec_shapes() -> dict[str, tuple[int, ...]]:
    """Return the shape of every array that is used, by the name in Hugging Face's files."""
    shapes: dict[str, tuple[int, ...]] = {}
    for layer, kernel in enumerate(KERNELS):
        channels = CONV_CHANNELS if layer else 1
        name = f"feature_extractor.conv_layers.{layer}"
        shapes[f"{name}.conv.weight"] = (CONV_CHANNELS, channels, kernel)
        if layer == 0:
            shapes |= _with_bias(f"{name}.layer_norm", (CONV_CHANNELS,))
    shapes |= _with_bias("feature_projection.layer_norm", (CONV_CHANNELS,))
    shapes |= _with_bias("feature_projection.projection", (WIDTH, CONV_CHANNELS))
    name = "encoder.pos_conv_embed.conv"
    shapes[f"{name}.weight_g"] = (1, 1, POSITION_KERNEL)
    shapes[f"{name}.weight_v"] = (WIDTH, WIDTH // POSITION_GROUPS, POSITION_KERNEL)
    shapes[f"{name}.bias"] = (WIDTH,)
    shapes |= _with_bias("encoder.layer_norm", (WIDTH,))
    for layer in range(LAYERS):
        name = f"encoder.layers.{layer}"
        for part in "kvq":
            shapes |= _with_bias(f"{name}.attention.{part}_proj", (WIDTH, WIDTH))
        shapes |= _with_bias(f"{name}.attention.out_proj", (WIDTH, WIDTH))
        shapes |= _with_bias(f"{name}.layer_norm", (WIDTH,))
        shapes |= _with_bias(f"{name}.feed_forward.intermediate_dense", (FEED_FORWARD, WIDTH))
        shapes |= _with_bias(f"{name}.feed_forward.output_dense", (WIDTH, FEED_FORWARD))
        shapes |= _with_bias(f"{name}.final_layer_norm", (WIDTH,))
    return shapes | _with_bias("final_proj", (V1_WIDTH, WIDTH))


def _with_bias(name: str, weight: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": weight, f"{name}.bias": weight[:1]}


class ContentVec(nn.Module):
    """Samples at 16 kHz to content at 50 frames a second."""

    def __init__(self) -> None:
        super().__init__()
        self.feature_extractor = _Features()
        self.feature_projection = _Projection()
        self.encoder = _Encoder()
        self.final_proj = nn.Linear(WIDTH, V1_WIDTH)

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Any], *, device: str = "cpu") -> ContentVec:
        """Return the network of the arrays of a file, in float32 on ``device``.

        ``arrays`` are named as in Hugging Face's files or as in fairseq's, with either spelling of
        weight norm, and of any float dtype.

        Raises
        ------
        ModelError
            Arrays are missing or have another shape.
        """
        with torch.device("meta"):
            network = cls()
        named, shapes = as_hugging_face(arrays), contentvec_shapes()
        loaded: ContentVec = load_arrays(network, named, shapes, "ContentVec").to(device)
        return loaded

    def forward(self, samples: torch.Tensor, *, version: int) -> torch.Tensor:
        """Return content, ``(1, frames, 768)`` for version 2 and ``(1, frames, 256)`` for 1.

        ``samples`` are ``(1, n)`` at 16 kHz, as they are: not normalised. There are ``(n - 400) //
        320 + 1`` frames, the first of which is centred on sample 200.
        """
        x = self.feature_projection(self.feature_extractor(samples))
        if version == 1:
            projected: torch.Tensor = self.final_proj(self.encoder(x, V1_LAYERS))
            return projected
        encoded: torch.Tensor = self.encoder(x, LAYERS)
        return encoded


class _Features(nn.Module):
    """Convolutions from samples to frames."""

    def __init__(self) -> None:
        super().__init__()
        self.conv_layers = nn.ModuleList()
        for layer, (kernel, stride) in enumerate(zip(KERNELS, STRIDES, strict=True)):
            self.conv_layers.append(_FeatureLayer(layer == 0, kernel, stride))

    def forward(self, samples: torch.Tensor) -> torch.Tensor:
        x = samples[:, None]
        for layer in self.conv_layers:
            x = layer(x)
        return x.transpose(1, 2)


class _FeatureLayer(nn.Module):
    def __init__(self, first: bool, kernel: int, stride: int) -> None:
        super().__init__()
        channels = 1 if first else CONV_CHANNELS
        self.conv = nn.Conv1d(channels, CONV_CHANNELS, kernel, stride, bias=False)
        # Over all of the input, so that a window's level doesn't matter, but its extent does.
        self.layer_norm = nn.GroupNorm(CONV_CHANNELS, CONV_CHANNELS) if first else nn.Identity()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return functional.gelu(self.layer_norm(self.conv(x)))


class _Projection(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer_norm = nn.LayerNorm(CONV_CHANNELS)
        self.projection = nn.Linear(CONV_CHANNELS, WIDTH)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = self.projection(self.layer_norm(x))
        return y


class _Encoder(nn.Module):
    """A transformer that knows positions from a convolution."""

    def __init__(self) -> None:
        super().__init__()
        self.pos_conv_embed = _Positions()
        self.layer_norm = nn.LayerNorm(WIDTH)
        self.layers = nn.ModuleList(_Layer() for _ in range(LAYERS))

    def forward(self, x: torch.Tensor, layers: int) -> torch.Tensor:
        x = self.layer_norm(x + self.pos_conv_embed(x))
        for layer in self.layers[:layers]:
            x = layer(x)
        return x


class _Positions(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        half = POSITION_KERNEL // 2
        self.conv = nn.Conv1d(WIDTH, WIDTH, POSITION_KERNEL, padding=half, groups=POSITION_GROUPS)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        # An even kernel leaves one frame too many.
        return functional.gelu(self.conv(x.transpose(1, 2))[:, :, :-1]).transpose(1, 2)


class _Layer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.attention = _Attention()
        self.layer_norm = nn.LayerNorm(WIDTH)
        self.feed_forward = _FeedForward()
        self.final_layer_norm = nn.LayerNorm(WIDTH)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.layer_norm(x + self.attention(x))
        y: torch.Tensor = self.final_layer_norm(x + self.feed_forward(x))
        return y


class _Attention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.k_proj, self.v_proj = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH)
        self.q_proj, self.out_proj = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        query, key, value = (
            part(x).unflatten(2, (HEADS, -1)).transpose(1, 2)
            for part in (self.q_proj, self.k_proj, self.v_proj)
        )
        y = functional.scaled_dot_product_attention(query, key, value)
        attended: torch.Tensor = self.out_proj(y.transpose(1, 2).flatten(2))
        return attended


class _FeedForward(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.intermediate_dense = nn.Linear(WIDTH, FEED_FORWARD)
        self.output_dense = nn.Linear(FEED_FORWARD, WIDTH)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = self.output_dense(functional.gelu(self.intermediate_dense(x)))
        return y
