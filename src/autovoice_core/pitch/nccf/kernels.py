"""The kernels that pitch tracking by NCCF asks of a machine.

A kernel is a pure function of arrays. A backend supplies an object that has them; ``reference.py``
holds a slow twin of each, by which every backend is judged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from autovoice_core.pitch.nccf.parameters import Tuning


class PitchKernels(Protocol):
    """The kernels of :mod:`autovoice_core.pitch.nccf.nccf`. All of them are exact.

    Each works on a whole batch at once. To :meth:`decimate` and :meth:`correlate` a batch is one
    long signal, its clips apart by more silence than either looks across; :meth:`decode` is told
    where each clip begins.
    """

    def decimate(self, samples: Any, taps: Any, factor: int) -> Any:
        """Filter in integers and keep every ``factor``-th sample.

        Parameters
        ----------
        samples
            ``(n,)`` int32.
        taps
            ``(t,)`` int32, ``t`` odd, symmetric, adding up to 2**15.

        Returns
        -------
        Array
            ``(ceil(n / factor),)`` int32: sample ``i`` is the sum of ``samples`` around
            ``i * factor`` (zero outside) times ``taps``, plus 2**14, shifted right by 15.
        """

    def correlate(
        self, signal: Any, centres: Any, first: int, widths: Any, costs: Any, best: int
    ) -> tuple[Any, Any]:
        """Find the lags at which the signal around each centre looks like itself.

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
            ``(lags,)`` int32, taken off the score of each lag.
        best
            How many candidates to keep of each frame.

        Returns
        -------
        score : Array
            ``(frames, best)`` int32, best first: ``rint(4096 r) - cost`` at the peaks of r over
            lag; :data:`~autovoice_core.pitch.nccf.nccf.NOTHING` where there are fewer peaks.
        lag : Array
            ``(frames, best)`` float64, the top of the parabola through r at the peak; 0 where
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

    def decode(self, score: Any, place: Any, voiced: Any, weights: Any, starts: Any) -> Any:
        """Find each clip's path of greatest score through its candidates (Viterbi 1967).

        Parameters
        ----------
        score
            ``(frames, best)`` int32.
        place
            ``(frames, best)`` int32, the logarithm of each candidate's lag.
        voiced
            ``(frames,)`` bool: whether candidates are allowed at all.
        weights
            ``(4,)`` int32: score of the unvoiced state, cost of a change of voicing, cost of a
            step of 1024 units of place, and the most that a step costs.
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
        costs ``min(most, (|difference of place| * cost) >> 10)``, the first frame of a clip none.
        """


class LineKernels(Protocol):
    """What a device may have beside :class:`PitchKernels`: twins of ``recipes.pitch_line``.

    Arrays are as there, and so is what comes out, in every number.
    """

    def helped(self, evidence: Any, place: Any, at: Any, tuning: Tuning, rate: float) -> Any:
        """See :func:`~autovoice_core.pitch.nccf.neighbours.helped`."""

    def off_line(
        self, score: Any, place: Any, sung: Any, at: Any, tuning: Tuning, rate: float, near: int
    ) -> Any:
        """See :func:`~autovoice_core.pitch.nccf.neighbours.off_line`."""
