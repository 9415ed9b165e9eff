"""Models of RVC voices: weights and their description, from PyTorch archives and safetensors.

A model that is returned has every array of its architecture, in the shape of the table, of finite
numbers; and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core import ModelError
from autovoice_core.models.formats import load_safetensors, load_torch
from autovoice_rvc.architecture import Architecture
from autovoice_rvc.files.description import Unsupported, architecture_of
from autovoice_rvc.files.facts import facts_of
from autovoice_rvc.files.recognised import fault_of_content, fault_of_loaded, fault_of_pickle
from autovoice_rvc.files.texts import listed, shown

Arrays = dict[str, NDArray[Any]]

_SPELLINGS = {
    ".parametrizations.weight.original0": ".weight_g",
    ".parametrizations.weight.original1": ".weight_v",
}
"""Weight norm as newer versions of PyTorch spell it, and as all of RVC's do."""
_UNUSED = "enc_q."
"""Begins the names of what only training needs."""
_KEPT = {torch.float16, torch.float32}


@frozen(eq=False)
class Checkpoint:
    """The model of a voice.

    Attributes
    ----------
    architecture
        Its sizes.
    arrays
        Its weights by name, float16 or float32, weight norm spelled in the old way.
    facts
        Lines about its training that the file holds.
    """

    architecture: Architecture
    arrays: Arrays
    facts: tuple[str, ...]


def parse_checkpoint(content: bytes, file: Path) -> Checkpoint:
    """Return the model in the content of a file, which messages call ``file``.

    Raises
    ------
    ModelError
        It is no model of an RVC voice: says what it is, and what to do.
    """
    fault = fault_of_content(content)
    if fault:
        raise ModelError(f"{file}: {fault}")
    found = _safetensors(content, file) if _is_safetensors(content) else _archive(content, file)
    fault = fault_of_loaded(found)
    if fault:
        raise ModelError(f"{file}: {fault}")
    try:
        weights = _spelled(found["weight"])
        table = weights.get("emb_g.weight")
        speakers = tuple(table.shape) if isinstance(table, torch.Tensor) else ()
        architecture = architecture_of(found, weights.keys(), speakers)
        arrays = _checked(weights, architecture)
    except Unsupported as error:
        raise ModelError(f"{file}: {error}") from error
    return Checkpoint(architecture, arrays, facts_of(found))


def _is_safetensors(content: bytes) -> bool:
    return content[4:9] == b"\0\0\0\0{"


def _archive(content: bytes, file: Path) -> Any:
    try:
        return load_torch(content, file)
    except ModelError as error:
        fault = fault_of_pickle(content)
        if fault is None:
            raise
        raise ModelError(f"{file}: {fault}") from error


def _safetensors(content: bytes, file: Path) -> dict[str, Any]:
    """Return what a PyTorch archive would hold: the weights, and what the metadata says."""
    arrays, metadata = load_safetensors(content, file)
    found: dict[str, Any] = dict(metadata)
    for name, other in {"config": "config_json", "sr": "sample_rate"}.items():
        if other in found:
            found.setdefault(name, found.pop(other))
    if not found.keys() & {"config", "sr"}:
        return arrays
    if "config" in found:
        found["config"] = _parsed(found["config"], file)
    return {"config": None, **found, "weight": arrays}


def _parsed(text: str, file: Path) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ModelError(
            f"{file}: config in its metadata is no JSON; ask for the file that RVC or Applio saved"
        ) from error


def _spelled(weights: Mapping[Any, Any]) -> dict[str, Any]:
    """Return the weights by the old spelling of their names, without those of training."""
    spelled: dict[str, Any] = {}
    for given, value in weights.items():
        name = given if isinstance(given, str) else shown(given)
        for new, old in _SPELLINGS.items():
            if name.endswith(new):
                name = name.removesuffix(new) + old
        if name in spelled:
            raise Unsupported(f"holds {listed([name])} twice; ask for the file that RVC saved")
        if not name.startswith(_UNUSED):
            spelled[name] = value
    return spelled


def _checked(weights: dict[str, Any], architecture: Architecture) -> Arrays:
    """Return the arrays of an architecture, as NumPy's."""
    shapes = architecture.shapes()
    if missing := shapes.keys() - weights.keys():
        raise _unlike(architecture, f"lacks {listed(missing)}")
    if unknown := weights.keys() - shapes.keys():
        raise _unlike(architecture, f"also holds {listed(unknown)}")
    return {name: _array(name, weights[name], shapes[name], architecture) for name in shapes}


def _array(
    name: str, tensor: Any, shape: tuple[int, ...], architecture: Architecture
) -> NDArray[Any]:
    if not isinstance(tensor, torch.Tensor):
        raise _unlike(architecture, f"has no array at {name}")
    if tuple(tensor.shape) != shape:
        raise _unlike(architecture, f"has {name} of the shape {tuple(tensor.shape)}, not {shape}")
    if tensor.dtype == torch.bfloat16:
        tensor = tensor.float()
    if tensor.dtype not in _KEPT:
        kind = str(tensor.dtype).removeprefix("torch.")
        raise _unlike(architecture, f"has {name} in {kind}, not float16, float32 or bfloat16")
    if not torch.isfinite(tensor).all():
        raise Unsupported(
            f"holds numbers that are not finite, in {name}: its training failed, or it is damaged; "
            "download it again, or ask for one of an earlier epoch"
        )
    return np.array(tensor.detach().numpy(), order="C")


def _unlike(architecture: Architecture, fault: str) -> Unsupported:
    return Unsupported(
        f"says that it is RVC {architecture.name}, but {fault}; "
        "ask for the file that RVC or Applio saved"
    )
