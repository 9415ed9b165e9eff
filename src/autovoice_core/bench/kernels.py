"""Timings of a backend's kernels, on the calls that our algorithms make."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from attrs import frozen

from autovoice_core._frames import frame_centres
from autovoice_core.synthetic import truth
from autovoice_core.voices.profile import VoiceProfile
from autovoice_core.voices.records import F0Range

SAMPLE_RATE = 44_100
SIGNAL_SECONDS = 10.0
"""Length of the singing that is tracked and converted."""

Call = tuple[tuple[Any, ...], dict[str, Any]]

_OPERATIONS: dict[str, Callable[..., float]] = {
    "decimate": lambda samples, taps, factor: len(samples) // factor * len(taps),
    "correlate": lambda signal, at, first, widths, *rest: len(at) * float(np.sum(widths)),
    "decode": lambda score, *rest: len(score) * (score.shape[1] + 1) ** 2,
    "nearest": lambda queries, references, k: len(queries) * references.shape[0] * queries.shape[1],
    "cheapest_paths": lambda local, steps: float(np.prod(steps.shape)),
    "oscillators": lambda phase, real, *rest: 2 * len(phase) * real.shape[1],
    "overlap_add": lambda frames, *rest: float(np.prod(frames.shape)),
}
"""Fewest multiply-adds, or additions with a comparison, that a call of each kernel takes."""


@frozen
class KernelTiming:
    """Time of a kernel's largest call.

    Attributes
    ----------
    ms
        Median time, ms.
    operations
        Multiply-adds a second; None for a kernel that is not one of ours.
    bandwidth
        Bytes of arguments and results a second.
    """

    backend: str
    kernel: str
    ms: float
    operations: float | None
    bandwidth: float


class _CallRecorder:
    """Kernels that keep the arguments of the largest call of each."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.calls: dict[str, Call] = {}

    def __getattr__(self, name: str) -> Any:
        kernel = getattr(self._inner, name)
        if not callable(kernel):
            return kernel

        def record(*args: Any, **kwargs: Any) -> Any:
            largest = self.calls.get(name)
            if largest is None or _call_bytes(largest) < _call_bytes((args, kwargs)):
                self.calls[name] = args, kwargs
            return kernel(*args, **kwargs)

        return record


def time_kernels(
    backend: str, operation: str, device: str, opened: Any, count: int
) -> list[KernelTiming]:
    """Return the timings of an implementation's kernels; none where it has no ``kernels``.

    Parameters
    ----------
    backend, operation, device
        Name of the backend, its operation and the device that it runs on.
    opened
        The implementation under its guard.
    count
        Number of timed calls of each kernel.
    """
    inner = opened.inner
    kernels = getattr(inner, "kernels", None)
    if kernels is None or operation not in _WORKLOADS:
        return []
    recorder = _CallRecorder(kernels)
    inner.kernels = recorder
    try:
        _WORKLOADS[operation](opened)
    finally:
        inner.kernels = kernels
    return [
        _time_call(backend, name, getattr(kernels, name), call, device, count)
        for name, call in recorder.calls.items()
    ]


def copy_bandwidth(count: int) -> float:
    """Return the bytes a second, read and written, of a copy in this machine's memory."""
    source = np.ones(1 << 25, np.float32)
    target = np.empty_like(source)
    np.copyto(target, source)  # the first copy waits for the pages of the target
    return 2 * source.nbytes / _median_seconds(lambda: np.copyto(target, source), "cpu", count)


def _time_call(
    backend: str, name: str, kernel: Any, call: Call, device: str, count: int
) -> KernelTiming:
    args, kwargs = call
    result = kernel(*args, **kwargs)
    seconds = _median_seconds(lambda: kernel(*args, **kwargs), device, count)
    operations = _OPERATIONS.get(name)
    return KernelTiming(
        backend=backend,
        kernel=name,
        ms=1e3 * seconds,
        operations=None if operations is None else operations(*args, **kwargs) / seconds,
        bandwidth=(_call_bytes(call) + _array_bytes(result)) / seconds,
    )


def _median_seconds(work: Callable[[], Any], device: str, count: int) -> float:
    """Return the median time of ``work``, waiting for the device to finish."""
    times = []
    for _ in range(count):
        _synchronise(device)
        begin = time.perf_counter()
        work()
        _synchronise(device)
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def _synchronise(device: str) -> None:
    if device != "cpu":
        for name in ("torch", "cupy"):
            module = sys.modules.get(name)
            if module is not None:
                stream = module.cuda.Device() if name == "cupy" else module.cuda
                stream.synchronize()


def _call_bytes(call: Call) -> int:
    return sum(_array_bytes(value) for value in (*call[0], *call[1].values()))


def _array_bytes(value: Any) -> int:
    if isinstance(value, tuple):
        return sum(_array_bytes(each) for each in value)
    return int(getattr(value, "nbytes", 0))


def _track(estimator: Any) -> None:
    audio = truth.sing(seconds=SIGNAL_SECONDS, sample_rate=SAMPLE_RATE).audio
    estimator.estimate(audio, frame_centres(audio.frames, SAMPLE_RATE, 0.01))


def _convert(converter: Any) -> None:
    take = truth.sing(truth.ALTO, 20.0, SAMPLE_RATE, seed=1)
    f0 = take.pitch.f0[take.pitch.voiced]
    voice = VoiceProfile(
        name=truth.ALTO.name,
        feature_id=converter.feature_id,
        features=dict(converter.learn([(take.audio, take.pitch)])),
        f0_range=F0Range(*np.percentile(f0, [5, 50, 95]).tolist()),
        loudness=-20.0,
        voiced_seconds=10.0,
        recordings=(),
    )
    sung = truth.sing(seconds=SIGNAL_SECONDS, sample_rate=SAMPLE_RATE)
    # In another key, as otherwise nothing is synthesised.
    conversion = converter.begin(voice, sung.pitch, SAMPLE_RATE, key=3.0)
    conversion.observe(sung.audio, 0)
    conversion.render(sung.audio, 0)


_WORKLOADS = {"pitch": _track, "conversion": _convert}
"""Work that calls the kernels of an operation as they are called in use."""
