"""Words of a stretch of song: its content, as the voice's text encoder takes it."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from autovoice_rvc.architecture import FRAMES_PER_SECOND
from autovoice_rvc.conversion.index_search import IndexSearch
from autovoice_rvc.conversion.rumble import without_rumble
from autovoice_rvc.conversion.voice import LoadedVoice
from autovoice_rvc.networks.contentvec import ContentVec
from autovoice_rvc.networks.running import running
from autovoice_rvc.settings import RvcSettings

ALL_PROTECTED = 0.5
"""Value of ``protect`` from which on unvoiced sound is not treated otherwise."""


class WordReader:
    """Reads the words of sound at 16 kHz, for one voice."""

    def __init__(
        self, network: ContentVec, voice: LoadedVoice, settings: RvcSettings, device: str
    ) -> None:
        self._network, self._voice, self._device = network, voice, device
        self._settings = settings
        self._search = None
        if voice.vectors is not None and settings.index_rate > 0:
            self._search = IndexSearch(voice.vectors, device)

    def latents(self, samples: torch.Tensor, f0: NDArray[np.float32]) -> torch.Tensor:
        """Return mean and logarithm of the deviation of the latent, ``(384, frames)``.

        Parameters
        ----------
        samples
            ``(n,)`` at 16 kHz, a whole number of 20 ms.
        f0
            ``(frames,)`` Hz that is to be sung in each 10 ms, 0 where unvoiced.
        """
        pitch = torch.from_numpy(f0)[None].to(self._device) if self._voice.architecture.f0 else None
        with running():
            told = self._voice.synthesiser.enc_p(self._content(samples, f0 > 0), pitch)
            return torch.cat(told, dim=1)[0]

    def _content(self, samples: torch.Tensor, voiced: NDArray[np.bool_]) -> torch.Tensor:
        """Return content at 100 frames a second, ``(1, frames, size)`` on the device."""
        heard = without_rumble(samples)[None]
        content = self._network(heard, version=self._voice.architecture.version)
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
