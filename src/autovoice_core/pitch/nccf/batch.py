"""Pitch of a batch of rows on a device, without a transfer to the host.

The algorithm of :mod:`autovoice_core.pitch.nccf.nccf`, on rows of one length instead of clips of
any. Two more kernels do what takes an array library many passes over the samples.
"""

from __future__ import annotations

from typing import Any

from autovoice_core._types import PitchFrames
from autovoice_core.pitch.nccf.candidates import find_candidates
from autovoice_core.pitch.nccf.configuration import Configuration
from autovoice_core.pitch.nccf.decode import Clips, decode_track
from autovoice_core.pitch.nccf.kernels import BatchKernels
from autovoice_core.pitch.nccf.loudness import block_energies
from autovoice_core.pitch.nccf.noise import mostly_noise, subtract_noise
from autovoice_core.pitch.nccf.parameters import (
    CLIP_LEVEL,
    ENERGY_BLOCK,
    FULL_SCALE,
    MIN_BLOCK_ENERGY,
    TrackerParameters,
)


def track_batch(
    xp: Any,
    kernels: BatchKernels,
    samples: Any,
    sample_rate: int,
    hop: int,
    *,
    fmin: float,
    fmax: float,
    lengths: Any = None,
    parameters: TrackerParameters | None = None,
) -> PitchFrames:
    """Return the track of each row, in arrays of ``(batch, frames)``.

    Parameters
    ----------
    xp, kernels
        Array library and kernels of the device.
    samples
        ``(batch, n)`` float32 or int16 on it.
    sample_rate
        In Hz.
    hop
        Samples from frame to frame; frame ``i`` lies at sample ``i * hop``, of ``1 + n // hop``.
    fmin, fmax
        Range to look in, Hz.
    lengths
        ``(batch,)`` int64 on the device, samples of each row that count; frames behind them are
        unvoiced. All others are as if the row had been tracked alone.
    parameters
        By default those that suit singing.
    """
    configuration = Configuration.of(sample_rate, fmin, fmax, parameters or TrackerParameters())
    batch, width = samples.shape
    frames, row = 1 + width // hop, row_length(configuration, width)
    signal, before = kernels.preprocess(
        samples,
        lengths,
        configuration.taps,
        configuration.factor,
        configuration.high_pass_reach,
        row,
        scale=float(FULL_SCALE),
        clip_level=CLIP_LEVEL,
    )
    signal, energy = _without_noise(xp, signal, samples.shape[1], lengths, configuration)
    noisy = mostly_noise(xp, before, energy)
    gate = configuration.parameters.silence_gate
    soft = kernels.attenuation(energy, configuration.gate_blocks, gate, MIN_BLOCK_ENERGY)
    number = xp.arange(frames, dtype=xp.int64)[None, :]
    begin = xp.arange(batch, dtype=xp.int64)[:, None]
    positions, starts = begin * row + number * hop // configuration.factor, begin * frames
    if lengths is not None:  # what is behind a row's end is a clip of its own, in the last silence
        counts = lengths[:, None] // hop + 1
        last = xp.full_like(positions, batch * row - 1)
        positions = xp.where(number < counts, positions, last)
        starts = xp.concat([starts, starts + counts], axis=1)
    positions, starts = xp.reshape(positions, (-1,)), xp.reshape(starts, (-1,))
    candidates = find_candidates(
        xp,
        kernels,
        configuration,
        xp.reshape(signal, (-1,)),
        positions,
        xp.take(xp.reshape(soft, (-1,)), positions // ENERGY_BLOCK),
        xp.take(xp.reshape(noisy, (-1,)), positions // ENERGY_BLOCK),
    )
    neighbours = configuration.regression_span * configuration.factor // hop + 1
    clips = Clips(starts, positions, neighbours)
    track = decode_track(xp, kernels, candidates, clips, configuration)
    return PitchFrames(
        *(xp.reshape(part, (batch, frames)) for part in (track.f0, track.voiced, track.confidence))
    )


def _without_noise(
    xp: Any, signal: Any, width: int, lengths: Any, configuration: Configuration
) -> tuple[Any, Any]:
    """Return rows less their steady noise, silent where they were, and the energy of each block."""
    batch, row = signal.shape
    ends = xp.full((batch,), width, dtype=xp.int64) if lengths is None else lengths
    ends = -(-ends // configuration.factor)[:, None]
    blocks = xp.arange(row // ENERGY_BLOCK, dtype=xp.int64)[None, :]
    inside = (blocks + 1) * ENERGY_BLOCK <= ends
    clean = subtract_noise(xp, signal, inside, configuration.rate, may_wait=False)
    sounds = xp.arange(row, dtype=xp.int64)[None, :] < ends
    clean = xp.where(sounds, clean, xp.zeros_like(clean))
    return clean, xp.reshape(block_energies(xp, xp.reshape(clean, (-1,))), (batch, -1))


def row_length(configuration: Configuration, samples: int) -> int:
    """Return the length of a row at the analysis rate, so that its end is silence.

    The silence is longer than a correlation or a regression reaches.
    """
    reach = max(configuration.lags.reach, configuration.regression_span)
    count = -(-samples // configuration.factor) + reach + 1
    return -(-count // ENERGY_BLOCK) * ENERGY_BLOCK
