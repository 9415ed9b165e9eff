from __future__ import annotations

import warnings
from collections.abc import Callable

import pytest
from random_rvc import random_arrays, random_contentvec
from rvc_inputs import inputs_of, noisy_tones
from torch.profiler import ProfilerActivity, profile

from autovoice_rvc.architecture import ARCHITECTURES
from autovoice_rvc.networks.contentvec import ContentVec, content_frames
from autovoice_rvc.networks.memory import (
    contentvec_bytes,
    decoder_bytes,
    latent_bytes,
    synthesiser_bytes,
)
from autovoice_rvc.networks.synthesiser import Synthesiser

NAMED = {each.name: each for each in ARCHITECTURES}


def peak(function: Callable[[], object]) -> int:
    """Return the most that torch holds at once beyond what it held before."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiler:
            function()
    held = most = 0
    for event in profiler.profiler.kineto_results.events():
        if event.name() == "[memory]":
            held += event.nbytes()
            most = max(most, held)
    return most


def assert_covers(estimate: int, measured: int) -> None:
    assert measured <= estimate <= 1.6 * measured


@pytest.mark.parametrize("name", ["v1 32k", "v1 48k", "v2 40k", "v2 40k without f0", "v2 48k"])
def test_a_decoder_takes_what_is_estimated(name: str) -> None:
    architecture = NAMED[name]
    network = Synthesiser.from_arrays(architecture, random_arrays(architecture, 1))
    inputs = inputs_of(architecture, 200)
    speaker = network.emb_g.weight[0][None, :, None]
    measured = peak(lambda: network.dec(inputs.noise, speaker, inputs.source_noise))
    assert_covers(decoder_bytes(architecture, 200), measured)
    assert decoder_bytes(architecture, 10**6) == decoder_bytes(architecture, 2 * 10**6)


@pytest.mark.parametrize("frames", [200, 1500])
def test_a_text_encoder_takes_what_is_estimated(frames: int) -> None:
    architecture = NAMED["v2 40k"]
    network = Synthesiser.from_arrays(architecture, random_arrays(architecture, 1))
    inputs = inputs_of(architecture, frames)
    assert_covers(latent_bytes(frames), peak(lambda: network.enc_p(inputs.content, inputs.f0)))
    assert synthesiser_bytes(architecture, 10_000) == latent_bytes(10_000)


def test_contentvec_takes_what_is_estimated() -> None:
    network = ContentVec.from_arrays(random_contentvec(1))
    samples = noisy_tones(64_000)
    frames = content_frames(64_000)
    measured = peak(lambda: network(samples, version=2))
    assert_covers(contentvec_bytes(frames), measured)
