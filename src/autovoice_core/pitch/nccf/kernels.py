"""The kernels that a backend supplies to the tracker, required and optional.

A kernel is a pure function of arrays. A backend supplies one object that has those of
:class:`PitchKernels`; it may have :class:`SmoothingKernels` as well, and those of
:class:`BatchKernels` for batches on a device. All of them are exact, and ``reference.py``
holds a slow twin of each, by which every backend is judged.
"""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

from autovoice_core.pitch.nccf.parameters import TrackerParameters


class PitchKernels(Protocol):
    """The kernels that :class:`~autovoice_core.pitch.nccf.nccf.Nccf` needs.

    Each works on a whole batch at once. To :meth:`decimate` and :meth:`correlate` a batch is one
    long signal, in which clips are separated by more silence than either reaches across;
    :meth:`decode` is given the first frame of each clip.
    """

    def decimate(self, samples: Any, taps: Any, factor: int) -> Any:
        """Return the signal filtered in integers, every ``factor``-th sample of it.

        Parameters
        ----------
        samples
            ``(n,)`` int32.
        taps
            ``(t,)`` int32, ``t`` odd, symmetric, adding up to 2**15.
        factor
            At least 1.

        Returns
        -------
        Array
            ``(ceil(n / factor),)`` int32: sample ``i`` is the sum of ``samples`` around
            ``i * factor`` (zero outside) times ``taps``, plus 2**14, shifted right by 15.
        """

    def correlate(
        self, signal: Any, centres: Any, first: int, widths: Any, costs: Any, candidates: int
    ) -> tuple[Any, Any]:
        """Return the lags at which the normalised cross-correlation around each centre peaks.

        Parameters
        ----------
        signal
            ``(n,)`` int32, zero outside.
        centres
            ``(frames,)`` int64 positions in it.
        first
            The smallest lag, in samples.
        widths
            ``(lags,)`` int32, the window W of lag ``first + i``, growing with ``i``; on the host,
            as are the costs.
        costs
            ``(lags,)`` int32, subtracted from the score of each lag.
        candidates
            How many to keep of each frame.

        Returns
        -------
        score : Array
            ``(frames, candidates)`` int32, best first: ``rint(4096 r) - cost`` at the peaks of r
            over lag; :data:`~autovoice_core.pitch.nccf.parameters.NO_CANDIDATE` where there are
            fewer peaks.
        lag : Array
            ``(frames, candidates)`` float64, the top of the parabola through r at the peak; 0 where
            there are fewer peaks.

        Notes
        -----
        The samples within ``(widths[-1] + last lag + 1) // 2`` of the centre are shifted right,
        with rounding, until they fit in 11 bits with sign. For a lag L of window W the pair
        begins ``(W + L) // 2`` before the centre; r is the sum of products over
        ``sqrt(e1) * sqrt(e2)`` in float64, 0 where an energy is. A peak has
        ``q[i - 1] <= q[i] > q[i + 1]`` with ``q = rint(4096 r)``; the order is by score, then
        by lag.
        """

    def decode(self, score: Any, log_lag: Any, voiced: Any, weights: Any, starts: Any) -> Any:
        """Return each clip's path of greatest score through its candidates (Viterbi 1967).

        Parameters
        ----------
        score, log_lag
            ``(frames, candidates)`` int32 of each candidate.
        voiced
            ``(frames,)`` bool: whether candidates are allowed at all.
        weights
            ``(4,)`` int32: score of the unvoiced state, cost of a change of voicing, cost of a
            step of 1024 units of log lag, and the most that a step costs.
        starts
            ``(clips,)`` int64, never falling, from 0 on: the first frame of each clip, which
            reaches to the next one's; a clip may have no frames.

        Returns
        -------
        Array
            ``(frames,)`` int32: the candidate on the path, -1 where unvoiced.

        Notes
        -----
        Integers throughout. The unvoiced state comes last; ties go to the earlier state. A step
        costs ``min(most, (|difference of log lag| * cost) >> 10)``, the first frame of a clip
        none. After each frame the greatest score of all states is subtracted from each, and none
        is less than :data:`~autovoice_core.pitch.nccf.parameters.FORBIDDEN_SCORE`.
        """


@runtime_checkable
class SmoothingKernels(Protocol):
    """Optional kernels: each step of :mod:`~autovoice_core.pitch.nccf.smoothing` in one launch.

    As array operations they are hundreds of small ones, which is slow on a device. Both methods
    are used if a backend's kernels object has them; arguments and results are those of the
    functions of the same names.
    """

    def reinforce(
        self,
        score: Any,
        log_lag: Any,
        positions: Any,
        parameters: TrackerParameters,
        rate: float,
    ) -> Any:
        """See :func:`~autovoice_core.pitch.nccf.smoothing.reinforce`."""

    def regression_shift(
        self,
        score: Any,
        log_lag: Any,
        voiced: Any,
        positions: Any,
        parameters: TrackerParameters,
        rate: float,
        neighbours: int,
    ) -> Any:
        """See :func:`~autovoice_core.pitch.nccf.smoothing.regression_shift`."""


class BatchKernels(PitchKernels, Protocol):
    """The kernels that :func:`~autovoice_core.pitch.nccf.batch.track_batch` needs on a device.

    Beyond those of :class:`PitchKernels` they do what takes an array library many passes over the
    samples.
    """

    def preprocess(
        self,
        samples: Any,
        lengths: Any,
        taps: Any,
        factor: int,
        reach: int,
        row_length: int,
        *,
        scale: float,
        clip_level: float,
    ) -> tuple[Any, Any]:
        """Return rows as integers, decimated and high-passed, and the energies of their blocks.

        Parameters
        ----------
        samples
            ``(batch, n)`` float32, clipped at ``clip_level`` and rounded at ``scale`` to full
            scale, or int16, whose full scale is the same.
        lengths
            ``(batch,)`` int64, samples of each row that count, or None: all.
        taps, factor
            As for :meth:`PitchKernels.decimate`.
        reach
            Samples of the lower rate to either side whose average, rounded down, is subtracted.
        row_length
            Samples of a row of the result, a multiple of
            :data:`~autovoice_core.pitch.nccf.parameters.ENERGY_BLOCK`; silence fills it up.

        Returns
        -------
        signal : Array
            ``(batch, row_length)`` int32.
        energy : Array
            ``(batch, row_length // ENERGY_BLOCK)`` int64, of each block.
        """

    def attenuation(self, energy: Any, reach: int, gate: int, min_energy: int) -> Any:
        """Return how many halvings of energy each block lies below the loudest nearby.

        Shape: ``(batch, blocks)`` int64 -> int32. The loudest is that within ``reach`` blocks to
        either side. The result is at most ``gate``, which is also that of an energy of
        ``min_energy`` or less.
        """
