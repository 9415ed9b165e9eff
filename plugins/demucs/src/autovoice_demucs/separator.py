"""Demucs, the separator: Hybrid Transformer Demucs (Rouard, Massa and Défossez, ICASSP 2023)."""

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
from autovoice_demucs.segments import Samples, channel_pairs, overlap_add, segment_starts, segments

MIN_OVERLAP = 0.2
"""Part of a segment, at least, that the next one covers as well."""
BATCH_SEGMENTS = {"cuda": 4}
"""Segments that are run at a time; elsewhere one."""
CACHED_SEGMENTS = 8
"""Segments whose result is kept, as windows of a long file overlap: 44 MB with those of 7.8 s."""
SILENCE = 1e-8
"""Standard deviation of a segment, over full scale, below which it is not run."""


class Demucs:
    """Runs a network on overlapping segments of the length that it was trained on.

    The author's program divides the whole song by its standard deviation; here each segment is
    divided by its own. The program's random shifts are omitted.

    Parameters
    ----------
    network
        As :func:`~autovoice_demucs.network.load_network` returns it.
    device
        ``"cpu"`` or ``"cuda"``.
    vocals_only
        The network is for vocals alone: the accompaniment is the mixture minus them.
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
        self._seconds = max(1, int((1 - MIN_OVERLAP) * float(network.segment)))
        self._cache: OrderedDict[bytes, Samples] = OrderedDict()
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
        pieces = [piece for signal in signals for piece in segments(signal, self._length, stride)]
        estimates = iter(self._estimates(pieces))
        joined = (
            overlap_add(
                islice(estimates, len(segment_starts(signal.shape[1], self._length, stride))),
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
            known = {key: self._cache[key] for key in keys if key in self._cache}
        missing = {key: piece for key, piece in zip(keys, pieces, strict=True) if key not in known}
        at_once = BATCH_SEGMENTS.get(self._device, 1)
        queue = list(missing.items())
        for i in range(0, len(queue), at_once):
            batch = queue[i : i + at_once]
            found = self._run(np.stack([piece for _, piece in batch]))
            known |= {key: estimate for (key, _), estimate in zip(batch, found, strict=True)}
        with self._lock:
            self._cache.update((key, known[key]) for key in keys)
            while len(self._cache) > CACHED_SEGMENTS:
                self._cache.popitem(last=False)
        return [known[key] for key in keys]

    def _run(self, pieces: Samples) -> Samples:
        """Return ``(pieces, 2, 2, length)`` of ``(pieces, 2, length)``.

        A network neither treats its two channels alike nor keeps a silent one silent, so a mono
        segment is run as mono and stays so, in both channels or in the one that has sound.
        """
        spread = pieces.std(axis=(1, 2), dtype=np.float64).astype(np.float32)
        result = np.zeros((len(pieces), 2, *pieces.shape[1:]), np.float32)
        run = np.flatnonzero(spread > SILENCE)
        if len(run):
            inputs = pieces[run]
            sounding = np.asarray(inputs.any(axis=2))
            inputs[~sounding] = inputs[~sounding[:, ::-1]]
            scale = spread[run, None, None]
            sources = self._forward(inputs / scale)
            vocals = sources[:, self._network.sources.index(VOCALS)]
            both = np.stack([vocals, sources.sum(axis=1) - vocals], axis=1) * scale[:, None]
            mono = (inputs[:, 0] == inputs[:, 1]).all(axis=1)
            both[mono] = both[mono].mean(axis=2, keepdims=True)
            result[run] = both * sounding[:, None, :, None]
        return result

    def _forward(self, pieces: Samples) -> Samples:
        # TF32 on a GPU would change the result.
        with torch.inference_mode(), torch.backends.cudnn.flags(allow_tf32=False):
            found = self._network(torch.from_numpy(pieces).to(self._device))
        return np.asarray(found.cpu().numpy(), np.float32)

    def _stems(self, mixture: Audio, joined: Iterator[Samples]) -> Stems:
        whole = mixture.numpy()
        both = np.zeros((2, *whole.shape), np.float32)
        for first, second in channel_pairs(mixture.channels):
            stems = _at_rate(next(joined), mixture)
            both[:, first], both[:, second] = stems[:, 0], stems[:, 1]
        vocals, rest = both
        if not self.independent_stems:
            rest = whole - vocals
        return Stems(self._on_device(vocals, mixture), self._on_device(rest, mixture))

    def _on_device(self, samples: Samples, like: Audio) -> Audio:
        """Return samples as audio on the device of the results."""
        if self._device == "cpu":
            return Audio(samples, like.sample_rate)
        return Audio(torch.from_numpy(samples).to(self._device), like.sample_rate)


def _stereo(mixture: Audio) -> Iterator[Samples]:
    """Yield ``(2, frames)`` at the network's rate for each pair of channels."""
    samples = mixture.resample(SAMPLE_RATE).numpy()
    for pair in channel_pairs(mixture.channels):
        yield samples[list(pair)]


def _at_rate(stems: Samples, mixture: Audio) -> Samples:
    """Return ``(2, 2, frames)`` at the rate and length of the mixture."""
    flat = stems.reshape(4, -1)
    back = Audio(flat, SAMPLE_RATE).resample(mixture.sample_rate).numpy()[:, : mixture.frames]
    missing = mixture.frames - back.shape[1]
    return np.pad(back, ((0, 0), (0, missing))).reshape(2, 2, -1)
