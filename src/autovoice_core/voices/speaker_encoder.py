"""Speaker embeddings: vectors that are near each other where one person speaks or sings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice

import numpy as np
from numpy.typing import NDArray

from autovoice_core._types import Audio
from autovoice_core.audio.reading import SoundInput, as_source_on_host
from autovoice_core.audio.source import BLOCK_FRAMES, concatenate
from autovoice_core.voices.mel import HOP, SAMPLE_RATE, mel_spectrogram
from autovoice_core.voices.records import Embedding
from autovoice_core.voices.speaker_network import utterance_embeddings

ENCODER, VERSION = "resemblyzer", "0.1.4"
"""The encoder whose weights and steps these are; embeddings of others can't be compared."""

_PARTIAL_FRAMES = 160  # input of the network, in frames of 10 ms
_PARTIAL_STEP = round(SAMPLE_RATE / 1.3 / HOP)  # 1.3 partials begin in a second
_MIN_PARTIAL_FILL = 0.75  # of the last partial
_MIN_RMS = 10 ** (-30 / 20)  # quieter sound is raised to it: -30 dB of full scale
_BATCH_SIZE = 64

Vector = NDArray[np.float32]
Vectors = NDArray[np.float32]


class SpeakerEncoder:
    """The encoder: a network of three LSTM layers, on partials of a recording."""

    def partials(self, audio: Audio) -> Vectors:
        """Return the embeddings of partials of 1.6 s of ``audio``, ``(partials, 256)``.

        Each is of length 1. Audio shorter than a partial is padded with silence.
        """
        return np.concatenate(list(_embedded([audio])))

    def partials_sum(self, stretches: Iterable[Audio]) -> Vector | None:
        """Return the sum of the embeddings of all partials of ``stretches``; None without any.

        Shape: ``(256,)``.
        """
        sums = [embeddings.sum(axis=0) for embeddings in _embedded(stretches)]
        return np.stack(sums).sum(axis=0) if sums else None

    def embedding(self, partials: Vectors) -> Embedding:
        """Return the embedding of the speaker of all ``partials``, or of their sums."""
        total = partials.sum(axis=0)
        length = max(float(np.linalg.norm(total)), float(np.finfo(np.float32).tiny))
        return Embedding(ENCODER, VERSION, np.asarray(total / length, np.float32))

    def embedding_of(self, stretches: Iterable[Audio]) -> Embedding | None:
        """Return the embedding of the one speaker of all ``stretches``; None if there are none."""
        total = self.partials_sum(stretches)
        return None if total is None else self.embedding(total[np.newaxis])


def speaker_embedding(audio: SoundInput) -> Embedding:
    """Return the embedding of the voice in ``audio``, sound in memory or a file.

    Cut silences out before: they would count as part of the voice.

    Raises
    ------
    InputError
        It is no sound, or can't be read.
    """
    source, encoder = as_source_on_host(audio), SpeakerEncoder()
    samples = concatenate(source.blocks(BLOCK_FRAMES), (source.channels, source.frames))
    return encoder.embedding(encoder.partials(Audio(samples, source.sample_rate)))


def _embedded(stretches: Iterable[Audio]) -> Iterator[Vectors]:
    """Yield the embeddings of the partials of all ``stretches``, in order.

    The network takes as many at a time as a batch holds, of however many stretches: a product of
    few rows takes about as long as one of many.
    """
    partials = chain.from_iterable(map(_partial_mels, stretches))
    while batch := list(islice(partials, _BATCH_SIZE)):
        yield utterance_embeddings(np.stack(batch))


def _partial_mels(audio: Audio) -> list[NDArray[np.float32]]:
    """Return the mel spectrogram of each partial."""
    samples = _levelled(audio.mono().resample(SAMPLE_RATE).numpy()[0])
    starts = _starts(len(samples))
    missing = (starts[-1] + _PARTIAL_FRAMES) * HOP - len(samples)
    mel = mel_spectrogram(np.pad(samples, (0, max(missing, 0))))
    return [mel[start : start + _PARTIAL_FRAMES] for start in starts]


def _starts(samples: int) -> list[int]:
    """Return the frames at which partials begin."""
    frames = samples // HOP + 1
    starts = list(range(0, max(1, frames - _PARTIAL_FRAMES + _PARTIAL_STEP + 1), _PARTIAL_STEP))
    last_fill = (samples / HOP - starts[-1]) / _PARTIAL_FRAMES
    return starts if last_fill >= _MIN_PARTIAL_FILL or len(starts) == 1 else starts[:-1]


def _levelled(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    rms = float(np.sqrt(np.mean(samples.astype(np.float64) ** 2)))
    return samples * np.float32(_MIN_RMS / rms) if 0 < rms < _MIN_RMS else samples
