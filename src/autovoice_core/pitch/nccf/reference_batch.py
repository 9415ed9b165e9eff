"""The kernels of pitch tracking on a device, in plain NumPy, row by row."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from autovoice_core.pitch.nccf.parameters import BLOCK
from autovoice_core.pitch.nccf.reference import ReferencePitchKernels


class ReferenceBatchKernels(ReferencePitchKernels):
    """The slow twin of every :class:`~autovoice_core.pitch.nccf.batch.BatchKernels`."""

    def front(
        self,
        samples: NDArray[Any],
        lengths: NDArray[np.int64] | None,
        taps: NDArray[np.int32],
        factor: int,
        reach: int,
        row: int,
        *,
        scale: float,
        most: float,
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Return rows at the lower rate without what lies under a voice, and their energies."""
        signal = np.zeros((len(samples), row), np.int32)
        for i, sound in enumerate(samples):
            own = sound if lengths is None else sound[: lengths[i]]
            value = own / 32768 if own.dtype == np.int16 else own.astype(np.float64)
            whole = np.rint(np.clip(value, -most, most) * scale).astype(np.int64)
            low = self.decimate(whole, taps, factor)
            padded = np.pad(low.astype(np.int64), reach)
            for n in range(len(low)):
                signal[i, n] = low[n] - np.sum(padded[n : n + 2 * reach + 1]) // (2 * reach + 1)
        energy = np.sum(signal.reshape(len(samples), -1, BLOCK).astype(np.int64) ** 2, axis=2)
        return signal, energy

    def softness(
        self, energy: NDArray[np.int64], near: int, gate: int, least: int
    ) -> NDArray[np.int32]:
        """Return how many powers of two each run lies under the loudest near it."""
        soft = np.zeros(energy.shape, np.int32)
        for (i, n), own in np.ndenumerate(energy):
            loudest = energy[i, max(0, n - near) : n + near + 1].max()
            under = sum(own <= loudest >> power for power in range(1, gate + 1))
            soft[i, n] = under if own > least else gate
        return soft
