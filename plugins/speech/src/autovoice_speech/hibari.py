"""``speech/hibari``: an English voice by the network in the wheel of hibari-tts (Apache-2.0).

The network is a small student of Kokoro-82M. It predicts how long each symbol of the text's
pronunciation lasts, and spectra and f0, from which the package makes the sound.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from autovoice_core import Audio, ModelError
from autovoice_core._speech import Speech
from autovoice_core.models import OnnxNetwork
from autovoice_speech.cutting import shorten
from autovoice_speech.device import check_device_and_dtype
from autovoice_speech.english import Pronunciation, check_latin, pronounce
from autovoice_speech.symbols import phones_and_words

PACKAGE, VERSION = "hibari", "0.2.1"
SHA256 = "5f70741d4e900f4e85d0037498736cc1b3e1b9a63a13546a5da1e63abf4fccd8"
"""Of the network, ``assets/hibari.onnx``."""

SAMPLE_RATE = 24_000
FRAMES = 600
"""Samples of a step of the durations: 25 ms."""
LEAD = 0.04
"""Seconds by which the sound of a symbol precedes its predicted place.

Measured as the shift at which fricatives agree best with energy over 4 kHz, and vowels with energy
from 0.2 to 1.5 kHz: 40 ms for both (correlations of 0.80 and 0.50, against 0.42 and 0.24 at none).
"""
MAX_SYMBOLS = 400
"""Symbols that the network speaks at once."""

_DURATIONS = "/Clip_output_0"
_SPECTRA = ("lh", "theta", "ln", "lr", "phi", "f0")


class Hibari:
    """Speaks English with the network of hibari-tts."""

    languages = frozenset({"en"})

    def __init__(self, network: OnnxNetwork) -> None:
        from hibari.g2p import G2P

        self._network, self._g2p = network, G2P()
        self._ids = symbol_ids()

    def sentences(self, text: str, language: str) -> Sequence[str]:
        """Return the sentences of the text, the long ones cut at commas or spaces."""
        from hibari import Hibari as Package

        check_latin(text)
        found: list[str] = []
        for sentence in Package.split_sentences(text):
            found += shorten(sentence)
        return found

    def speak(self, text: str, language: str, *, seed: int = 0) -> Speech:
        """Return the text spoken, with the times that the network predicted.

        ``seed`` is that of the noise in breathy and unvoiced sounds.
        """
        generator = np.random.default_rng(seed)
        parts = [
            self._speak(part, generator)
            for part in pronounce(self._g2p, text, self._ids).parts(MAX_SYMBOLS)
        ]
        return Speech.join(parts)

    def _speak(self, spoken: Pronunciation, generator: np.random.Generator) -> Speech:
        from hibari import dsp

        ids = np.array([[0, *(self._ids[symbol] for symbol in spoken.symbols), 0]], np.int64)
        *spectra, durations = self._network.run(
            [*_SPECTRA, _DURATIONS], {"ids": ids, "speed": np.ones(1, np.float32)}
        )
        samples: NDArray[np.float32] = dsp.synth(*(part[0] for part in spectra), generator)
        ends = np.cumsum(durations.reshape(-1)) * (FRAMES / SAMPLE_RATE)
        audio = Audio(samples[np.newaxis], SAMPLE_RATE)
        return Speech(audio, *phones_and_words(spoken, ends, LEAD, audio))


def open_hibari(*, device: str, dtype: str) -> Hibari:
    """Return the engine; there are no options.

    Raises
    ------
    InputError
        Another device or precision is asked for.
    ModelError
        The network is missing, or is not the one that is pinned.
    """
    check_device_and_dtype("hibari", device, dtype)
    return Hibari(OnnxNetwork(with_output(read_network(), _DURATIONS), threads=1))


def probe(device: str) -> None:
    """Speak a word."""
    speech = open_hibari(device=device, dtype="float32").speak("Hello.", "en")
    if not np.isfinite(speech.audio.numpy()).all():
        raise RuntimeError("the network returns NaN or infinity; reinstall onnxruntime")


def read_network() -> bytes:
    """Return the network's file, checked.

    Raises
    ------
    ModelError
        It is missing, or is not the one that is pinned.
    """
    spec = find_spec(PACKAGE)
    folders = None if spec is None else spec.submodule_search_locations
    path = Path(folders[0], "assets/hibari.onnx") if folders else None
    remedy = f"run `pip install --force-reinstall --no-deps hibari-tts=={VERSION}`"
    if path is None or not path.is_file():
        raise ModelError(f"hibari-tts {VERSION}, which holds the network, is missing; {remedy}")
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise ModelError(
            f"{path}: is not the file of hibari-tts {VERSION} (SHA-256 {SHA256[:16]}…); {remedy}"
        )
    return content


def symbol_ids() -> dict[str, int]:
    """Return the number by which the network knows each symbol of pronunciation."""
    import json

    from hibari.tts import ASSETS

    ids: dict[str, int] = json.loads(Path(ASSETS, "vocab.json").read_text(encoding="utf-8"))
    return ids


def with_output(model: bytes, tensor: str) -> bytes:
    """Return an ONNX model that returns one of its inner tensors too.

    In the encoding of protobuf, fields that are appended to a message are merged into it: here
    ``ModelProto.graph`` (7), ``GraphProto.output`` (12), ``ValueInfoProto.name`` (1).
    """
    field = tensor.encode()
    for number in (1, 12, 7):
        if len(field) > 127:
            raise ValueError(f"{tensor}: the name is too long")
        field = bytes([number << 3 | 2, len(field)]) + field
    return model + field
