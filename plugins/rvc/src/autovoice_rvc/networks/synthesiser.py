"""The synthesiser: text encoder, flow and decoder of one voice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from autovoice_rvc.architecture import SPEAKER, Architecture
from autovoice_rvc.networks.decoder import Decoder
from autovoice_rvc.networks.flow import Flow
from autovoice_rvc.networks.loading import load_arrays
from autovoice_rvc.networks.text_encoder import TextEncoder

NOISE_SCALE = 0.66666


class Synthesiser(nn.Module):
    """Content, pitch and noise to samples; see :meth:`from_arrays`."""

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self.emb_g = nn.Embedding(architecture.speakers, SPEAKER)
        self.enc_p = TextEncoder(architecture.content_size, f0=architecture.f0)
        self.flow = Flow()
        self.dec = Decoder(architecture)

    @classmethod
    def from_arrays(
        cls, architecture: Architecture, arrays: Mapping[str, Any], *, device: str = "cpu"
    ) -> Synthesiser:
        """Return the synthesiser of a voice's arrays, in float32 on ``device``.

        ``arrays`` are those of :meth:`Architecture.shapes`, of any float dtype.

        Raises
        ------
        ModelError
            Arrays are missing or have another shape.
        """
        with torch.device("meta"):
            network = cls(architecture)
        what = f"RVC {architecture.name}"
        loaded: Synthesiser = load_arrays(network, arrays, architecture.shapes(), what).to(device)
        if loaded.emb_g.weight.device.type == "cpu":
            loaded.dec.to(memory_format=torch.channels_last)
        return loaded

    def forward(
        self,
        content: torch.Tensor,
        f0: torch.Tensor | None,
        speaker: int,
        noise: torch.Tensor,
        excitation: torch.Tensor | None,
    ) -> torch.Tensor:
        """Return samples in [-1, 1], ``(1, frames * hop)``.

        Parameters
        ----------
        content
            ``(1, frames, content_size)``, at 100 frames a second.
        f0
            Hz, 0 where unvoiced, ``(1, frames)``; ``None`` for a voice without f0.
        speaker
            Row of the table of speakers.
        noise
            Standard normal, ``(1, 192, frames)``; the latent's own scale is applied here.
        excitation
            What :func:`~autovoice_rvc.networks.sine_source.excitation` returns, ``(1, frames *
            hop)``; ``None`` for a voice without f0.
        """
        mean, deviation = self.enc_p(content, f0)
        latent = mean + torch.exp(deviation) * noise * NOISE_SCALE
        told = self.emb_g.weight[speaker][None, :, None]
        samples: torch.Tensor = self.dec(self.flow(latent, told), told, excitation)
        return samples
