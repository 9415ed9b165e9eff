"""Sound as tensors of the networks' device, where all that is done with it stays."""

from __future__ import annotations

import torch

from autovoice_core import Audio


def as_tensor(audio: Audio, device: str) -> torch.Tensor:
    """Return the samples, ``(channels, n)``, on a device; without a copy if they lie there.

    They are the caller's: never write to them.
    """
    return torch.from_dlpack(audio.samples).to(device)


def as_audio(samples: torch.Tensor, sample_rate: int) -> Audio:
    """Return ``(channels, n)`` as sound: a tensor of its device, of the CPU an array."""
    on_host = samples.device.type == "cpu"
    return Audio(samples.numpy() if on_host else samples, sample_rate)


def mirrored(samples: torch.Tensor, start: int, stop: int) -> torch.Tensor:
    """Return ``(stop - start,)`` of ``(n,)``, which is mirrored beyond its ends again and again."""
    period = max(2 * (len(samples) - 1), 1)
    places = torch.arange(start, stop, device=samples.device) % period
    return samples[torch.minimum(places, period - places)]
