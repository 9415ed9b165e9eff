"""A plugin ``toy`` whose converter has no ContentVec, and learns voices that are made by hand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from numpy.typing import NDArray
from singing_rvc import handmade_arrays, timbre_of

from autovoice_core import Audio, InputError, PitchTrack
from autovoice_core.backends.torch_devices import check_torch_device
from autovoice_rvc.architecture import ARCHITECTURES, Architecture
from autovoice_rvc.conversion.converter import DEFAULTS, RvcV2
from autovoice_rvc.conversion.voice import features_of
from autovoice_rvc.networks.contentvec import content_frames
from autovoice_rvc.settings import RvcSettings

OFFERS = """
from autovoice_core.backends import Licence, Offer, Quality, hookimpl
from autovoice_rvc.offers import LATENCY
from autovoice_rvc.settings import RvcSettings


@hookimpl
def autovoice_converters():
    yield Offer(
        name="v2",
        load="toy_rvc:open_toy",
        devices=("cpu",),
        latency=LATENCY,
        quality=Quality.DRAFT,
        licence=Licence("MIT"),
        imports=("autovoice_rvc",),
        probe="autovoice_rvc.factories:probe_converter",
        opt_in=True,
        settings=RvcSettings,
    )
"""


def architecture(name: str) -> Architecture:
    """Return the architecture called so, e.g. ``"v2 40k"``."""
    (found,) = (each for each in ARCHITECTURES if each.name == name)
    return found


class NoContent(torch.nn.Module):
    """Hears no words in anything."""

    def forward(self, samples: torch.Tensor, *, version: int) -> torch.Tensor:
        frames = max(content_frames(samples.shape[1]), 1)
        return torch.zeros(1, frames, 768 if version == 2 else 256)


class Toy(RvcV2):
    """Learns voices made by hand, with roughly the spectrum of recordings."""

    learns = True

    def learn(self, recordings: Iterable[tuple[Audio, PitchTrack]]) -> dict[str, NDArray[Any]]:
        sizes = architecture("v2 32k")
        return features_of(sizes, handmade_arrays(sizes, timbre_of(recordings)), None)


def open_toy(*, device: str, dtype: str, settings: RvcSettings = DEFAULTS) -> Toy:
    """Return the converter."""
    check_torch_device("toy", device, dtype)
    if device != "cpu":
        raise InputError(f"device: the toy runs on cpu, not on {device}")
    return Toy(NoContent(), device, settings)
