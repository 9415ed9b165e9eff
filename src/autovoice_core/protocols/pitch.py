"""The protocols of pitch estimators."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from autovoice_core._types import Audio, PitchFrames


class PitchEstimator(Protocol):
    """Tracks the fundamental frequency of one voice. Windows as for :class:`Separator`."""

    context: float

    def grid(self, sample_rate: int) -> int:
        """Return the number of samples of whose multiples windows must begin."""

    def estimate(self, audio: Audio, centres: NDArray[np.int64]) -> PitchFrames:
        """Return f0, voicing and confidence at ``centres``.

        Parameters
        ----------
        audio
            One channel.
        centres
            ``(positions,)`` increasing sample positions in ``0 .. audio.frames``.
        """


class BatchPitchEstimator(PitchEstimator, Protocol):
    """A :class:`PitchEstimator` that is faster on many clips at a time than one by one.

    The method is optional: without it, core calls ``estimate`` on one clip after another.
    """

    def estimate_batch(
        self, audios: Sequence[Audio], centres: Sequence[NDArray[np.int64]]
    ) -> list[PitchFrames]:
        """Return for each clip what :meth:`PitchEstimator.estimate` returns of it alone.

        There is at least one; each has one channel, all have the same sample rate, but any lengths.
        """


class MixturePitchEstimator(PitchEstimator, Protocol):
    """A :class:`PitchEstimator` that tracks separated vocals better if it has the mixture too.

    The method is optional: without it, core calls ``estimate`` on the vocals.
    """

    def estimate_in_mixture(
        self, vocals: Audio, mixture: Audio, centres: NDArray[np.int64]
    ) -> PitchFrames:
        """Return the pitch of the vocals at ``centres``, as :meth:`PitchEstimator.estimate` does.

        Vocals and mixture have one channel each, and the same rate and length.
        """
