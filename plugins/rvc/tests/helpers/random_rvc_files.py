"""Files of random weights, as RVC, Hugging Face and RMVPE's authors write theirs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from random_rvc import Arrays, random_arrays, random_contentvec, random_rmvpe
from safetensors.numpy import save_file

from autovoice_rvc.architecture import Architecture


def write_rvc(path: Path, architecture: Architecture, seed: int = 0, **changes: Any) -> Path:
    """Write the file that people share, in float16; ``changes`` replace its top entries."""
    content: dict[str, Any] = {
        "weight": _tensors(random_arrays(architecture, seed), torch.float16),
        "config": config_of(architecture),
        "info": "200epoch",
        "sr": f"{architecture.sample_rate // 1000}k",
        "f0": int(architecture.f0),
        "version": f"v{architecture.version}",
    }
    torch.save(content | changes, path)
    return path


def config_of(architecture: Architecture) -> list[Any]:
    """Return the list of 18 that a file's ``config`` is."""
    rates, kernels = list(architecture.upsample_rates), list(architecture.upsample_kernels)
    spectrum = 513 if architecture.sample_rate == 32_000 else 1025
    sizes: list[Any] = [spectrum, 32, 192, 192, 768, 2, 6, 3, 0, "1"]
    sizes += [[3, 7, 11], [[1, 3, 5]] * 3, rates, 512, kernels]
    return [*sizes, architecture.speakers, 256, architecture.sample_rate]


def write_contentvec(path: Path, seed: int = 0) -> Path:
    """Write ContentVec as safetensors, in float32, with the array that nothing uses."""
    arrays = random_contentvec(seed)
    save_file(arrays | {"masked_spec_embed": np.zeros(768, np.float32)}, path)
    return path


def write_rmvpe(path: Path, seed: int = 0) -> Path:
    """Write RMVPE as its authors' file, in float16, with the counters of its batch norms."""
    tensors = _tensors(random_rmvpe(seed), torch.float16)
    for name in list(tensors):
        if name.endswith("running_mean"):
            counter = name.replace("running_mean", "num_batches_tracked")
            tensors[counter] = torch.tensor(1000)
    torch.save(tensors, path)
    return path


def _tensors(arrays: Arrays, dtype: torch.dtype) -> dict[str, torch.Tensor]:
    return {name: torch.from_numpy(array).to(dtype) for name, array in arrays.items()}
