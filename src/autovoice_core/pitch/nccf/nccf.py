"""Nccf, the pitch tracker by normalised cross-correlation and a best path, decided in integers.

The signal is compared with itself one lag later, under a window of twice the lag, the pair
centred on the frame's time (so that a glide is not read late or early, as by YIN's one-sided
difference). The peaks of this correlation are the candidates; the best path through them is the
track (Talkin 1995; Boersma 1993; Viterbi 1967). Scores are rounded to integers before anything
is decided by them, so that every machine takes the same path.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autovoice_core._types import Audio, PitchFrames
from autovoice_core.pitch.nccf.candidates import find_candidates
from autovoice_core.pitch.nccf.configuration import Configuration
from autovoice_core.pitch.nccf.decode import Clips, decode_track
from autovoice_core.pitch.nccf.kernels import PitchKernels
from autovoice_core.pitch.nccf.loudness import attenuation, block_energies
from autovoice_core.pitch.nccf.noise import mostly_noise, noise_reach, subtract_noise
from autovoice_core.pitch.nccf.packing import Packing
from autovoice_core.pitch.nccf.parameters import ENERGY_BLOCK, TrackerParameters
from autovoice_core.pitch.nccf.preprocess import decimation, moving_average, to_integers
from autovoice_core.pitch.nccf.smoothing import max_neighbours
from autovoice_core.pitch.nccf.stream import NccfStream


class Nccf:
    """A :class:`~autovoice_core.protocols.BatchPitchEstimator` on its kernels' array library.

    Parameters
    ----------
    xp
        The array library.
    kernels
        What a backend supplies.
    fmin, fmax
        Range to look in, Hz.
    parameters
        By default those that suit singing.
    """

    # Loudness is compared over 1 s, after noise is looked for over 1.5 s.
    context = 3.0

    def __init__(
        self,
        xp: Any,
        kernels: PitchKernels,
        *,
        fmin: float = 40.0,
        fmax: float = 2000.0,
        parameters: TrackerParameters | None = None,
    ) -> None:
        self.xp, self.kernels = xp, kernels
        self._fmin, self._fmax = fmin, fmax
        self._parameters = parameters or TrackerParameters()

    def grid(self, sample_rate: int) -> int:
        """Return the number of samples of which the start of every window must be a multiple."""
        return ENERGY_BLOCK * decimation(sample_rate)

    def bring(self, audio: Audio) -> Audio:
        """Return ``audio`` as an array of the library."""
        return Audio(self.xp.asarray(audio.samples), audio.sample_rate, audio.made_by)

    def memory(self, frames: int, channels: int, sample_rate: int) -> float:
        """Return the bytes that a window takes, before and after its rate is lowered."""
        del channels
        return 30e6 + frames * (15 + 48 / decimation(sample_rate))

    def estimate(self, audio: Audio, centres: NDArray[np.int64]) -> PitchFrames:
        """Return f0, voicing and confidence at ``centres``, sample positions in ``audio``.

        Confidence is how well the sound repeats itself, less where it is soft; frames above 0.4
        are voiced if they last.
        """
        return self.estimate_batch([audio], [centres])[0]

    def estimate_batch(
        self, audios: Sequence[Audio], centres: Sequence[NDArray[np.int64]]
    ) -> list[PitchFrames]:
        """Return what :meth:`estimate` returns for each, by one call of each kernel."""
        xp = self.xp
        configuration = self._configuration(audios[0].sample_rate)
        factor, reach = configuration.factor, configuration.gate_blocks
        samples = [xp.asarray(audio.samples)[0, :] for audio in audios]
        packing = Packing.of(
            [clip.shape[0] for clip in samples],
            factor,
            max(reach * ENERGY_BLOCK, configuration.lags.reach, noise_reach(configuration.rate)),
        )
        signal, noisy = self._preprocess(packing.join(xp, samples, factor), packing, configuration)
        on_host = packing.positions([each // factor for each in centres])
        positions = xp.asarray(on_host)
        energy = block_energies(xp, signal)
        soft = attenuation(xp, energy, configuration.parameters.silence_gate, reach, reach)
        candidates = find_candidates(
            xp,
            self.kernels,
            configuration,
            signal,
            positions,
            xp.take(soft, positions // ENERGY_BLOCK),
            xp.take(noisy, positions // ENERGY_BLOCK),
        )
        edges = np.append(0, np.cumsum([len(each) for each in centres]))
        neighbours = max_neighbours(on_host, configuration.regression_span)
        clips = Clips(xp.asarray(edges[:-1]), positions, neighbours)
        track: Any = decode_track(xp, self.kernels, candidates, clips, configuration)
        return [
            PitchFrames(track.f0[a:b], track.voiced[a:b], track.confidence[a:b])
            for a, b in pairwise(edges.tolist())
        ]

    def stream(self, sample_rate: int, *, hop: float | Fraction) -> NccfStream:
        """Return a causal tracker with a short look-ahead, a frame every ``hop`` seconds."""
        return NccfStream(
            self.xp,
            self.kernels,
            sample_rate,
            hop,
            fmin=self._fmin,
            fmax=self._fmax,
            parameters=self._parameters,
        )

    def _configuration(self, sample_rate: int) -> Configuration:
        return Configuration.of(sample_rate, self._fmin, self._fmax, self._parameters)

    def _preprocess(
        self, samples: Any, packing: Packing, configuration: Configuration
    ) -> tuple[Any, Any]:
        """Return all clips as integers at the analysis rate, and which blocks were mostly noise.

        They are high-passed, and have no steady noise.
        """
        xp, reach = self.xp, configuration.high_pass_reach
        taps = xp.asarray(configuration.taps)
        low = self.kernels.decimate(to_integers(xp, samples), taps, configuration.factor)
        signal = packing.silence_gaps(xp, low)
        edge = xp.zeros(reach, dtype=xp.int32)
        average = moving_average(xp, xp.concat([edge, signal, edge]), 2 * reach + 1)
        rows = packing.silence_gaps(xp, signal - average)[None, :]
        inside = xp.asarray(packing.blocks_inside())[None, :]
        clean = subtract_noise(xp, rows, inside, configuration.rate, may_wait=True)
        signal = packing.silence_gaps(xp, clean[0, :])
        return signal, mostly_noise(xp, block_energies(xp, rows[0, :]), block_energies(xp, signal))
