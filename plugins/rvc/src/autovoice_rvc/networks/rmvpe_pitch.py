"""Pitch from the salience of RMVPE's 360 classes, 20 cents apart."""

from __future__ import annotations

import torch

CENTS, FIRST_CENTS = 20.0, 1997.3794084376191
"""Between classes, and of the first, over 10 Hz: 31.7 Hz to 2006 Hz."""
AVERAGED = 4
"""Classes to either side of the strongest over which the pitch is averaged."""
THRESHOLD = 0.03


def pitch_of_salience(
    salience: torch.Tensor, threshold: float = THRESHOLD
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return f0 in Hz, 0 where unvoiced, and the strongest salience; ``(1, frames)`` in float64.

    Parameters
    ----------
    salience
        In [0, 1], ``(1, frames, 360)``.
    threshold
        A frame is voiced if its strongest class is above it.
    """
    salience = salience.to(torch.float64)
    strongest, best = salience.max(dim=2)
    classes = torch.arange(salience.shape[2], dtype=torch.float64, device=salience.device)
    near = torch.where((classes - best[..., None]).abs() <= AVERAGED, salience, 0.0)
    cents = (near @ (FIRST_CENTS + CENTS * classes)) / near.sum(dim=2).clamp(min=1e-30)
    return torch.where(strongest > threshold, 10 * 2 ** (cents / 1200), 0.0), strongest
