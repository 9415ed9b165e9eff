"""A singer heard block by block: frames with their pitch, told of as soon as they are known."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from array_api_compat import array_namespace, device
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core._arrays import as_numpy
from autovoice_core._errors import InputError
from autovoice_core._types import Audio
from autovoice_core.conversion.retrieval.analysis import Frames, analyse
from autovoice_core.conversion.retrieval.envelope import fft_size
from autovoice_core.conversion.retrieval.f0 import FALLBACK, FRAME_RATE, frame_centres
from autovoice_core.conversion.retrieval.filtering import HALF_FRAME, FrameGrid
from autovoice_core.conversion.retrieval.kernels import ConversionKernels
from autovoice_core.pitch.nccf.stream import NccfStream

TOGETHER = 2
"""Frames that are worked on at a time: more would take less work, and longer."""

AROUND = 3
"""Frames after voiced ones that their f0 is taken to go on for."""


@frozen(eq=False)
class Heard:
    """:data:`TOGETHER` frames of the source.

    Attributes
    ----------
    frames
        Envelope and aperiodicity.
    spectra
        ``(frames, channels, bins)``, those of a :class:`FrameGrid`.
    f0, voiced
        ``(frames,)`` on the host: Hz, 0 far from what is voiced.
    """

    frames: Frames
    spectra: Any
    f0: NDArray[np.float64]
    voiced: NDArray[np.bool_]


class Listening:
    """Takes in sound and tells of its frames, always as many together, from frame 0 on.

    Parameters
    ----------
    pitch
        A new stream of pitch, a frame every 10 ms.

    Attributes
    ----------
    latency
        Seconds after which something is told of a frame.
    """

    def __init__(self, pitch: NccfStream, sample_rate: int, kernels: ConversionKernels) -> None:
        self._pitch, self._rate, self._kernels = pitch, sample_rate, kernels
        # So many samples after a frame its pitch is known, and the rest of it before.
        self._wait = math.ceil(pitch.latency * sample_rate) + 1
        self.latency = (self._wait + 1) / sample_rate + (TOGETHER - 1) / FRAME_RATE
        self._beside = max(fft_size(sample_rate) // 2, round(HALF_FRAME * sample_rate))
        self._sound: Any = None
        self._from, self._followed, self._next = -self._beside, 0, 0
        self._track: list[tuple[float, bool]] = []
        self._f0, self._since = FALLBACK, AROUND + 1

    def take(self, samples: Any) -> None:
        """Take in ``(channels, n)``.

        Raises
        ------
        InputError
            There are more or fewer channels than before.
        """
        xp = array_namespace(samples)
        if self._sound is None:
            shape = (samples.shape[0], self._beside)
            self._sound = xp.zeros(shape, dtype=samples.dtype, device=device(samples))
        if samples.shape[0] != self._sound.shape[0]:
            raise InputError(
                f"block: it has {samples.shape[0]} channels, but the stream began with "
                f"{self._sound.shape[0]}; open another stream for it"
            )
        self._sound = xp.concat([self._sound, samples], axis=1)

    def told(self) -> Iterator[Heard]:
        """Tell of all frames that are known by now, and forget what nobody needs."""
        end = self._from + self._sound.shape[1]
        while True:
            numbers = np.arange(self._next, self._next + TOGETHER)
            centres = frame_centres(numbers, self._rate)
            if centres[-1] + self._wait > end:
                break
            yield self._heard(centres)
            self._next += TOGETHER
        begin = min(int(centres[0]) - self._beside, self._followed)
        self._sound, self._from = self._sound[:, begin - self._from :], begin

    def _heard(self, centres: NDArray[np.int64]) -> Heard:
        f0, voiced = self._sung(int(centres[-1]) + self._wait)
        begin = int(centres[0]) - self._beside
        near = self._between(begin, int(centres[-1]) + self._beside)
        grid = FrameGrid(centres - begin, near.shape[1], self._rate, self._kernels)
        spectra = array_namespace(near).permute_dims(grid.spectra(near), (1, 0, 2))
        return Heard(analyse(near, centres - begin, f0, f0 > 0, self._rate), spectra, f0, voiced)

    def _sung(self, stop: int) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Return f0 and voicing of the next frames, heard up to sample ``stop``."""
        found = self._pitch.feed(Audio(self._between(self._followed, stop), self._rate))
        self._followed = stop
        columns = (as_numpy(each).tolist() for each in (found.f0, found.voiced))
        self._track += zip(*columns, strict=True)
        now, self._track = self._track[:TOGETHER], self._track[TOGETHER:]
        f0 = np.zeros(TOGETHER)
        for i, (value, voiced) in enumerate(now):
            self._since = 0 if voiced else self._since + 1
            self._f0 = value if voiced else self._f0
            f0[i] = self._f0 if self._since <= AROUND else 0.0
        return f0, np.asarray([voiced for _, voiced in now])

    def _between(self, begin: int, end: int) -> Any:
        return self._sound[:, begin - self._from : end - self._from]
