"""The teacher of the phone network, PocketSphinx's acoustic model: which phone is said when."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pocketsphinx

from autovoice_core.conversion.retrieval.frames import hann, smoothed

STATES = 126
"""States of the teacher's phones, whatever their neighbours: 42 of 3 each."""

LIKELIHOOD_POWER = 0.5
"""Power of the teacher's likelihoods, since neighbouring frames are not independent."""

_NATS = 1024 * np.log(1.0001)  # of one step of a senone's score


class Teacher:
    """PocketSphinx's acoustic model, whose scores are written to files in an empty folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        model = pocketsphinx.get_model_path
        self._decoder = pocketsphinx.Decoder(
            hmm=model("en-us/en-us"),
            allphone=model("en-us/en-us-phone.lm.bin"),
            lm=None,
            dict=None,
            loglevel="FATAL",
            senlogdir=str(folder),
            compallsen=True,
            topn=16,
        )

    def posteriors(self, samples: np.ndarray, count: int) -> np.ndarray:
        """Return ``(count, STATES)`` posteriors, a frame every 10 ms, of samples at 16 kHz."""
        for old in self._folder.iterdir():
            old.unlink()
        loud = samples * (0.9 / max(1e-9, np.abs(samples).max()))
        self._decoder.reinit_feat()
        self._decoder.start_utt()
        self._decoder.process_raw((32767 * loud).astype("<i2").tobytes(), full_utt=True)
        self._decoder.end_utt()
        (log,) = self._folder.iterdir()
        scores = _scores(log.read_bytes())
        # Its frames begin where ours are centred, and are 26 ms long.
        scores = scores[np.clip(np.arange(count) - 1, 0, len(scores) - 1)]
        likelihood = np.exp(
            -LIKELIHOOD_POWER * _NATS * (scores - scores.min(axis=1, keepdims=True))
        )
        posteriors = likelihood / likelihood.sum(axis=1, keepdims=True)
        return smoothed(posteriors.astype(np.float32), hann(1))


def _scores(log: bytes) -> np.ndarray:
    """Return the scores of the context-independent states, which come first."""
    body = log[log.index(b"endhdr\n") + 11 :]
    rows, at = [], 0
    while at < len(body):
        (count,) = struct.unpack_from("<h", body, at)
        rows.append(np.frombuffer(body, "<i2", STATES, at + 2))
        at += 2 + 2 * count
    return np.stack(rows).astype(np.float32)
