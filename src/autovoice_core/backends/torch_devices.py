"""Devices of networks in torch: the refusal of those that are not offered or can't be used."""

from __future__ import annotations

from autovoice_core._errors import InputError


def check_torch_device(name: str, device: str, dtype: str) -> None:
    """Refuse another device than ``"cpu"`` or ``"cuda"``, another precision than ``"float32"``.

    ``name`` is what runs there, for the message.

    Raises
    ------
    InputError
        It is another, or torch can't use the device here.
    """
    import torch

    if device not in {"cpu", "cuda"} or dtype != "float32":
        raise InputError(
            f"device, dtype: {name} runs on cpu or cuda in float32, not on {device} in {dtype}; "
            "ask for those or choose another backend"
        )
    if device == "cuda" and not torch.cuda.is_available():
        raise InputError(
            f"device: this torch {torch.__version__} can't use cuda here; install a build of torch "
            "with CUDA, or ask for cpu"
        )
