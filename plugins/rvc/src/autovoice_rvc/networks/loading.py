"""Arrays put into modules: checked against the shapes expected, weight norm folded in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from autovoice_core import ModelError

Shapes = Mapping[str, tuple[int, ...]]
MAX_NAMED = 3
"""Most arrays that a message names."""


def load_arrays(module: Any, arrays: Mapping[str, Any], shapes: Shapes, what: str) -> Any:
    """Put ``arrays`` into a module laid out on the ``meta`` device; return it ready to be run.

    Parameters
    ----------
    module
        Its parameters have the names of ``shapes``, with ``weight_g`` and ``weight_v`` as one
        ``weight``.
    arrays
        Numpy arrays or CPU tensors of any float dtype, by name. Others than those of ``shapes``,
        which some files hold besides, are not looked at.
    shapes
        Shape of every array that is needed.
    what
        Name of the network, which the message of an error begins with.

    Raises
    ------
    ModelError
        Arrays are missing or have another shape.
    """
    check_arrays(arrays, shapes, what)
    fused = fuse_weight_norm({name: _float32(arrays[name]) for name in shapes})
    places = module.state_dict()
    # A module may have axes of size 1 that a file has not.
    state = {name: array.reshape(places[name].shape) for name, array in fused.items()}
    module.load_state_dict(state, assign=True)
    return module.eval().requires_grad_(False)


def check_arrays(arrays: Mapping[str, Any], shapes: Shapes, what: str) -> None:
    """Raise :class:`~autovoice_core.ModelError` unless ``arrays`` hold all of ``shapes``."""
    missing = [name for name in shapes if name not in arrays]
    if missing:
        raise ModelError(
            f"{what}: {len(missing)} of its {len(shapes)} arrays are missing: {_named(missing)}; "
            "give a file of the whole network"
        )
    wrong = [
        f"{name} is {tuple(arrays[name].shape)}, not {shape}"
        for name, shape in shapes.items()
        if tuple(arrays[name].shape) != shape
    ]
    if wrong:
        raise ModelError(
            f"{what}: {len(wrong)} of its {len(shapes)} arrays have another shape: "
            f"{_named(wrong)}; give a file of this network"
        )


def fuse_weight_norm(arrays: Mapping[str, Any]) -> dict[str, Any]:
    """Return tensors in which each ``weight_g`` and ``weight_v`` are their ``weight``.

    The weight is the direction ``v`` at the length ``g``, over the axes that ``g`` has not
    (Salimans and Kingma 2016, https://arxiv.org/abs/1602.07868).
    """
    fused = {}
    for name, array in arrays.items():
        stem, _, kind = name.rpartition(".")
        if kind == "weight_v":
            length = arrays[f"{stem}.weight_g"]
            axes = [axis for axis, size in enumerate(length.shape) if size == 1]
            fused[f"{stem}.weight"] = array * (length / array.norm(dim=axes, keepdim=True))
        elif kind != "weight_g":
            fused[name] = array
    return fused


def _float32(array: Any) -> Any:
    # A copy, as an array that can't be written is nothing for torch.
    tensor = torch.tensor(array) if isinstance(array, np.ndarray) else array
    return tensor.to(torch.float32)


def _named(entries: list[str]) -> str:
    shown = ", ".join(entries[:MAX_NAMED])
    return shown if len(entries) <= MAX_NAMED else f"{shown} …"
