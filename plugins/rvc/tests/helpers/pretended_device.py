"""A pretended CUDA device in torch: tensors of the host's memory that say they lie there.

As on a true device, they don't mix with tensors of the host, and become arrays only by a transfer.
Transfers are recorded.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves, tree_map

NAME = torch.device("cuda", 0)
CUDA_CODE = 2
"""The number of CUDA's devices in DLPack."""

Shape = tuple[int, ...]


class OnDevice(torch.Tensor):
    """A tensor of the device."""


class PretendedDevice(TorchFunctionMode):
    """What torch does while it is entered; parameters of networks lie on the device, too.

    Attributes
    ----------
    sent, fetched
        Shapes of the tensors copied to the device and from it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[Shape] = []
        self.fetched: list[Shape] = []

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        given = dict(kwargs or {})
        tensors = [each for each in tree_leaves((args, given)) if isinstance(each, torch.Tensor)]
        here = [each for each in tensors if not lies_there(each)]
        there = len(here) < len(tensors)
        name = func.__name__
        if there and func == torch.Tensor.device.__get__:
            return NAME
        if there and name == "__dlpack_device__":
            return CUDA_CODE, 0
        if there and name in ("numpy", "__array__"):
            raise TypeError("can't convert a tensor of the device to numpy; use .cpu() first")
        wanted = destination(name, args, given)
        args, given = tree_map(on_host, (args, given))
        with torch._C.DisableTorchFunctionSubclass():
            found = func(*args, **given)
        if there and (wanted == "cpu" or name in ("__dlpack__", "tolist", "item")):
            self.fetched.append(tuple(tensors[0].shape))
            return plain(found)
        if wanted == "cuda" and not there:
            if tensors or name in ("asarray", "tensor", "as_tensor"):
                self.sent.append(tuple(found.shape))
            return tree_map(placed, found)
        if there and any(each.ndim for each in here):
            raise RuntimeError(f"{name}: tensors of the device and of the host don't mix")
        return tree_map(placed, found) if there else found


def lies_there(tensor: torch.Tensor) -> bool:
    """Whether a tensor lies on the device."""
    return isinstance(tensor, OnDevice | torch.nn.Parameter)


def placed(value: Any) -> Any:
    """Return a tensor as one of the device, anything else as it is."""
    there = not isinstance(value, torch.Tensor) or lies_there(value)
    return value if there else value.as_subclass(OnDevice)


def plain(value: Any) -> Any:
    """Return a tensor as one of the host, anything else as it is."""
    return value.as_subclass(torch.Tensor) if isinstance(value, OnDevice) else value


def on_host(value: Any) -> Any:
    """Return the name of a device as that of the host, anything else as it is."""
    return torch.device("cpu") if device_type(value) == "cuda" else value


def device_type(value: Any) -> str | None:
    """Return the type of a device given by its name, None of anything else."""
    if isinstance(value, torch.device):
        return value.type
    return value.partition(":")[0] if isinstance(value, str) else None


def destination(name: str, args: Any, given: dict[str, Any]) -> str | None:
    """Return the type of the device that a function is told to leave its result on."""
    if name == "cpu":
        return "cpu"
    if name == "to":
        types = [device_type(each) for each in (*args[1:], *given.values())]
        return next((each for each in types if each in ("cpu", "cuda")), None)
    if name == "__dlpack__":
        return "cpu"
    return device_type(given.get("device"))


@contextmanager
def pretended_device() -> Iterator[PretendedDevice]:
    """Pretend that there is a CUDA device within."""
    from_dlpack = torch.from_dlpack

    def handed_on(array: Any) -> torch.Tensor:
        return array if isinstance(array, OnDevice) else from_dlpack(array)

    with PretendedDevice() as device, patch("torch.from_dlpack", handed_on):
        yield device
