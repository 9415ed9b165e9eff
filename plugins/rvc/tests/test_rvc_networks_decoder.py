from __future__ import annotations

import pytest
import torch
from random_rvc import random_arrays
from rvc_inputs import SPEAKER

from autovoice_rvc.architecture import ARCHITECTURES, Architecture
from autovoice_rvc.networks import decoder
from autovoice_rvc.networks.decoder import decoder_reach
from autovoice_rvc.networks.synthesiser import Synthesiser

FRAMES = 60


def decoded(
    architecture: Architecture, network: Synthesiser, latent: torch.Tensor, source: torch.Tensor
) -> torch.Tensor:
    speaker = network.emb_g.weight[SPEAKER][None, :, None]
    return network.dec(latent, speaker, source if architecture.f0 else None)


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=lambda each: each.name)
def test_pieces_are_the_whole(architecture: Architecture, monkeypatch: pytest.MonkeyPatch) -> None:
    network = Synthesiser.from_arrays(architecture, random_arrays(architecture, 2))
    generator = torch.Generator().manual_seed(0)
    latent = torch.randn(1, 192, FRAMES, generator=generator)
    source = 0.1 * torch.randn(1, FRAMES * architecture.hop, generator=generator)
    whole = decoded(architecture, network, latent, source)
    monkeypatch.setattr(decoder, "PIECE", 25)
    pieces = decoded(architecture, network, latent, source)
    torch.testing.assert_close(pieces, whole, rtol=0, atol=1e-5 * float(whole.abs().max()))


def test_the_reach_is_that_of_the_layers(monkeypatch: pytest.MonkeyPatch) -> None:
    architecture = next(each for each in ARCHITECTURES if each.name == "v2 40k")
    network = Synthesiser.from_arrays(architecture, random_arrays(architecture, 2))
    latent = torch.zeros(1, 192, FRAMES)
    source = torch.zeros(1, FRAMES * architecture.hop)
    moved = latent.clone()
    moved[:, :, 30] = 1000
    change = decoded(architecture, network, moved, source) - decoded(
        architecture, network, latent, source
    )
    reached = change.view(FRAMES, architecture.hop).abs().amax(dim=1).nonzero().flatten()
    reach = decoder_reach(architecture)
    assert 30 - reach <= reached.min() <= 30 - reach + 2
    assert 30 + reach - 2 <= reached.max() <= 30 + reach
