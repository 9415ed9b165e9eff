"""Demucs, the separator: Hybrid Transformer Demucs (Rouard, Massa and Défossez, ICASSP 2023)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from demucs.htdemucs import HTDemucs

from autovoice_core.separation.segmented import SegmentedSeparator
from autovoice_core.separation.segments import Samples
from autovoice_demucs.network import SAMPLE_RATE, VOCALS
from autovoice_demucs.settings import DemucsSettings

DEFAULTS = DemucsSettings()
BATCH_SEGMENTS = {"cuda": 4}
"""Segments that are run at a time; elsewhere one."""
SILENCE = 1e-8
"""Standard deviation of a segment, over full scale, below which it is not run."""


@contextmanager
def kept_random_state() -> Iterator[None]:
    """Leave Python's random numbers after a block as they were before it."""
    state = random.getstate()
    try:
        yield
    finally:
        random.setstate(state)


class Demucs(SegmentedSeparator):
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
    settings
        How a song is cut into segments.
    """

    network_rate = SAMPLE_RATE

    def __init__(
        self,
        network: HTDemucs,
        device: str = "cpu",
        *,
        vocals_only: bool = False,
        settings: DemucsSettings = DEFAULTS,
    ) -> None:
        self.segment_frames = int(network.segment * SAMPLE_RATE)
        # Whole seconds are whole samples at any rate.
        self.stride_seconds = max(1, int((1 - settings.overlap) * float(network.segment)))
        self.batch_segments = BATCH_SEGMENTS.get(device, 1)
        self.independent_stems = not vocals_only
        super().__init__()
        self._network = network.to(device)
        self._device = device

    def on_device(self, samples: Samples) -> object:
        """Return samples as a tensor of the device, on the CPU as an array."""
        return samples if self._device == "cpu" else torch.from_numpy(samples).to(self._device)

    def run(self, pieces: Samples) -> Samples:
        """Return the vocals and the rest of segments; see :class:`SegmentedSeparator`.

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
        return result if self.independent_stems else result[:, :1]

    def _forward(self, pieces: Samples) -> Samples:
        # TF32 on a GPU would change the result. The network draws numbers that it doesn't use.
        with (
            torch.inference_mode(),
            torch.backends.cudnn.flags(enabled=True, allow_tf32=False),
            kept_random_state(),
        ):
            found = self._network(torch.from_numpy(pieces).to(self._device))
        return np.asarray(found.cpu().numpy(), np.float32)
