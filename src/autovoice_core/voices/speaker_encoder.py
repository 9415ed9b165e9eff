"""Where a voice lies among all voices: the speaker encoder of Resemblyzer, where it is installed.

The encoder is a network of three LSTM layers, trained with a generalised end-to-end loss to put
utterances of one speaker near each other (Wan et al. 2018, arXiv:1710.10467). Its weights lie in
the wheel of the ``resemblyzer`` package. They are read from there without importing the package,
which does not work under present versions of setuptools.
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
from autovoice_core.voices.mel import HOP, SAMPLE_RATE, mel_spectrogram
from autovoice_core.voices.profile import Embedding

ENCODER = "resemblyzer"

_MELS, _HIDDEN, _LAYERS = 40, 256, 3
_PARTIAL = 160  # frames of 10 ms that the network hears at once
_STEP = round(SAMPLE_RATE / 1.3 / HOP)  # 1.3 of them begin in a second
_LEAST_COVERAGE = 0.75
_LEVEL = 10 ** (-30 / 20)  # rms that quieter sound is raised to, -30 dB of full scale
_LARGEST_FILE = 64_000_000
_BATCH = 64

Vectors = NDArray[np.float32]


class SpeakerEncoder:
    """The network, opened; see :func:`speaker_encoder`."""

    def __init__(self, weights: Path, encoder_version: str) -> None:
        import torch

        if weights.stat().st_size > _LARGEST_FILE:
            raise ValueError(f"{weights} is larger than the file that was expected")
        state = torch.load(weights, map_location="cpu", weights_only=True)["model_state"]
        self.version = encoder_version
        self._torch = torch
        self._lstm = _loaded(
            torch.nn.LSTM(_MELS, _HIDDEN, _LAYERS, batch_first=True), "lstm", state
        )
        self._linear = _loaded(torch.nn.Linear(_HIDDEN, _HIDDEN), "linear", state)

    def partials(self, audio: Audio) -> Vectors:
        """Return the embeddings of stretches of 1.6 s of ``audio``, ``(stretches, 256)``.

        Each has length 1. What is shorter than a stretch is filled up with silence.
        """
        samples = _levelled(audio.mono().resample(SAMPLE_RATE).numpy()[0])
        starts = _starts(len(samples))
        missing = (starts[-1] + _PARTIAL) * HOP - len(samples)
        mel = mel_spectrogram(np.pad(samples, (0, max(missing, 0))))
        stretches = np.stack([mel[start : start + _PARTIAL] for start in starts])
        return np.concatenate(
            [self._embed(stretches[i : i + _BATCH]) for i in range(0, len(stretches), _BATCH)]
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
        """Return the embedding of the one speaker of all ``stretches``; None where none are."""
        sums = [self.partials(audio).sum(axis=0) for audio in stretches]
        return self.embedding(np.stack(sums)) if sums else None


@cache
def speaker_encoder() -> SpeakerEncoder | None:
    """Return the speaker encoder, or None where torch or resemblyzer is not installed.

    One that is installed but broken is None as well, with an :class:`AutoVoiceWarning`.
    """
    package = find_spec(ENCODER)
    if package is None or not package.origin or find_spec("torch") is None:
        return None
    try:
        return SpeakerEncoder(Path(package.origin).with_name("pretrained.pt"), version(ENCODER))
    # A profile is worth having without an embedding, whatever is wrong with an optional package.
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

    Silences should have been left out, as they are part of what the encoder hears.
    """
    encoder = speaker_encoder()
    return None if encoder is None else encoder.embedding(encoder.partials(audio))


@contextmanager
def _one_thread(torch: Any) -> Iterator[None]:
    """Keep torch to one thread: more of them spend their time waiting for one another here.

    On two busy cores they take thirteen times as long.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _loaded(module: Any, prefix: str, state: dict[str, Any]) -> Any:
    own = {name: state[f"{prefix}.{name}"] for name in module.state_dict()}
    module.load_state_dict(own)
    return module.eval()


def _starts(samples: int) -> list[int]:
    """Return the frames at which stretches of ``_PARTIAL`` frames begin."""
    frames = samples // HOP + 1
    starts = list(range(0, max(1, frames - _PARTIAL + _STEP + 1), _STEP))
    covered = (samples / HOP - starts[-1]) / _PARTIAL
    return starts if covered >= _LEAST_COVERAGE or len(starts) == 1 else starts[:-1]


def _levelled(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    rms = float(np.sqrt(np.mean(samples.astype(np.float64) ** 2)))
    return samples * np.float32(_LEVEL / rms) if 0 < rms < _LEVEL else samples


def _unit(vectors: Vectors) -> Vectors:
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, np.finfo(np.float32).tiny), np.float32)
