"""A phone recogniser, and the edit distance between what it finds in two recordings.

The recogniser is PocketSphinx's loop over the phones of American English (Huggins-Daines et al.
2006, ICASSP), with the acoustic model and the phone trigrams of its wheel. It knows no words, so
it takes any language, if poorly; what counts is whether it finds the same phones in two
performances of one text.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_LANGUAGE_WEIGHT = 2.0  # of the trigrams; the value of PocketSphinx's tutorial on phones


class PhoneRecogniser:
    """PocketSphinx as a phone recogniser."""

    def __init__(self) -> None:
        import pocketsphinx

        self._decoder = pocketsphinx.Decoder(
            pocketsphinx.Config(
                hmm=pocketsphinx.get_model_path("en-us/en-us"),
                allphone=pocketsphinx.get_model_path("en-us/en-us-phone.lm.bin"),
                lw=_LANGUAGE_WEIGHT,
                lm=None,
                dict=None,
                loglevel="FATAL",
            )
        )

    def phones(self, samples: NDArray[np.float32]) -> tuple[str, ...]:
        """Return the phones in ``samples``, ``(frames,)`` at 16 kHz, without silence and noise."""
        pcm = np.rint(np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()
        if not pcm:
            return ()
        # Else its noise estimate would carry over from the last utterance.
        self._decoder.reinit_feat()
        self._decoder.start_utt()
        self._decoder.process_raw(pcm, full_utt=True)
        self._decoder.end_utt()
        words = [segment.word for segment in self._decoder.seg() or ()]
        return tuple(phone for phone in words if phone.isalpha() and phone != "SIL")


def edit_distance(reference: Sequence[str], other: Sequence[str]) -> int:
    """Return the Levenshtein distance: the fewest insertions, deletions and substitutions.

    V. Levenshtein 1966, one row of the table at a time.
    """
    row = list(range(len(other) + 1))
    for i, wanted in enumerate(reference, 1):
        diagonal, row[0] = row[0], i
        for j, found in enumerate(other, 1):
            diagonal, row[j] = (
                row[j],
                min(row[j] + 1, row[j - 1] + 1, diagonal + (wanted != found)),
            )
    return row[-1]
