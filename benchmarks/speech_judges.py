"""Judges of ``benchmarks/speech.py``: two recognisers of phones, and an aligner.

PocketSphinx, by which ``autovoice report`` judges, takes held vowels for several phones. The small
network in the wheel of hama (Apache-2.0) hears them as they are; it is asked where it is installed:
``pip install hama==1.7.0``.
"""

from __future__ import annotations

import re
from importlib.util import find_spec

import numpy as np
import pocketsphinx
from numpy.typing import NDArray

from autovoice_core import Audio
from autovoice_core.metrics.phones import PhoneRecogniser, edit_distance

RATE = 16_000
VOWELS = frozenset(re.findall("[A-Z]+", "AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW"))
ARPABET = {
    "i": "IY", "ɪ": "IH", "u": "UW", "ʊ": "UH", "ɛ": "EH", "æ": "AE", "ɑ": "AA", "ɔ": "AO",
    "ə": "AH", "ʌ": "AH", "ɝ": "ER", "ɚ": "ER", "oʊ": "OW", "eɪ": "EY", "aɪ": "AY", "aʊ": "AW",
    "ɔɪ": "OY", "ð": "DH", "θ": "TH", "ʃ": "SH", "ʒ": "ZH", "t͡ʃ": "CH", "d͡ʒ": "JH", "j": "Y",
    "ɹ": "R", "ŋ": "NG", "h": "HH", "ɡ": "G", "ɾ": "T",
}  # fmt: skip
"""Phones of PocketSphinx's dictionary by those of hama that have other names there."""
NO_PHONE = "‿"


class Judges:
    """PocketSphinx as a recogniser and as an aligner, and hama where it is installed."""

    def __init__(self) -> None:
        self._recogniser = PhoneRecogniser()
        self._dictionary = pocketsphinx.Decoder(loglevel="FATAL", lm=None)
        self.names = ["PocketSphinx"]
        if find_spec("hama"):
            import hama

            self._hama = hama.ASRModel()
            self.names.append("hama")

    def errors(self, audio: Audio, text: str) -> NDArray[np.int64]:
        """Return the edit distances to the phones of a text by each judge, and their number."""
        words = text.lower().replace(".", "").split()
        expected = [p for word in words for p in self._dictionary.lookup_word(word).split()]
        samples = at_16_khz(audio)
        heard = [self._recogniser.phones(samples)]
        if "hama" in self.names:
            found = self._hama(samples, RATE).phonemes
            heard.append(tuple(ARPABET.get(p, p.upper()) for p in found if p != NO_PHONE))
        return np.asarray([*(edit_distance(expected, each) for each in heard), len(expected)])

    def vowel_onsets(self, audio: Audio, text: str) -> list[float] | None:
        """Return when each vowel of a text begins, seconds, or None if it can't be aligned."""
        decoder = pocketsphinx.Decoder(loglevel="FATAL", lm=None)
        decoder.set_align_text(text.lower())
        data = np.rint(np.clip(at_16_khz(audio), -1, 1) * 32767).astype("<i2").tobytes()
        try:
            for last in (False, True):  # words first, then their phones
                decoder.start_utt()
                decoder.process_raw(data, full_utt=True)
                decoder.end_utt()
                if not last:
                    decoder.set_alignment()
        except RuntimeError:
            return None
        phones = [phone for word in decoder.get_alignment() for phone in word]
        return [0.01 * phone.start for phone in phones if phone.name in VOWELS]


def at_16_khz(audio: Audio) -> NDArray[np.float32]:
    """Return ``(samples,)`` of the mean of all channels."""
    return audio.mono().resample(RATE).numpy()[0]
