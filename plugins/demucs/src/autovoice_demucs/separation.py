"""Hybrid Transformer Demucs (Rouard, Massa and Défossez, ICASSP 2023) as a separator."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from itertools import islice
from threading import Lock

import numpy as np
import torch
from demucs.htdemucs import HTDemucs

from autovoice_core import Audio, Stems
from autovoice_demucs.network import SAMPLE_RATE, VOCALS
from autovoice_demucs.segments import Samples, cut, overlap_add, pairs, starts

OVERLAP = 0.2
"""Least part of a segment that the next one covers as well."""
AT_ONCE = {"cuda": 4}
"""Segments that are run at a time; elsewhere one."""
REMEMBERED = 8
"""Segments whose result is kept, as windows of a long file overlap: 44 MB with those of 7.8 s."""
SILENT = 1e-8
"""Standard deviation of a segment, in parts of full scale, under which it is not run."""


class Demucs:
    """Runs a network on overlapping segments of the length that it was trained on.

    What the author's programme does once for the whole song, dividing it by its standard
    deviation, is done here for each segment; its random shifts are left out.

    Parameters
    ----------
    network
        As :func:`~autovoice_demucs.network.load_network` returns it.
    device
        ``"cpu"`` or ``"cuda"``.
    vocals_only
        The network is good for vocals alone: the accompaniment is what they leave of the mixture.
    """

    def __init__(
        self, network: HTDemucs, device: str = "cpu", *, vocals_only: bool = False
    ) -> None:
        self.context = float(network.segment)
        self.independent_stems = not vocals_only
        self._network = network.to(device)
        self._device = device
        self._length = int(network.segment * SAMPLE_RATE)
        # Whole seconds are whole samples at any rate.
        self._seconds = max(1, int((1 - OVERLAP) * float(network.segment)))
        self._remembered: OrderedDict[bytes, Samples] = OrderedDict()
        self._lock = Lock()

    def grid(self, sample_rate: int) -> int:
        """Return the number of samples from one segment to the next."""
        return self._seconds * sample_rate

    def separate(self, mixture: Audio) -> Stems:
        """Return estimates of the stems, of the mixture's shape and rate."""
        return self.separate_batch([mixture])[0]

    def separate_batch(self, mixtures: Sequence[Audio]) -> list[Stems]:
        """Return for each mixture what :meth:`separate` returns of it alone."""
        stride = self._seconds * SAMPLE_RATE
        signals = [signal for mixture in mixtures for signal in _stereo(mixture)]
        pieces = [piece for signal in signals for piece in cut(signal, self._length, stride)]
        estimates = iter(self._estimates(pieces))
        joined = (
            overlap_add(
                islice(estimates, len(starts(signal.shape[1], self._length, stride))),
                signal.shape[1],
                self._length,
                stride,
            )
            for signal in signals
        )
        return [self._stems(mixture, joined) for mixture in mixtures]

    def _estimates(self, pieces: list[Samples]) -> list[Samples]:
        """Return ``(2, 2, length)`` for each piece: vocals and the rest, in stereo."""
        keys = [hashlib.sha256(piece.tobytes()).digest() for piece in pieces]
        with self._lock:
            known = {key: self._remembered[key] for key in keys if key in self._remembered}
        missing = {key: piece for key, piece in zip(keys, pieces, strict=True) if key not in known}
        at_once = AT_ONCE.get(self._device, 1)
        queue = list(missing.items())
        for i in range(0, len(queue), at_once):
            batch = queue[i : i + at_once]
            found = self._run(np.stack([piece for _, piece in batch]))
            known |= {key: estimate for (key, _), estimate in zip(batch, found, strict=True)}
        with self._lock:
            self._remembered.update((key, known[key]) for key in keys)
            while len(self._remembered) > REMEMBERED:
                self._remembered.popitem(last=False)
        return [known[key] for key in keys]

    def _run(self, pieces: Samples) -> Samples:
        """Return ``(pieces, 2, 2, length)`` of ``(pieces, 2, length)``.

        A network has no reason to treat its two channels alike, nor to leave a silent one alone:
        what is mono is heard as such and stays it, in both channels or in the one that sounds.
        """
        spread = pieces.std(axis=(1, 2), dtype=np.float64).astype(np.float32)
        result = np.zeros((len(pieces), 2, *pieces.shape[1:]), np.float32)
        run = np.flatnonzero(spread > SILENT)
        if len(run):
            heard = pieces[run]
            sounding = np.asarray(heard.any(axis=2))
            heard[~sounding] = heard[~sounding[:, ::-1]]
            scale = spread[run, None, None]
            sources = self._forward(heard / scale)
            vocals = sources[:, self._network.sources.index(VOCALS)]
            both = np.stack([vocals, sources.sum(axis=1) - vocals], axis=1) * scale[:, None]
            mono = (heard[:, 0] == heard[:, 1]).all(axis=1)
            both[mono] = both[mono].mean(axis=2, keepdims=True)
            result[run] = both * sounding[:, None, :, None]
        return result

    def _forward(self, pieces: Samples) -> Samples:
        # A GPU's shortened multiplications would make its result another one.
        with torch.inference_mode(), torch.backends.cudnn.flags(allow_tf32=False):
            found = self._network(torch.from_numpy(pieces).to(self._device))
        return np.asarray(found.cpu().numpy(), np.float32)

    def _stems(self, mixture: Audio, joined: Iterator[Samples]) -> Stems:
        whole = mixture.numpy()
        both = np.zeros((2, *whole.shape), np.float32)
        for first, second in pairs(mixture.channels):
            stems = _at_rate(next(joined), mixture)
            both[:, first], both[:, second] = stems[:, 0], stems[:, 1]
        vocals, rest = both
        if not self.independent_stems:
            rest = whole - vocals
        return Stems(self._there(vocals, mixture), self._there(rest, mixture))

    def _there(self, samples: Samples, like: Audio) -> Audio:
        """Return samples as audio on the device that the results are promised on."""
        if self._device == "cpu":
            return Audio(samples, like.sample_rate)
        return Audio(torch.from_numpy(samples).to(self._device), like.sample_rate)


def _stereo(mixture: Audio) -> Iterator[Samples]:
    """Yield ``(2, frames)`` at the network's rate for each pair of channels."""
    samples = mixture.resample(SAMPLE_RATE).numpy()
    for pair in pairs(mixture.channels):
        yield samples[list(pair)]


def _at_rate(stems: Samples, mixture: Audio) -> Samples:
    """Return ``(2, 2, frames)`` at the rate and length of the mixture."""
    flat = stems.reshape(4, -1)
    back = Audio(flat, SAMPLE_RATE).resample(mixture.sample_rate).numpy()[:, : mixture.frames]
    missing = mixture.frames - back.shape[1]
    return np.pad(back, ((0, 0), (0, missing))).reshape(2, 2, -1)
