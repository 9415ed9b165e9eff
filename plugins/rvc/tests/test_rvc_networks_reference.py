"""Our networks against numbers of the public implementation, with the same random weights.

``data/reference.npz`` holds what RVC-Project's WebUI computes (its synthesisers and RMVPE, and
HuBERT by transformers, as there) from the weights of ``random_rvc`` with seed 1 and the inputs of
``rvc_inputs``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from random_rvc import random_arrays, random_contentvec, random_rmvpe
from rvc_inputs import SPEAKER, excitation_of, inputs_of, kept, noisy_tones, saliences

from autovoice_rvc.architecture import ARCHITECTURES, Architecture
from autovoice_rvc.networks.contentvec import ContentVec, content_frames
from autovoice_rvc.networks.rmvpe import Rmvpe
from autovoice_rvc.networks.rmvpe_mel import log_mel
from autovoice_rvc.networks.rmvpe_pitch import pitch_of_salience
from autovoice_rvc.networks.synthesiser import Synthesiser

RELATIVE = 1e-4
"""Of the largest value; float32 alone gives some 1e-6."""


@pytest.fixture(scope="module")
def reference() -> Mapping[str, NDArray[np.float32]]:
    with np.load(Path(__file__).parent / "data" / "reference.npz") as numbers:
        return dict(numbers)


def assert_close(ours: NDArray[np.float32], theirs: NDArray[np.float32]) -> None:
    # Numbers that hardly change would agree with anything.
    assert theirs.std() > 0.01
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=RELATIVE * np.abs(theirs).max())


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=lambda each: each.name)
def test_a_voice_sounds_as_by_the_reference(
    architecture: Architecture, reference: Mapping[str, NDArray[np.float32]]
) -> None:
    network = Synthesiser.from_arrays(architecture, random_arrays(architecture, 1))
    inputs = inputs_of(architecture)
    f0, source = inputs.f0, excitation_of(architecture, inputs)
    pitch = (f0, source) if architecture.f0 else (None, None)
    samples = network(inputs.content, pitch[0], SPEAKER, inputs.noise, pitch[1])
    assert samples.shape == (1, f0.shape[1] * architecture.hop)
    assert_close(kept(samples), reference[architecture.name])


@pytest.fixture(scope="module")
def contentvec() -> ContentVec:
    return ContentVec.from_arrays(random_contentvec(1))


@pytest.mark.parametrize(("version", "width"), [(1, 256), (2, 768)])
def test_content_is_that_of_the_reference(
    contentvec: ContentVec,
    version: int,
    width: int,
    reference: Mapping[str, NDArray[np.float32]],
) -> None:
    samples = noisy_tones()
    content = contentvec(samples, version=version)
    assert content.shape == (1, content_frames(samples.shape[1]), width)
    assert_close(kept(content), reference[f"contentvec {version}"])


def test_rmvpe_hears_as_the_reference(reference: Mapping[str, NDArray[np.float32]]) -> None:
    mel = log_mel(noisy_tones())
    assert mel.shape == (1, 128, 101)
    assert_close(kept(mel), reference["rmvpe mel"])
    salience = Rmvpe.from_arrays(random_rmvpe(1))(mel)
    assert salience.shape == (1, 101, 360)
    assert_close(kept(salience), reference["rmvpe salience"])


def test_pitch_is_read_from_salience_as_by_the_reference(
    reference: Mapping[str, NDArray[np.float32]],
) -> None:
    given = saliences()
    f0, strongest = pitch_of_salience(given)
    theirs = reference["rmvpe f0"]
    np.testing.assert_array_equal(f0[0].numpy() == 0, theirs == 0)
    assert 5 < (theirs == 0).sum() < 25
    assert_close(f0[0].numpy().astype(np.float32), theirs)
    assert torch.equal(strongest, given.double().amax(dim=2))
