"""RVC voices on a GPU: as on the processor, from sound that lies there to sound that stays."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest

pytest.importorskip("autovoice_rvc", reason="autovoice-rvc is not installed")

import torch
from random_rvc import random_contentvec
from rvc_runs import level, random_voice, sung

from autovoice_core import Audio
from autovoice_core._arrays import device_name
from autovoice_rvc.conversion.converter import RvcV2
from autovoice_rvc.factories import probe_converter
from autovoice_rvc.networks.contentvec import ContentVec

REQUIRED = os.environ.get("AUTOVOICE_REQUIRE_GPU") == "1"
RATE = 44_100
WORST_DB = -60
"""Difference to the processor's result, at most: random weights make much of every rounding."""


@pytest.fixture(autouse=True)
def _gpu() -> None:
    """Skip with the reason where there is no GPU."""
    try:
        probe_converter("cuda")
    except Exception as error:
        if REQUIRED:
            raise
        pytest.skip(f"rvc: {' '.join(str(error).split())}")


def converter(device: str) -> RvcV2:
    return RvcV2(ContentVec.from_arrays(random_contentvec(0), device=device), device)


def stereo() -> torch.Tensor:
    samples = sung(RATE, 2.0).audio.numpy()
    return torch.from_numpy(np.concatenate([samples, 0.3 * samples]))


@pytest.mark.parametrize("controls", [{}, {"strength": 0.5, "formant": 2.0}])
def test_a_song_is_sung_as_on_the_processor_and_stays_there(controls: dict[str, Any]) -> None:
    results = []
    for device in ("cpu", "cuda"):
        audio = Audio(stereo().to(device), RATE)
        voice, pitch = random_voice("v2 40k"), sung(RATE, 2.0).pitch
        conversion = converter(device).begin(voice, pitch, RATE, key=2.0, seed=1, **controls)
        conversion.observe(audio, 0)
        result = conversion.render(audio, 0)
        assert device_name(result.samples) == device
        results.append(result.numpy())
    expected, found = results
    assert level(found - expected) < level(expected) + WORST_DB


def test_a_stream_is_sung_as_on_the_processor_and_stays_there() -> None:
    results = []
    for device in ("cpu", "cuda"):
        stream = converter(device).stream(RATE, voice=random_voice("v2 40k"), key=2.0)
        samples = stereo().to(device)
        blocks = [stream.feed(Audio(part, RATE)) for part in samples.split(10_000, dim=1)]
        blocks.append(stream.flush())
        assert {device_name(block.samples) for block in blocks} == {device}
        results.append(np.concatenate([block.numpy() for block in blocks], axis=1))
    expected, found = results
    assert found.shape == (2, 2 * RATE)
    assert level(found - expected) < level(expected) + WORST_DB
