"""Reading weights without running what a file may hold.

Only two formats are read: safetensors, which holds arrays and text; and PyTorch's archive through
``weights_only``, which builds arrays and plain containers and refuses everything else.
"""

from __future__ import annotations

import pickle
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from autovoice_core._errors import ModelError
from autovoice_core.backends.weights import Weights
from autovoice_core.models.store import verify


def read_safetensors(
    weights: Weights, framework: str = "pt"
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the arrays of a safetensors file by name, and its metadata, after :func:`verify`.

    ``framework`` is ``"pt"`` for torch tensors or ``"numpy"``; both lie on the CPU.

    Raises
    ------
    ModelError
        The weights are not here, damaged, or no safetensors.
    """
    import safetensors

    file = verify(weights)
    with (
        _refusing(file, "safetensors", safetensors.SafetensorError),
        safetensors.safe_open(file, framework=framework) as arrays,
    ):
        tensors = {name: arrays.get_tensor(name) for name in arrays.keys()}  # noqa: SIM118
        return tensors, arrays.metadata() or {}


def read_torch(weights: Weights) -> Any:
    """Return what a PyTorch archive holds, on the CPU, after :func:`verify`.

    Raises
    ------
    ModelError
        The weights are not here, damaged, no such archive, or hold more than arrays.
    """
    import torch

    file = verify(weights)
    with _refusing(file, "an archive of PyTorch", zipfile.BadZipFile, RuntimeError, OSError):
        _check_archive(file)
    try:
        # A file that is open, as torch.load goes by the suffix of a name.
        with file.open("rb") as stream:
            return torch.load(stream, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise ModelError(
            f"{file}: holds more than arrays, and may run code ({_wanted(error)}); "
            "ask its authors for safetensors"
        ) from error
    except (RuntimeError, EOFError, KeyError, ValueError, TypeError) as error:
        raise _no(file, "an archive of PyTorch", error) from error


def _check_archive(file: Path) -> None:
    """Refuse what unpacks to more than it is: PyTorch stores arrays as they are."""
    with zipfile.ZipFile(file) as archive:
        unpacked = sum(item.file_size for item in archive.infolist())
    if unpacked > file.stat().st_size:
        raise zipfile.BadZipFile(f"it would unpack to {unpacked} bytes")


@contextmanager
def _refusing(file: Path, what: str, *errors: type[Exception]) -> Iterator[None]:
    try:
        yield
    except errors as error:
        raise _no(file, what, error) from error


def _no(file: Path, what: str, error: Exception) -> ModelError:
    return ModelError(
        f"{file}: is not {what} ({_first_line(error)}); tell the authors of the plugin"
    )


def _wanted(error: Exception) -> str:
    """Return what a pickle asks for, out of a long text about how to allow it."""
    found = re.search(r"Unsupported [^\n]*?(?= was not|\n|\. |$)", str(error))
    return found[0] if found else _first_line(error)


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__
