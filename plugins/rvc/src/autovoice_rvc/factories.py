"""The factories that the offers name, and their probes."""

from __future__ import annotations

import numpy as np
import torch

from autovoice_core.backends.torch_devices import check_torch_device
from autovoice_core.models import read_torch
from autovoice_rvc.conversion.converter import DEFAULTS, RvcConverter, RvcV1, RvcV2
from autovoice_rvc.networks.contentvec import ContentVec
from autovoice_rvc.settings import RvcSettings
from autovoice_rvc.weights import CONTENTVEC

NAME = "rvc"
"""Name of all that this package runs, in messages."""
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
    check_torch_device(NAME, device, "float32")
    tone = torch.sin(2 * np.pi * TONE / 16_000 * torch.arange(1600, dtype=torch.float32))
    kernel = torch.ones(1, 1, 16, device=device) / 16
    mean = torch.nn.functional.conv1d(tone.to(device)[None, None], kernel).cpu()[0, 0]
    expected = tone.unfold(0, 16, 1).mean(dim=1)
    if not torch.allclose(mean, expected, atol=1e-3):
        raise RuntimeError(f"torch {torch.__version__} convolves wrongly on {device}; reinstall it")


def _contentvec(device: str, dtype: str) -> ContentVec:
    check_torch_device(NAME, device, dtype)
    return ContentVec.from_arrays(read_torch(CONTENTVEC), device=device)
