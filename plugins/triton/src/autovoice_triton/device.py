"""An NVIDIA GPU through torch: its checks and its array namespace."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from autovoice_core import InputError
from autovoice_core._device_arrays import DeviceNamespace

MIN_COMPUTE_CAPABILITY = (8, 0)
"""Oldest compute capability that kernels are compiled and tested for."""


@cache
def arrays(device: str = "cuda:0") -> DeviceNamespace:
    """Return torch as an array namespace bound to ``device``."""
    import array_api_compat.torch as xp

    return DeviceNamespace(xp, device)


def check_device_and_dtype(backend: str, device: str, dtype: str) -> None:
    """Refuse all but the GPU, in float32.

    Raises
    ------
    InputError
        Another device or dtype is requested.
    """
    if (device, dtype) != ("cuda", "float32"):
        raise InputError(
            f"device, dtype: triton/{backend} runs on cuda in float32, not on {device} in {dtype}; "
            "ask for those or choose another backend"
        )


def check_device() -> None:
    """Refuse a machine on which nothing can run, with the reason.

    Raises
    ------
    RuntimeError
        Torch was built without CUDA, can't start it, or finds no device that is new enough.
    """
    import torch

    if torch.version.cuda is None:
        raise RuntimeError(
            f"torch {torch.__version__} was built without CUDA; install a build for your driver, "
            "see pytorch.org"
        )
    try:
        torch.cuda.init()
    except RuntimeError as error:  # no driver, or one that is too old: it says which
        raise RuntimeError(
            f"torch does not reach the GPU: {_first_sentence(error)}; see nvidia-smi"
        ) from error
    if not torch.cuda.device_count():
        raise RuntimeError("the driver shows no device; see nvidia-smi and CUDA_VISIBLE_DEVICES")
    found = torch.cuda.get_device_capability()
    if found < MIN_COMPUTE_CAPABILITY:
        needed = "{}.{}".format(*MIN_COMPUTE_CAPABILITY)
        raise RuntimeError(
            f"the device has compute capability {found[0]}.{found[1]} and the kernels are for "
            f"{needed} (Ampere) and newer; use a newer GPU or the cpu backend"
        )


@contextmanager
def explained_device_errors() -> Iterator[None]:
    """Translate the errors of torch into one sentence that says what to do.

    Raises
    ------
    RuntimeError
        There is no memory left.
    """
    import torch

    try:
        yield
    except torch.OutOfMemoryError as error:
        raise RuntimeError(
            "the device has no memory left for even a short tone; end other programs on it, see "
            "nvidia-smi"
        ) from error


def _first_sentence(error: Any) -> str:
    """Return the first sentence of an exception's message."""
    return " ".join(str(error).split()).split(". ")[0].rstrip(".")
