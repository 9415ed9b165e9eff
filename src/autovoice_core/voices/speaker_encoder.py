"""Speaker embeddings by the network of Resemblyzer, where it is installed.

The encoder is a network of three LSTM layers, trained with a generalised end-to-end loss to put
utterances of one speaker near each other (Wan et al. 2018, arXiv:1710.10467). Its weights are
part of the ``resemblyzer`` package, and are read without importing the package, which fails under
current versions of setuptools.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autovoice_core._errors import AutoVoiceWarning
from autovoice_core._types import Audio
from autovoice_core.voices.mel import HOP, MELS, SAMPLE_RATE, mel_spectrogram
from autovoice_core.voices.records import Embedding

ENCODER = "resemblyzer"

_HIDDEN_SIZE, _LAYERS = 256, 3
_PARTIAL_FRAMES = 160  # input of the network, in frames of 10 ms
_PARTIAL_STEP = round(SAMPLE_RATE / 1.3 / HOP)  # 1.3 partials begin in a second
_MIN_PARTIAL_FILL = 0.75  # of the last partial
_MIN_RMS = 10 ** (-30 / 20)  # quieter sound is raised to it: -30 dB of full scale
_MAX_WEIGHTS_BYTES = 64_000_000
_BATCH_SIZE = 64

Vectors = NDArray[np.float32]


class SpeakerEncoder:
    """The network with its weights; see :func:`speaker_encoder`."""

    def __init__(self, weights: Path, encoder_version: str) -> None:
        import torch

        if weights.stat().st_size > _MAX_WEIGHTS_BYTES:
            raise ValueError(f"{weights} is larger than expected")
        state = torch.load(weights, map_location="cpu", weights_only=True)["model_state"]
        self.version = encoder_version
        self._torch = torch
        self._lstm = _loaded(
            torch.nn.LSTM(MELS, _HIDDEN_SIZE, _LAYERS, batch_first=True), "lstm", state
        )
        self._linear = _loaded(torch.nn.Linear(_HIDDEN_SIZE, _HIDDEN_SIZE), "linear", state)

    def partials(self, audio: Audio) -> Vectors:
        """Return the embeddings of partials of 1.6 s of ``audio``, ``(partials, 256)``.

        Each is of length 1. Audio shorter than a partial is padded with silence.
        """
        samples = _levelled(audio.mono().resample(SAMPLE_RATE).numpy()[0])
        starts = _starts(len(samples))
        missing = (starts[-1] + _PARTIAL_FRAMES) * HOP - len(samples)
        mel = mel_spectrogram(np.pad(samples, (0, max(missing, 0))))
        mels = np.stack([mel[start : start + _PARTIAL_FRAMES] for start in starts])
        return np.concatenate(
            [self._embed(mels[i : i + _BATCH_SIZE]) for i in range(0, len(mels), _BATCH_SIZE)]
        )

    def _embed(self, mels: NDArray[np.float32]) -> Vectors:
        torch = self._torch
        with _one_thread(torch), torch.inference_mode():
            _, (hidden, _) = self._lstm(torch.from_numpy(mels))
            raw = torch.relu(self._linear(hidden[-1]))
            return _unit(raw.numpy())

    def embedding(self, partials: Vectors) -> Embedding:
        """Return the embedding of the speaker of all ``partials``, or of their sums."""
        return Embedding(ENCODER, self.version, _unit(partials.sum(axis=0)))

    def embedding_of(self, stretches: Iterable[Audio]) -> Embedding | None:
        """Return the embedding of the one speaker of all ``stretches``; None if there are none."""
        sums = [self.partials(audio).sum(axis=0) for audio in stretches]
        return self.embedding(np.stack(sums)) if sums else None


@cache
def speaker_encoder() -> SpeakerEncoder | None:
    """Return the speaker encoder, or None where torch or resemblyzer is not installed.

    If it is installed but broken, warn with an :class:`AutoVoiceWarning` and return None.
    """
    package = find_spec(ENCODER)
    if package is None or not package.origin or find_spec("torch") is None:
        return None
    try:
        return SpeakerEncoder(Path(package.origin).with_name("pretrained.pt"), version(ENCODER))
    # A profile works without an embedding, whatever is wrong with an optional package.
    except Exception as error:  # noqa: BLE001
        warnings.warn(
            f"the speaker encoder can't be used ({error}); reinstall torch and resemblyzer. "
            "Voices are kept without an embedding",
            AutoVoiceWarning,
            stacklevel=2,
        )
        return None


def speaker_embedding(audio: Audio) -> Embedding | None:
    """Return the embedding of the voice in ``audio``, or None where there is no encoder.

    Cut silences out before: they would count as part of the voice.
    """
    encoder = speaker_encoder()
    return None if encoder is None else encoder.embedding(encoder.partials(audio))


@contextmanager
def _one_thread(torch: Any) -> Iterator[None]:
    """Limit torch to one thread: several spend their time here waiting for one another.

    On two busy cores several take thirteen times as long.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _loaded(module: Any, prefix: str, state: dict[str, Any]) -> Any:
    weights = {name: state[f"{prefix}.{name}"] for name in module.state_dict()}
    module.load_state_dict(weights)
    return module.eval()


def _starts(samples: int) -> list[int]:
    """Return the frames at which partials begin."""
    frames = samples // HOP + 1
    starts = list(range(0, max(1, frames - _PARTIAL_FRAMES + _PARTIAL_STEP + 1), _PARTIAL_STEP))
    last_fill = (samples / HOP - starts[-1]) / _PARTIAL_FRAMES
    return starts if last_fill >= _MIN_PARTIAL_FILL or len(starts) == 1 else starts[:-1]


def _levelled(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    rms = float(np.sqrt(np.mean(samples.astype(np.float64) ** 2)))
    return samples * np.float32(_MIN_RMS / rms) if 0 < rms < _MIN_RMS else samples


def _unit(vectors: Vectors) -> Vectors:
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, np.finfo(np.float32).tiny), np.float32)
