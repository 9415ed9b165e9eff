"""Content of a stretch of song: the words, and the voice's own way of saying them."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import signal

from autovoice_rvc.architecture import FRAMES_PER_SECOND
from autovoice_rvc.conversion.index_search import IndexSearch
from autovoice_rvc.networks.contentvec import RATE, ContentVec
from autovoice_rvc.settings import RvcSettings

ALL_PROTECTED = 0.5
"""Value of ``protect`` from which on unvoiced sound is not treated otherwise."""
_RUMBLE = signal.butter(5, 48.0, "highpass", fs=RATE, output="sos")


class ContentReader:
    """Reads content at 100 frames a second from sound at 16 kHz."""

    def __init__(
        self,
        network: ContentVec,
        version: int,
        search: IndexSearch | None,
        settings: RvcSettings,
        device: str,
    ) -> None:
        self._network, self._version, self._device = network, version, device
        self._search = search if settings.index_rate > 0 else None
        self._settings = settings

    def read(self, samples: NDArray[np.float32], voiced: NDArray[np.bool_]) -> torch.Tensor:
        """Return content, ``(1, frames, size)`` on the device.

        Parameters
        ----------
        samples
            ``(n,)`` at 16 kHz, a whole number of 20 ms.
        voiced
            ``(frames,)``, whether something is sung in each 10 ms.
        """
        clean = signal.sosfiltfilt(_RUMBLE, samples.astype(np.float64)).astype(np.float32)
        heard = torch.from_numpy(np.ascontiguousarray(clean))[None].to(self._device)
        content = self._network(heard, version=self._version)
        alike = content if self._search is None else self._blended(content)
        content, alike = (_at_100(each, len(voiced)) for each in (content, alike))
        protect = self._settings.protect
        if self._search is None or protect >= ALL_PROTECTED:
            return alike
        share = torch.from_numpy(np.where(voiced, np.float32(1), np.float32(protect)))
        share = share[None, :, None].to(self._device)
        return share * alike + (1 - share) * content

    def _blended(self, content: torch.Tensor) -> torch.Tensor:
        assert self._search is not None  # noqa: S101  # the caller knows
        rate = self._settings.index_rate
        return rate * self._search.nearest_mean(content) + (1 - rate) * content


def _at_100(content: torch.Tensor, frames: int) -> torch.Tensor:
    """Return content of 50 frames a second, each twice; the last lasts as long as need be."""
    index = torch.arange(frames, device=content.device) * 50 // FRAMES_PER_SECOND
    return content[:, index.clamp(max=content.shape[1] - 1)]
