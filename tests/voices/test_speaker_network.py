from __future__ import annotations

import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest
import safetensors

from autovoice_core.voices.speaker_network import WEIGHTS, utterance_embeddings

SHA256 = "80dc28407a97d2087e074e5854596e6a599bef58ed719359cd9bf99b8ba0cc6b"


def mels(utterances: int, frames: int = 160) -> np.ndarray:
    noise = np.random.default_rng(utterances).standard_normal((utterances, frames, 40))
    return (noise**2).astype(np.float32)


def test_the_weights_are_those_that_were_compared_with_the_original() -> None:
    assert hashlib.sha256(WEIGHTS.read_bytes()).hexdigest() == SHA256


def test_the_network_keeps_to_one_thread_of_blas() -> None:
    script = (
        "import numpy, threadpoolctl\n"
        "from autovoice_core.voices import speaker_network as network\n"
        "def threads():\n"
        "    return {each['num_threads'] for each in threadpoolctl.threadpool_info()}\n"
        "def noted(*arguments, layer=network._lstm):\n"
        "    found.update(threads())\n"
        "    return layer(*arguments)\n"
        "found, network._lstm = set(), noted\n"
        "network.utterance_embeddings(numpy.ones((2, 160, 40), numpy.float32))\n"
        "print(found - {1}, threads())"
    )
    # Read when NumPy is imported.
    result = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "OPENBLAS_NUM_THREADS": "2"},
        capture_output=True,
        text=True,
    )
    assert result.stdout in {"set() {2}\n", "set() set()\n"}, result.stderr


def test_the_weights_say_where_they_are_from() -> None:
    with safetensors.safe_open(WEIGHTS, "numpy") as file:
        assert file.metadata() == {
            "source": "resemblyzer 0.1.4, pretrained.pt",
            "sha256": "39373b86598fa3da9fcddee6142382efe09777e8d37dc9c0561f41f0070f134e",
            "licence": "Apache-2.0",
        }


def test_an_utterance_counts_alone() -> None:
    batch = mels(3)
    alone = np.concatenate([utterance_embeddings(batch[i : i + 1]) for i in range(3)])
    np.testing.assert_allclose(utterance_embeddings(batch), alone, atol=1e-6)


def test_embeddings_have_length_one() -> None:
    lengths = np.linalg.norm(utterance_embeddings(mels(4)), axis=1)
    np.testing.assert_allclose(lengths, 1, atol=1e-6)


def test_the_network_is_that_of_torch() -> None:
    torch = pytest.importorskip("torch", reason="compares with torch")
    load = pytest.importorskip("safetensors.torch").load_file
    stored = {name: values.float() for name, values in load(WEIGHTS).items()}
    lstm = torch.nn.LSTM(40, 256, 3, batch_first=True)
    state = {}
    for layer in range(3):
        state[f"weight_ih_l{layer}"] = stored[f"lstm.{layer}.ih"].T
        state[f"weight_hh_l{layer}"] = stored[f"lstm.{layer}.hh"].T
        state[f"bias_ih_l{layer}"] = stored[f"lstm.{layer}.bias"]
        state[f"bias_hh_l{layer}"] = torch.zeros(1024)
    lstm.load_state_dict(state)
    with torch.inference_mode():
        _, (hidden, _) = lstm(torch.from_numpy(mels(5)))
        raw = torch.relu(hidden[-1] @ stored["linear.weight"] + stored["linear.bias"])
        expected = torch.nn.functional.normalize(raw, dim=1).numpy()
    np.testing.assert_allclose(utterance_embeddings(mels(5)), expected, atol=1e-5)
