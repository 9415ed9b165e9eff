"""The factories that the offers name, and their probes."""

from __future__ import annotations

import numpy as np
import torch

from autovoice_core import InputError
from autovoice_core.models import read_torch
from autovoice_rvc.conversion.converter import DEFAULTS, RvcConverter, RvcV1, RvcV2
from autovoice_rvc.networks.contentvec import ContentVec
from autovoice_rvc.settings import RvcSettings
from autovoice_rvc.weights import CONTENTVEC

TONE = 220.0
"""Frequency of what a probe transforms, Hz."""


def open_v1(*, device: str, dtype: str, settings: RvcSettings = DEFAULTS) -> RvcConverter:
    """Return the converter to voices of RVC v1."""
    return RvcV1(_contentvec(device, dtype), device, settings)


def open_v2(*, device: str, dtype: str, settings: RvcSettings = DEFAULTS) -> RvcConverter:
    """Return the converter to voices of RVC v2."""
    return RvcV2(_contentvec(device, dtype), device, settings)


def probe_converter(device: str) -> None:
    """Convolve a tone on the device, as every network does."""
    check_device(device, "float32")
    tone = torch.sin(2 * np.pi * TONE / 16_000 * torch.arange(1600, dtype=torch.float32))
    kernel = torch.ones(1, 1, 16, device=device) / 16
    mean = torch.nn.functional.conv1d(tone.to(device)[None, None], kernel).cpu()[0, 0]
    expected = tone.unfold(0, 16, 1).mean(dim=1)
    if not torch.allclose(mean, expected, atol=1e-3):
        raise RuntimeError(f"torch {torch.__version__} convolves wrongly on {device}; reinstall it")


def check_device(device: str, dtype: str) -> None:
    """Refuse a device or a precision that is not offered, or that torch can't use here.

    Raises
    ------
    InputError
        It is one.
    """
    if device not in {"cpu", "cuda"} or dtype != "float32":
        raise InputError(
            f"device, dtype: rvc runs on cpu or cuda in float32, not on {device} in {dtype}; ask "
            "for those or choose another backend"
        )
    if device == "cuda" and not torch.cuda.is_available():
        raise InputError(
            f"device: this torch {torch.__version__} can't use cuda here; install a build of torch "
            "with CUDA, or ask for cpu"
        )


def _contentvec(device: str, dtype: str) -> ContentVec:
    check_device(device, dtype)
    return ContentVec.from_arrays(read_torch(CONTENTVEC), device=device)
