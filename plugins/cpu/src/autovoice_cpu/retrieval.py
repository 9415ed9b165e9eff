"""``cpu/retrieval``: conversion by retrieval, on NumPy arrays and Numba kernels."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import array_api_compat.numpy as xp
from numpy.typing import NDArray

from autovoice_core import Audio, PitchTrack
from autovoice_core._blas import single_threaded_blas
from autovoice_core.backends.smoke_tests import oscillators_oscillate
from autovoice_core.conversion.retrieval.exemplars import KEPT_SECONDS
from autovoice_core.conversion.retrieval.retrieval import RetrievalConversion
from autovoice_core.conversion.retrieval.stream.retrieval import (
    LOWEST_F0,
    RetrievalStream,
    StreamingRetrieval,
)
from autovoice_core.pitch.nccf.nccf import Nccf
from autovoice_cpu.device import check_device_and_dtype
from autovoice_cpu.kernels.nccf import NumbaPitchKernels
from autovoice_cpu.kernels.retrieval import NumbaConversionKernels


class SingleThreadedRetrieval(StreamingRetrieval):
    """The algorithm, with the linear algebra of songs on one thread; windows may share several."""

    def learn(
        self, recordings: Iterable[tuple[Audio, PitchTrack]], *, keep: float = KEPT_SECONDS
    ) -> dict[str, NDArray[Any]]:
        """Return the features of a voice."""
        with single_threaded_blas():
            return super().learn(recordings, keep=keep)

    def begin(self, *arguments: Any, **options: Any) -> Any:
        """Begin a song."""
        return SingleThreadedConversion(super().begin(*arguments, **options))

    def stream(self, *arguments: Any, **options: Any) -> RetrievalStream:
        """Return a new stream, the same to the bit whatever the threads of BLAS."""
        with single_threaded_blas():
            return super().stream(*arguments, **options)


class SingleThreadedConversion:
    """A conversion whose linear algebra runs on one thread."""

    def __init__(self, inner: RetrievalConversion) -> None:
        self._inner = inner

    def observe(self, vocals: Audio, start: int) -> None:
        """Keep a sample of the window's voiced envelopes."""
        with single_threaded_blas():
            self._inner.observe(vocals, start)

    def render(self, vocals: Audio, start: int) -> Audio:
        """Return the window in the target's voice."""
        with single_threaded_blas():
            return self._inner.render(vocals, start)


def open_retrieval(*, device: str, dtype: str) -> StreamingRetrieval:
    """Return the converter.

    Parameters
    ----------
    device, dtype
        Where and in which precision to run: NumPy knows one device, and what float32 can't hold
        is float64 whatever ``dtype`` says.
    """
    check_device_and_dtype("retrieval", device, dtype)
    pitch = Nccf(xp, NumbaPitchKernels(), fmin=LOWEST_F0)
    return SingleThreadedRetrieval(xp, NumbaConversionKernels(), pitch)


def probe_retrieval(device: str) -> None:
    """Let an oscillator swing once around."""
    del device
    if not oscillators_oscillate(NumbaConversionKernels().oscillators, xp):
        raise RuntimeError("the compiled oscillators return wrong values; reinstall numba")
