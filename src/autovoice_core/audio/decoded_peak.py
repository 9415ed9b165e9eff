"""The level at which what a lossy format decodes to stays under the ceiling of true peaks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from autovoice_core.audio.reading import AudioFile
from autovoice_core.audio.source import BLOCK_FRAMES, Block
from autovoice_core.audio.true_peak import TruePeakMeter, true_peak_gain
from autovoice_core.audio.writing import AudioWriter

_MAX_TRIALS = 4
"""Encodings tried."""
_TRIAL_MARGIN = 0.995  # as the error of a format changes a little with the gain


def decoded_gain(
    writer: AudioWriter, blocks: Callable[[], Iterable[Block]], gain: float, folder: Path
) -> float:
    """Return ``gain``, or what brings down what the writer's format decodes to.

    Parameters
    ----------
    writer
        The writer; of a lossless format ``gain`` stays.
    blocks
        Returns the sound anew whenever it is called.
    gain
        What brings the sound itself under the ceiling.
    folder
        Takes the trials.
    """
    if writer.lossless:
        return gain
    for _ in range(_MAX_TRIALS):
        meter = TruePeakMeter(writer.channels)
        with writer.trial(folder) as trial:
            for block in blocks():
                trial.write(block * np.float32(gain))
        for block in AudioFile(trial.path).blocks(BLOCK_FRAMES):
            meter.feed(block)
        excess = true_peak_gain(meter.finish())
        if excess == 1:
            break
        gain *= excess * _TRIAL_MARGIN
    return gain
