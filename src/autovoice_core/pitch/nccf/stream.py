"""NccfStream, the tracker fed block by block: each frame is returned within 50 ms.

Every frame is decoded on its own, by the two passes of :mod:`autovoice_core.pitch.nccf.decode`
over what is known by then: the last frames, itself and a short look-ahead. Its result is therefore
the same however the sound is cut into blocks. Unlike in the whole-file path, nothing is known of
what comes later: loudness is measured against the past, and the high pass averages over the past.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from attrs import evolve
from numpy.typing import NDArray

from autovoice_core._downmix import Downmix
from autovoice_core._frames import exact_hop, frame_centres, frame_positions
from autovoice_core._types import Audio, PitchFrames
from autovoice_core.pitch.nccf.candidates import Candidates, find_candidates
from autovoice_core.pitch.nccf.configuration import Configuration
from autovoice_core.pitch.nccf.decode import Clips, decode_track
from autovoice_core.pitch.nccf.kernels import PitchKernels
from autovoice_core.pitch.nccf.loudness import attenuation, block_energies, running_max
from autovoice_core.pitch.nccf.parameters import ENERGY_BLOCK, FULL_SCALE, TrackerParameters
from autovoice_core.pitch.nccf.preprocess import LOW_PASS_REACH, moving_average, to_integers

LOOK_AHEAD_SECONDS = 0.014
"""Seconds of later frames that a frame's decision waits for."""
HISTORY_FRAMES = 32
"""Earlier frames that a frame's decision looks back on."""
FRAMES_PER_DECODE = 256
"""Frames that are decoded at a time."""
GATE_SECONDS, QUIET_GATE, QUIET_COST = 6.0, 4, 200
"""Parameters of a stream, stricter with quiet sounds: half of what is nearby is not known yet."""
INITIAL_ENERGY = ENERGY_BLOCK * (FULL_SCALE // 64) ** 2
"""Energy of the blocks before the first, a voice at -36 dB; else a room's noise would be loud."""
NOISE_RANGE, NOISE_ATTENUATION = 3, 3
"""A block within so many halvings of energy of the quietest is taken for noise: it counts as
attenuated by so many more."""
CLIP_GAP = 1 << 20
"""Samples between the clips of a decode, more than any decision reaches across."""


class NccfStream:
    """A :class:`~autovoice_core.protocols.Stream` of :class:`~autovoice_core._types.PitchFrames`.

    Frame ``i`` lies at ``i * hop`` seconds, at the nearest sample; there is one for each such
    sample from 0 to the number fed.

    Parameters
    ----------
    xp, kernels
        Array library and kernels.
    sample_rate
        Of what is fed, Hz.
    hop
        Seconds from frame to frame.
    fmin, fmax
        Range to look in, Hz.
    parameters
        Those of the whole-file path; what a stream needs otherwise is changed.

    Attributes
    ----------
    latency
        Seconds after its time by which a frame is returned.
    """

    def __init__(
        self,
        xp: Any,
        kernels: PitchKernels,
        sample_rate: int,
        hop: float | Fraction,
        *,
        fmin: float,
        fmax: float,
        parameters: TrackerParameters,
    ) -> None:
        frame_centres(0, sample_rate, hop)  # refuses a hop that is too short
        parameters = evolve(
            parameters, gate_seconds=GATE_SECONDS, quiet_gate=QUIET_GATE, quiet_cost=QUIET_COST
        )
        configuration = Configuration.of(sample_rate, fmin, fmax, parameters)
        self._xp, self._kernels, self._configuration = xp, kernels, configuration
        self._step = exact_hop(hop) * sample_rate
        self._ahead = _frames_within(LOOK_AHEAD_SECONDS, hop)
        self._neighbours = _frames_within(parameters.regression_seconds, hop)
        self._factor, self._past = configuration.factor, configuration.gate_blocks
        self._reach = configuration.lags.reach
        self._taps = xp.asarray(configuration.taps)
        self._average = 2 * configuration.high_pass_reach + 1
        wait = self._ahead * self._step + LOW_PASS_REACH * self._factor + 2
        known = max(self._reach + 1, ENERGY_BLOCK) * self._factor
        self.latency = float((wait + known) / sample_rate)
        # Each buffer is followed by the position of its first value.
        self._raw = self._zeros(LOW_PASS_REACH * self._factor)
        self._low = self._zeros(self._average - 1)
        self._signal, self._signal_from = self._zeros(self._reach), -self._reach
        self._block = self._zeros(0)
        self._energy_from = -self._past
        self._energy = xp.full(self._past, INITIAL_ENERGY, dtype=xp.int64)
        self._candidates: Candidates | None = None
        self._candidates_from = 0
        self._downmix = Downmix(sample_rate)
        self._fed = self._made = self._analysed = self._returned = 0

    def feed(self, block: Audio) -> PitchFrames:
        """Take in a block of any length and return the frames that are known by now."""
        self._fed += block.frames
        mono = self._downmix.feed(self._xp.asarray(block.samples))
        self._take(to_integers(self._xp, mono[0, :]))
        return self._decode_until(self._analysed - self._ahead)

    def flush(self) -> PitchFrames:
        """Return the frames that are left; the stream is over."""
        silence = (LOW_PASS_REACH + self._reach + 2 * ENERGY_BLOCK) * self._factor
        self._take(self._zeros(silence))
        return self._decode_until(self._analysed)

    def _zeros(self, count: int) -> Any:
        return self._xp.zeros(count, dtype=self._xp.int32)

    def _take(self, samples: Any) -> None:
        """Preprocess samples, and find the candidates of the frames that they complete."""
        xp, reach = self._xp, LOW_PASS_REACH
        self._raw = xp.concat([self._raw, samples])
        count = max(0, (self._raw.shape[0] - 1) // self._factor - 2 * reach + 1)
        if not count:
            return
        low = self._kernels.decimate(self._raw, self._taps, self._factor)[reach : reach + count]
        self._raw = self._raw[count * self._factor :]
        joined = xp.concat([self._low, low])
        signal = low - moving_average(xp, joined, self._average)
        self._low = joined[count:]
        self._signal = xp.concat([self._signal, signal])
        self._made += count
        waiting = xp.concat([self._block, signal])
        whole = waiting.shape[0] // ENERGY_BLOCK * ENERGY_BLOCK
        self._energy = xp.concat([self._energy, block_energies(xp, waiting[:whole])])
        self._block = waiting[whole:]
        self._analyse()

    def _analyse(self) -> None:
        """Find the candidates of every frame whose surroundings are known."""
        index = self._ready_frames()
        if not len(index):
            return
        xp, configuration = self._xp, self._configuration
        positions = frame_positions(index, self._step) // self._factor
        blocks = xp.asarray(positions // ENERGY_BLOCK - self._energy_from)
        new = find_candidates(
            xp,
            self._kernels,
            configuration,
            self._signal,
            xp.asarray(positions - self._signal_from),
            xp.take(self._attenuation(), blocks),
        )
        old = self._candidates
        self._candidates = new if old is None else old.concat(xp, new)
        self._analysed += len(index)
        self._forget(int(positions[-1]))

    def _ready_frames(self) -> NDArray[np.int64]:
        """Return the numbers of the frames that can be analysed now, and were not before."""
        ready = min(self._made - self._reach, self._made // ENERGY_BLOCK * ENERGY_BLOCK)
        # The frame at a sample below `ready * factor`, and none behind the last sample fed.
        last = min(ready * self._factor - 1, self._fed)
        stop = int((2 * last + 1) * self._step.denominator // (2 * self._step.numerator)) + 1
        index = np.arange(self._analysed, max(stop, self._analysed), dtype=np.int64)
        return index[frame_positions(index, self._step) <= last]

    def _attenuation(self) -> Any:
        """Return the attenuation of each block against the past, more where it is near noise."""
        xp, energy, gate = self._xp, self._energy, self._configuration.parameters.silence_gate
        soft = attenuation(xp, energy, gate, self._past, 0)
        top = xp.full_like(energy, 1 << 62)
        quietest = top - running_max(xp, top - energy, self._past, 0)
        noise = xp.astype(energy >> NOISE_RANGE <= quietest, xp.int32) * NOISE_ATTENUATION
        return xp.where(soft < gate - NOISE_ATTENUATION, soft + noise, soft)

    def _forget(self, position: int) -> None:
        """Keep of the signal what frames after ``position`` need."""
        begin = position - self._reach
        self._signal, self._signal_from = self._signal[begin - self._signal_from :], begin
        block = position // ENERGY_BLOCK - self._past
        self._energy, self._energy_from = self._energy[block - self._energy_from :], block

    def _decode_until(self, stop: int) -> PitchFrames:
        """Return the frames up to ``stop``, each decoded by itself."""
        xp, candidates = self._xp, self._candidates
        if candidates is None or stop <= self._returned:
            kinds = (xp.float64, xp.bool, xp.float32)
            return PitchFrames(*(xp.zeros(0, dtype=kind) for kind in kinds))
        groups = [
            self._decode(candidates, begin, min(begin + FRAMES_PER_DECODE, stop))
            for begin in range(self._returned, stop, FRAMES_PER_DECODE)
        ]
        self._returned = stop
        surplus = max(0, stop - HISTORY_FRAMES) - self._candidates_from
        self._candidates = candidates.map(lambda values: values[surplus:])
        self._candidates_from += surplus
        parts = zip(*groups, strict=True)
        return PitchFrames(*(xp.concat(list(column)) for column in parts))

    def _decode(self, candidates: Candidates, begin: int, end: int) -> tuple[Any, Any, Any]:
        """Return f0, voicing and confidence of frames, each with what is near it as a clip."""
        xp, frames = self._xp, np.arange(begin, end)
        firsts = np.maximum(frames - HISTORY_FRAMES, 0)
        counts = np.minimum(frames + self._ahead + 1, self._analysed) - firsts
        starts = np.cumsum(counts) - counts
        index = np.arange(counts.sum()) + np.repeat(firsts - self._candidates_from - starts, counts)
        # Clips overlap in time; for the decoder they follow one another.
        positions = frame_positions(index + self._candidates_from, self._step) // self._factor
        apart = np.repeat(np.arange(len(frames)), counts) * (positions[-1] + CLIP_GAP)
        there = xp.asarray(index)
        track = decode_track(
            xp,
            self._kernels,
            candidates.map(lambda values: xp.take(values, there, axis=0)),
            Clips(xp.asarray(starts), xp.asarray(positions + apart), self._neighbours),
            self._configuration,
            restart_score=self._configuration.parameters.voicing_threshold,
        )
        rows = xp.asarray(starts + frames - firsts)
        return xp.take(track.f0, rows), xp.take(track.voiced, rows), xp.take(track.confidence, rows)


def _frames_within(seconds: float, hop: float | Fraction) -> int:
    return int(Fraction(seconds).limit_denominator(1000) / exact_hop(hop))
