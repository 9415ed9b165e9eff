"""``spleeter/2stems`` and ``spleeter/fused``: their factories, and the probe of both."""

from __future__ import annotations

import numpy as np
import torch

from autovoice_core import Audio, InputError
from autovoice_spleeter.checkpoints import ACCOMPANIMENT, VOCALS, load_network
from autovoice_spleeter.fused import FusedSpleeter
from autovoice_spleeter.separator import SAMPLE_RATE, Spleeter
from autovoice_spleeter.unet import UNet


def open_2stems(*, device: str, dtype: str) -> Spleeter:
    """Return the networks alone; there are no options."""
    return _open(Spleeter, "spleeter/2stems", device, dtype)


def open_fused(*, device: str, dtype: str) -> FusedSpleeter:
    """Return the networks fused with `wrpca`; there are no options."""
    separator = _open(FusedSpleeter, "spleeter/fused", device, dtype)
    assert isinstance(separator, FusedSpleeter)  # noqa: S101  # as it was asked for
    return separator


def probe(device: str) -> None:
    """Run networks of this architecture, with random weights, on a moment of noise."""
    if device == "cuda" and not torch.cuda.is_available():
        raise RuntimeError(f"torch {torch.__version__} can't use cuda here")
    noise = np.random.default_rng(0).standard_normal((2, SAMPLE_RATE // 4)).astype(np.float32)
    stems = FusedSpleeter(UNet().eval(), UNet().eval(), device).separate(Audio(noise, SAMPLE_RATE))
    if not np.isfinite(stems.vocals.numpy()).all():
        raise RuntimeError("networks return NaN or infinity; reinstall torch")


def _open(separator: type[Spleeter], name: str, device: str, dtype: str) -> Spleeter:
    if device not in {"cpu", "cuda"} or dtype != "float32":
        raise InputError(
            f"device, dtype: {name} runs on cpu or cuda in float32, not on {device} in {dtype}; "
            "ask for those or choose another backend"
        )
    if device == "cuda" and not torch.cuda.is_available():
        raise RuntimeError(
            f"this torch {torch.__version__} can't use cuda here; install a build of torch "
            "with CUDA, or ask for cpu"
        )
    return separator(load_network(VOCALS), load_network(ACCOMPANIMENT), device)
