"""Spleeter and `wrpca` as one separator: their log odds, weighted and added.

The two err differently: Spleeter's networks know voices, `wrpca` knows what this song repeats.
"""

from __future__ import annotations

import array_api_compat.torch as xp
import torch

from autovoice_core.separation.wrpca.mask_network import MaskNetwork
from autovoice_core.separation.wrpca.vocal_mask import vocal_log_odds
from autovoice_spleeter.separator import BINS, FRAME_LENGTH, SAMPLE_RATE, Spleeter
from autovoice_spleeter.unet import UNet

CONSTANT, WRPCA, NETWORK = 0.30, 0.40, 0.40
"""Weights of the log odds. Those of the networks alone, by `training/spleeter_fusion.py`, are 0.50
and 0.60; on a song that neither has heard, any share of `wrpca` from 0.15 to 0.6 is better."""


class FusedSpleeter(Spleeter):
    """The networks' log odds with those of :mod:`autovoice_core.separation.wrpca`."""

    def __init__(self, vocals: UNet, accompaniment: UNet, device: str = "cpu") -> None:
        super().__init__(vocals, accompaniment, device)
        self._mask_network = MaskNetwork(self.sine)

    def mask(self, segments: torch.Tensor, spectra: torch.Tensor) -> torch.Tensor:
        """Return the mask; see :meth:`Spleeter.mask`."""
        odds = NETWORK * self.log_odds(segments) + CONSTANT
        odds = odds + WRPCA * torch.stack([self.wrpca_log_odds(each) for each in spectra])
        return torch.sigmoid(odds)

    def wrpca_log_odds(self, spectra: torch.Tensor) -> torch.Tensor:
        """Return the log odds of one segment's spectra ``(2, bins, frames)`` by `wrpca`."""
        stereo = spectra[:, :BINS].transpose(1, 2)
        mid = stereo.mean(0).abs() ** 2
        side = ((stereo.abs() ** 2).mean(0) - mid).clamp(min=0)
        bin_hz = SAMPLE_RATE / FRAME_LENGTH
        odds: torch.Tensor = vocal_log_odds(xp, mid, side, bin_hz, self._mask_network)
        return odds
