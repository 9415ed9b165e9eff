"""The network of the speaker encoder: three LSTM layers and a linear one, on NumPy.

It was trained with a generalised end-to-end loss to put utterances of one speaker near each other
(L. Wan et al., "Generalized end-to-end loss for speaker verification", ICASSP 2018). Its weights,
in the file next to this one, are those of Resemblyzer 0.1.4 by Corentin Jemine and Resemble AI,
under the Apache licence 2.0; ``training/speaker_network.py`` copied them.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray

from autovoice_core._blas import single_threaded_blas

LAYERS = 3
"""Number of LSTM layers."""

WEIGHTS = Path(__file__).with_suffix(".safetensors")

Floats = NDArray[np.float32]


def utterance_embeddings(mels: Floats) -> Floats:
    """Return the embedding of each mel spectrogram, of length 1 or, in silence, 0.

    Shape: ``(utterances, frames, 40)`` float32, power -> ``(utterances, 256)``.
    """
    weights = _weights()
    rows = mels.transpose(1, 0, 2)
    with single_threaded_blas():
        for layer in range(LAYERS):
            rows = _lstm(rows, *(weights[f"lstm.{layer}.{part}"] for part in ("ih", "hh", "bias")))
    raw = np.maximum(rows[-1] @ weights["linear.weight"] + weights["linear.bias"], 0)
    length = np.linalg.norm(raw, axis=-1, keepdims=True)
    return np.asarray(raw / np.maximum(length, np.finfo(np.float32).tiny), np.float32)


def _lstm(rows: Floats, inward: Floats, onward: Floats, bias: Floats) -> Floats:
    """Return the states of an LSTM layer (S. Hochreiter and J. Schmidhuber, 1997).

    Shape: ``(frames, utterances, inputs)`` -> ``(frames, utterances, units)``. Columns of the
    weights belong to the input gate, the forget gate, the cell and the output gate, in turn.
    """
    units = len(onward)
    state = cell = np.zeros((rows.shape[1], units), np.float32)
    states = np.empty((*rows.shape[:2], units), np.float32)
    gates: Any = rows @ inward + bias
    for frame, gate in enumerate(gates):
        gate += state @ onward
        opened = _sigmoid(gate)
        cell = opened[:, units : 2 * units] * cell
        cell += opened[:, :units] * np.tanh(gate[:, 2 * units : 3 * units])
        state = states[frame] = opened[:, 3 * units :] * np.tanh(cell)
    return states


def _sigmoid(values: Floats) -> Floats:
    return np.asarray(0.5 + 0.5 * np.tanh(np.float32(0.5) * values), np.float32)


@cache
def _weights() -> dict[str, Floats]:
    stored: dict[str, NDArray[Any]] = safetensors.numpy.load_file(WEIGHTS)
    return {name: values.astype(np.float32) for name, values in stored.items()}
