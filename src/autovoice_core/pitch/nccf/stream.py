"""The tracker fed block by block: what it says of a frame, it says within 50 ms.

Every frame is decided on its own, by the same two passes as in
:mod:`autovoice_core.pitch.nccf.decode`, over what is known by then: the last frames, itself and
a short look-ahead. What a frame gets is therefore the same however the sound is cut into blocks.
Unlike the whole-file path, nothing is known of what comes later: loudness is measured against the
past, and the low end is taken off by an average of the past.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from attrs import evolve

from autovoice_core._frames import exact_hop, frame_centres, frame_positions
from autovoice_core._types import Audio, PitchFrames
from autovoice_core.pitch.nccf.decode import decide
from autovoice_core.pitch.nccf.kernels import PitchKernels
from autovoice_core.pitch.nccf.parameters import BLOCK, FULL_SCALE, Tuning
from autovoice_core.pitch.nccf.preprocess import (
    REACH,
    Lags,
    average_reach,
    decimation,
    energies,
    integers,
    low_pass,
    moving_average,
    running_max,
    softness,
)

LOOK_AHEAD = 0.014
"""Seconds of later frames that a frame's decision waits for."""
MEMORY = 32
"""Earlier frames that a frame's decision looks back on."""
TOGETHER = 256
"""Frames that are decided at a time."""
PAST, QUIET, QUIET_COST = 6.0, 4, 200
"""What the tuning says of quiet sounds, stricter: half of the neighbourhood is not known yet."""
BEFORE = BLOCK * (FULL_SCALE // 64) ** 2
"""Energy of a block before the first, a voice at -36 dB; else a room's noise would be loud."""
FLOOR_NEAR, FLOOR_COST = 3, 3
"""So many powers of two over the quietest, it counts as so many more under the loudest: noise."""
APART = 1 << 20
"""Samples between clips, more than any decision looks across."""


class NccfStream:
    """A :class:`~autovoice_core._protocols.Stream` of :class:`~autovoice_core._types.PitchFrames`.

    Frame ``i`` lies at ``i * hop`` seconds, at the nearest sample; there is one for each such
    sample from 0 to the number fed.

    Attributes
    ----------
    latency
        Seconds after its time by which a frame is given.
    """

    def __init__(
        self,
        xp: Any,
        kernels: PitchKernels,
        lags: Lags,
        tuning: Tuning,
        sample_rate: int,
        hop: float | Fraction,
    ) -> None:
        frame_centres(0, sample_rate, hop)  # refuses a hop that is no time
        tuning = evolve(tuning, gate_seconds=PAST, quiet=QUIET, quiet_cost=QUIET_COST)
        self._xp, self._kernels, self._lags, self._tuning = xp, kernels, lags, tuning
        self._sample_rate = sample_rate
        self._step = exact_hop(hop) * sample_rate
        self._ahead = int(Fraction(LOOK_AHEAD).limit_denominator(1000) / exact_hop(hop))
        self._factor = decimation(sample_rate)
        self._rate = sample_rate / self._factor
        self._taps = xp.asarray(low_pass(sample_rate))
        self._average = 2 * average_reach(self._rate) + 1
        self._beside = int(Fraction(tuning.line).limit_denominator(1000) / exact_hop(hop))
        self._past = round(tuning.gate_seconds * self._rate / BLOCK)
        wait = self._ahead * self._step + REACH * self._factor + 2
        self.latency = float((wait + max(lags.reach + 1, BLOCK) * self._factor) / sample_rate)
        # Each buffer is followed by the position of its first value.
        self._raw = self._zeros(REACH * self._factor)
        self._low = self._zeros(self._average - 1)
        self._signal, self._signal_from = self._zeros(lags.reach), -lags.reach
        self._block = self._zeros(0)
        self._energy_from = -self._past
        self._energy = xp.full(self._past, BEFORE, dtype=xp.int64)
        self._found: tuple[Any, ...] | None = None
        self._found_from = 0
        self._fed = self._made = self._analysed = self._given = 0

    def feed(self, block: Audio) -> PitchFrames:
        """Take in a block of any length and return the frames that can be said by now."""
        self._fed += block.frames
        self._take(integers(self._xp, self._xp.asarray(block.mono().samples)[0, :]))
        return self._give(self._analysed - self._ahead)

    def flush(self) -> PitchFrames:
        """Return the frames that are left; the stream is over."""
        self._take(self._zeros((REACH + self._lags.reach + 2 * BLOCK) * self._factor))
        return self._give(self._analysed)

    def _zeros(self, count: int) -> Any:
        return self._xp.zeros(count, dtype=self._xp.int32)

    def _take(self, samples: Any) -> None:
        """Bring samples to the lower rate, without what lies under a voice."""
        xp = self._xp
        self._raw = xp.concat([self._raw, samples])
        count = max(0, (self._raw.shape[0] - 1) // self._factor - 2 * REACH + 1)
        if not count:
            return
        low = self._kernels.decimate(self._raw, self._taps, self._factor)[REACH : REACH + count]
        self._raw = self._raw[count * self._factor :]
        joined = xp.concat([self._low, low])
        signal = low - moving_average(xp, joined, self._average)
        self._low = joined[count:]
        self._signal = xp.concat([self._signal, signal])
        self._made += count
        waiting = xp.concat([self._block, signal])
        whole = waiting.shape[0] // BLOCK * BLOCK
        self._energy = xp.concat([self._energy, energies(xp, waiting[:whole])])
        self._block = waiting[whole:]
        self._analyse()

    def _analyse(self) -> None:
        """Find the candidates of every frame whose surroundings are known."""
        xp, tuning = self._xp, self._tuning
        ready = min(self._made - self._lags.reach, self._made // BLOCK * BLOCK)
        # The frame at a sample below `ready * factor`, and none behind the last sample fed.
        last = min(ready * self._factor - 1, self._fed)
        stop = int((2 * last + 1) * self._step.denominator // (2 * self._step.numerator)) + 1
        index = np.arange(self._analysed, max(stop, self._analysed), dtype=np.int64)
        index = index[frame_positions(index, self._step) <= last]
        if not len(index):
            return
        at = frame_positions(index, self._step) // self._factor
        best = tuning.candidates
        local = xp.asarray(at - self._signal_from)
        found = self._lags.candidates(xp, self._kernels, self._signal, local, best)
        soft = self._softness()
        soft = xp.take(soft, xp.asarray(at // BLOCK - self._energy_from))
        new = (*found, soft)
        if self._found is not None:
            new = tuple(xp.concat([old, more]) for old, more in zip(self._found, new, strict=True))
        self._found = new
        self._analysed += len(index)
        self._forget(int(at[-1]))

    def _softness(self) -> Any:
        """Return how soft each block is against the past, softer where it is near the noise."""
        xp, energy, tuning = self._xp, self._energy, self._tuning
        soft = softness(xp, energy, tuning, self._past, 0)
        top = xp.full_like(energy, 1 << 62)
        quietest = top - running_max(xp, top - energy, self._past, 0)
        noise = xp.astype(energy >> FLOOR_NEAR <= quietest, xp.int32) * FLOOR_COST
        return xp.where(soft < tuning.gate - FLOOR_COST, soft + noise, soft)

    def _forget(self, at: int) -> None:
        """Keep of the signal what frames after ``at`` need."""
        begin = at - self._lags.reach
        self._signal, self._signal_from = self._signal[begin - self._signal_from :], begin
        block = at // BLOCK - self._past
        self._energy, self._energy_from = self._energy[block - self._energy_from :], block

    def _give(self, stop: int) -> PitchFrames:
        """Decide the frames up to ``stop``, each by itself."""
        groups = [
            self._decided(begin, min(begin + TOGETHER, stop))
            for begin in range(self._given, stop, TOGETHER)
        ]
        if not groups:
            xp = self._xp
            kinds = (xp.float64, xp.bool, xp.float32)
            return PitchFrames(*(xp.zeros(0, dtype=kind) for kind in kinds))
        self._given = stop
        surplus = max(0, stop - MEMORY) - self._found_from
        self._found = tuple(values[surplus:] for values in self._found or ())
        self._found_from += surplus
        parts = zip(*groups, strict=True)
        return PitchFrames(*(self._xp.concat(list(column)) for column in parts))

    def _decided(self, begin: int, end: int) -> tuple[Any, Any, Any]:
        """Return f0, voicing and confidence of frames, each by what is near it as a clip."""
        xp, frames = self._xp, np.arange(begin, end)
        firsts = np.maximum(frames - MEMORY, 0)
        counts = np.minimum(frames + self._ahead + 1, self._analysed) - firsts
        starts = np.cumsum(counts) - counts
        index = np.arange(counts.sum()) + np.repeat(firsts - self._found_from - starts, counts)
        # Clips overlap in time; for the decision they lie one behind another.
        at = frame_positions(index + self._found_from, self._step) // self._factor
        at = at + np.repeat(np.arange(len(frames)), counts) * (at[-1] + APART)
        clips = [xp.take(values, xp.asarray(index), axis=0) for values in self._found or ()]
        near = decide(
            xp,
            self._kernels,
            (clips[0], clips[1], clips[2]),
            clips[3],
            self._tuning,
            self._rate,
            xp.asarray(starts),
            xp.asarray(at),
            self._beside,
            bridge=self._tuning.unvoiced,
        )
        rows = xp.asarray(starts + frames - firsts)
        return xp.take(near.f0, rows), xp.take(near.voiced, rows), xp.take(near.confidence, rows)
