"""Random weights of the true names and shapes, scaled so that signals neither die nor saturate."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from autovoice_rvc.architecture import Architecture
from autovoice_rvc.networks.contentvec import contentvec_shapes
from autovoice_rvc.networks.rmvpe import rmvpe_shapes

Arrays = dict[str, NDArray[np.float32]]
SHARPENED = re.compile(r"\.(conv_[qk]|[qk]_proj)\.weight$")
ADDED = re.compile(r"\.(conv_o|out_proj|output_dense)\.weight$")


def random_arrays(architecture: Architecture, seed: int) -> Arrays:
    """Return the weights of a voice."""
    arrays = _random(architecture.shapes(), seed)
    for stage, (before, _, rate, _, _) in enumerate(architecture.stages()):
        # What a step of the output is given by all channels and the kernel's steps at its place.
        arrays[f"dec.ups.{stage}.weight_g"] *= np.float32(np.sqrt(rate * 512 / before) / 4)
    arrays["emb_g.weight"] *= 8
    arrays["enc_p.proj.weight"][192:] *= np.float32(0.1)
    arrays["dec.conv_post.weight"] *= np.float32(0.3)
    return arrays


def random_contentvec(seed: int) -> Arrays:
    """Return the weights of ContentVec, by Hugging Face's names."""
    arrays = _random(contentvec_shapes(), seed)
    for name, array in arrays.items():
        if name.startswith("feature_extractor") and array.ndim == 3:
            arrays[name] = _without_mean(array) * np.float32(1.7)
    return arrays


def random_rmvpe(seed: int) -> Arrays:
    """Return the weights of RMVPE."""
    arrays = _random(rmvpe_shapes(), seed)
    for name, array in arrays.items():
        if name.endswith("running_var"):
            arrays[name] = np.abs(array)
        elif array.ndim == 4:
            arrays[name] = _without_mean(array)
    for name in ("fc.0.gru.weight_ih_l0", "fc.0.gru.weight_ih_l0_reverse"):
        arrays[name] = _without_mean(arrays[name])
    return arrays


def _without_mean(array: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return filters that pass no mean: what rectifiers let through would soon be most of it."""
    centred: NDArray[np.float32] = array - array.mean(
        axis=tuple(range(1, array.ndim)), keepdims=True
    )
    return centred


def _random(shapes: Mapping[str, tuple[int, ...]], seed: int) -> Arrays:
    generator = np.random.default_rng(seed)
    arrays = {}
    for name, shape in shapes.items():
        array = generator.standard_normal(shape, np.float32)
        last = name.rpartition(".")[2]
        if last in ("weight_g", "gamma", "running_var") or (last == "weight" and len(shape) == 1):
            array = 1 + array / 10
        elif last in ("beta", "bias", "running_mean") or last.startswith("bias"):
            array = array / 10
        elif last != "weight_v":
            # Attention that looks somewhere, since an average of all is the same everywhere.
            gain = 2 if SHARPENED.search(name) else 0.4 if ADDED.search(name) else 1
            array = array * gain / np.sqrt(np.prod(shape[1:]))
        arrays[name] = np.asarray(array, np.float32)
    return arrays
