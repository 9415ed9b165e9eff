"""Models of RVC voices as RVC, Applio and others write them, of any numbers and faults."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import torch
from safetensors.torch import save

from autovoice_rvc.architecture import ARCHITECTURES, Architecture

V2_40K = next(each for each in ARCHITECTURES if each.name == "v2 40k")
V1_32K = next(each for each in ARCHITECTURES if each.name == "v1 32k without f0")

Weights = dict[str, torch.Tensor]

_NUMBERS = np.random.default_rng(0).standard_normal(1 << 20).astype(np.float16)
NEW_SPELLING = {
    ".weight_g": ".parametrizations.weight.original0",
    ".weight_v": ".parametrizations.weight.original1",
}


def weights(architecture: Architecture, kind: torch.dtype = torch.float16) -> Weights:
    """Return weights of random numbers, others in every array."""
    return {
        name: torch.from_numpy(np.resize(np.roll(_NUMBERS, place), shape)).to(kind)
        for place, (name, shape) in enumerate(architecture.shapes().items())
    }


def few_weights(speakers: int = 109) -> Weights:
    """Return as little of the weights as a description is compared with."""
    return {
        "emb_g.weight": torch.zeros(speakers, 256),
        "enc_p.emb_phone.weight": torch.zeros(192, 768),
    }


def in_new_spelling(found: Weights) -> Weights:
    """Return weights by the names that newer versions of PyTorch give to weight norm."""
    spelled = {}
    for name, value in found.items():
        for old, new in NEW_SPELLING.items():
            if name.endswith(old):
                name = name.removesuffix(old) + new
        spelled[name] = value
    return spelled


def config(architecture: Architecture) -> list[Any]:
    """Return the list of 18 values."""
    return [
        *(513 if architecture.sample_rate == 32_000 else 1025, 32, 192, 192, 768, 2, 6, 3, 0),
        *("1", [3, 7, 11], [[1, 3, 5], [1, 3, 5], [1, 3, 5]], [*architecture.upsample_rates]),
        *(512, [*architecture.upsample_kernels], 109, 256, architecture.sample_rate),
    ]


def description(architecture: Architecture = V2_40K, **changes: Any) -> dict[str, Any]:
    """Return what RVC writes beside the weights; ``changes`` of None take away."""
    found = {
        "config": config(architecture),
        "info": "100epoch",
        "sr": f"{architecture.sample_rate // 1000}k",
        "f0": int(architecture.f0),
        "version": f"v{architecture.version}",
        **changes,
    }
    return {name: value for name, value in found.items() if value is not None}


def archive(content: Any) -> bytes:
    """Return what ``torch.save`` writes."""
    memory = io.BytesIO()
    torch.save(content, memory)
    return memory.getvalue()


def model(architecture: Architecture = V2_40K, **changes: Any) -> bytes:
    """Return a ``.pth`` file; ``changes`` of None take away."""
    given = changes.pop("weight", None)
    held = weights(architecture) if given is None else given
    return archive({"weight": held, **description(architecture, **changes)})


def few(**changes: Any) -> bytes:
    """Return a ``.pth`` file with a description and few weights."""
    return model(**{"weight": few_weights(), **changes})


def safetensors(held: Weights, **metadata: Any) -> bytes:
    """Return a file of safetensors; values of its metadata that are no text become JSON."""
    texts = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in metadata.items()
    }
    return bytes(save({name: value.clone().contiguous() for name, value in held.items()}, texts))
