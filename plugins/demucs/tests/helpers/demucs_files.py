"""Files of weights as the author of Demucs writes them, with random numbers in them."""

from __future__ import annotations

import hashlib
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import torch
from demucs.htdemucs import HTDemucs
from safetensors.torch import save

from autovoice_core import models
from autovoice_core.backends import Weights

SOURCES = ["drums", "bass", "other", "vocals"]
CLASS = "demucs.htdemucs.HTDemucs"

SMALL: dict[str, Any] = {
    "sources": SOURCES,
    "channels": 8,
    "nfft": 1024,
    "dconv_mode": 3,
    "bottom_channels": 16,
    "t_layers": 1,
    "t_heads": 2,
    "segment": Fraction(13, 10),
}
"""A network of every layer that the true ones have, but little of each."""

# What the configuration of the training says, in its order.
TRUE: dict[str, Any] = {
    "channels": 48,
    "channels_time": None,
    "growth": 2,
    "nfft": 4096,
    "wiener_iters": 0,
    "end_iters": 0,
    "wiener_residual": False,
    "cac": True,
    "depth": 4,
    "rewrite": True,
    "multi_freqs": [],
    "multi_freqs_depth": 3,
    "freq_emb": 0.2,
    "emb_scale": 10,
    "emb_smooth": True,
    "kernel_size": 8,
    "stride": 4,
    "time_stride": 2,
    "context": 1,
    "context_enc": 0,
    "norm_starts": 4,
    "norm_groups": 4,
    "dconv_mode": 3,
    "dconv_depth": 2,
    "dconv_comp": 8,
    "dconv_init": 0.001,
    "bottom_channels": 512,
    "t_layers": 5,
    "t_hidden_scale": 4.0,
    "t_heads": 8,
    "t_dropout": 0.02,
    "t_layer_scale": True,
    "t_gelu": True,
    "t_emb": "sin",
    "t_max_positions": 10000,
    "t_max_period": 10000.0,
    "t_weight_pos_embed": 1.0,
    "t_cape_mean_normalize": True,
    "t_cape_augment": True,
    "t_cape_glob_loc_scale": [5000.0, 1.0, 1.4],
    "t_sin_random_shift": 0,
    "t_norm_in": True,
    "t_norm_in_group": False,
    "t_group_norm": False,
    "t_norm_first": True,
    "t_norm_out": True,
    "t_weight_decay": 0.0,
    "t_lr": None,
    "t_sparse_self_attn": False,
    "t_sparse_cross_attn": False,
    "t_mask_type": "diag",
    "t_mask_random_seed": 42,
    "t_sparse_attn_window": 400,
    "t_global_window": 100,
    "t_sparsity": 0.95,
    "t_auto_sparsity": False,
    "t_cross_first": False,
    "rescale": 0.1,
    "samplerate": 44100,
    "sources": SOURCES,
    "audio_channels": 2,
    "segment": Fraction(39, 5),
}


def small(**changes: Any) -> HTDemucs:
    """Return a small network with random weights, the same every time, in half precision."""
    torch.manual_seed(0)
    network = HTDemucs(**SMALL | changes).eval()
    # At first its layers hardly add to each other: let them, so that every one is heard.
    for name, parameter in network.named_parameters():
        if name.endswith(".scale"):
            parameter.data.fill_(0.5)
    return network.half().float().requires_grad_(False)


def written(
    state: dict[str, torch.Tensor],
    options: dict[str, Any] | None = None,
    metadata: dict[str, str] | None = None,
) -> bytes:
    """Return the file of a network: half precision, its class and arguments in the metadata."""

    def plain(value: Fraction) -> dict[str, Any]:
        return {
            "_type": "fraction",
            "numerator": value.numerator,
            "denominator": value.denominator,
        }

    if metadata is None:
        kwargs = json.dumps(SMALL if options is None else options, default=plain)
        metadata = {"klass": CLASS, "args": "[]", "kwargs": kwargs}
    return save({name: array.half().contiguous() for name, array in state.items()}, metadata)


def kept(body: bytes, folder: Path, name: str = "toy/small") -> Weights:
    """Return weights of these bytes, that are in their place."""
    source = folder / "written"
    source.write_bytes(body)
    weights = Weights(
        name=name,
        url="https://example.org/small.safetensors",
        size=len(body),
        sha256=hashlib.sha256(body).hexdigest(),
        licence="CC0-1.0",
    )
    models.get(weights, source=source)
    source.unlink()
    return weights
