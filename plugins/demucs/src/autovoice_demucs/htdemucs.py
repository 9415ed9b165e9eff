"""``demucs/htdemucs`` and ``demucs/htdemucs-ft``: their factories, and the probe of both."""

from __future__ import annotations

import numpy as np
import torch
from demucs.htdemucs import HTDemucs

from autovoice_core import Audio
from autovoice_core.backends.torch_devices import check_torch_device
from autovoice_core.models import Weights
from autovoice_demucs.network import SAMPLE_RATE, load_network
from autovoice_demucs.separator import DEFAULTS, Demucs
from autovoice_demucs.settings import DemucsSettings
from autovoice_demucs.weights import HTDEMUCS, HTDEMUCS_FT_VOCALS


def open_htdemucs(*, device: str, dtype: str, settings: DemucsSettings = DEFAULTS) -> Demucs:
    """Return the general network; it has no options."""
    return open_weights(HTDEMUCS, device, dtype, settings=settings)


def open_htdemucs_ft(*, device: str, dtype: str, settings: DemucsSettings = DEFAULTS) -> Demucs:
    """Return the network that was fine-tuned for vocals; it has no options."""
    return open_weights(HTDEMUCS_FT_VOCALS, device, dtype, vocals_only=True, settings=settings)


def open_weights(
    weights: Weights,
    device: str,
    dtype: str,
    *,
    vocals_only: bool = False,
    settings: DemucsSettings = DEFAULTS,
) -> Demucs:
    """Return a separator that runs the network of ``weights``.

    Raises
    ------
    InputError
        The device or dtype is not among those offered, or torch can't use the device.
    ModelError
        The weights are missing, damaged, or of something else.
    """
    check_torch_device(weights.name, device, dtype)
    return Demucs(load_network(weights), device, vocals_only=vocals_only, settings=settings)


def probe(device: str) -> None:
    """Run a small network of this architecture, with random weights, on a moment of noise."""
    if device == "cuda" and not torch.cuda.is_available():
        raise RuntimeError(f"torch {torch.__version__} can't use cuda here")
    noise = np.random.default_rng(0).standard_normal((2, SAMPLE_RATE // 4)).astype(np.float32)
    stems = Demucs(small_network(), device).separate(Audio(noise, SAMPLE_RATE))
    if not np.isfinite(stems.vocals.numpy()).all():
        raise RuntimeError("a small network returns NaN or infinity; reinstall torch and demucs")


def small_network() -> HTDemucs:
    """Return a small network that has every kind of layer of the real ones."""
    return HTDemucs(
        ["drums", "bass", "other", "vocals"],
        channels=8,
        nfft=1024,
        dconv_mode=3,
        bottom_channels=16,
        t_layers=1,
        t_heads=2,
        segment=1,
    ).eval()
