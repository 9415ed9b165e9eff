"""Spleeter and weighted robust PCA as one separator: their log odds, weighted and added.

The two err differently: the networks know voices, robust PCA knows what this song repeats.
"""

from __future__ import annotations

import array_api_compat.torch as xp
import torch

from autovoice_core.separation.wrpca.vocal_mask import SECOND_PASS, log_odds, vocal_features
from autovoice_spleeter.separator import BINS, FRAME_LENGTH, SAMPLE_RATE, Spleeter

CONSTANT, ROBUST_PCA, NETWORK = 0.40, 0.15, 0.55
"""Weights of the log odds: those that `training/spleeter_fusion.py` fits, moved towards the
networks alone, as robust PCA fails on some songs and the networks on none."""


class FusedSpleeter(Spleeter):
    """The networks' log odds with those of :mod:`autovoice_core.separation.wrpca`."""

    def mask(self, segments: torch.Tensor, spectra: torch.Tensor) -> torch.Tensor:
        """Return the mask; see :meth:`Spleeter.mask`."""
        odds = NETWORK * self.log_odds(segments) + CONSTANT
        odds = odds + ROBUST_PCA * torch.stack([robust_pca_log_odds(each) for each in spectra])
        return torch.sigmoid(odds)


def robust_pca_log_odds(spectra: torch.Tensor) -> torch.Tensor:
    """Return the log odds of one segment's spectra ``(2, bins, frames)`` by robust PCA."""
    stereo = spectra[:, :BINS].transpose(1, 2)
    mid = stereo.mean(0).abs() ** 2
    side = ((stereo.abs() ** 2).mean(0) - mid).clamp(min=0)
    features = vocal_features(xp, mid, side, SAMPLE_RATE / FRAME_LENGTH)
    odds: torch.Tensor = log_odds(SECOND_PASS, features)
    return odds
