"""How long each kernel of a backend takes, on what its recipe gives it to do."""

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
from autovoice_core.voices.profile import F0Range, VoiceProfile

RATE, SECONDS = 44_100, 10.0
"""Sound that recipes are given, Hz and seconds."""

Call = tuple[tuple[Any, ...], dict[str, Any]]

_ARITHMETIC: dict[str, Callable[..., float]] = {
    "decimate": lambda samples, taps, factor: len(samples) // factor * len(taps),
    "correlate": lambda signal, at, first, widths, *rest: len(at) * float(np.sum(widths)),
    "decode": lambda score, *rest: len(score) * (score.shape[1] + 1) ** 2,
    "nearest": lambda queries, references, k: len(queries) * references.shape[0] * queries.shape[1],
    "cheapest_paths": lambda local, steps: float(np.prod(steps.shape)),
    "oscillators": lambda phase, real, *rest: 2 * len(phase) * real.shape[1],
    "overlap_add": lambda frames, *rest: float(np.prod(frames.shape)),
}
"""Multiply-adds, or additions with comparison, that a kernel can't do without."""


@frozen
class Timed:
    """The largest call of a kernel, made again and again.

    Attributes
    ----------
    ms
        Median time, ms.
    operations
        Multiply-adds a second, None where the kernel is not known.
    bandwidth
        Bytes a second of what goes in and comes out.
    """

    backend: str
    kernel: str
    ms: float
    operations: float | None
    bandwidth: float


class _Heard:
    """Kernels that remember the largest call of each."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.calls: dict[str, Call] = {}

    def __getattr__(self, name: str) -> Any:
        kernel = getattr(self._inner, name)
        if not callable(kernel):
            return kernel

        def called(*given: Any, **named: Any) -> Any:
            before = self.calls.get(name)
            if before is None or _size(before) < _size((given, named)):
                self.calls[name] = given, named
            return kernel(*given, **named)

        return called


def time_kernels(backend: str, operation: str, device: str, opened: Any, count: int) -> list[Timed]:
    """Return the times of the kernels of an implementation; none where it shows no kernels.

    Parameters
    ----------
    backend, operation, device
        Name of the backend, what it does and where it runs.
    opened
        The implementation under guard.
    count
        How often each kernel is timed.
    """
    inner = opened.inner
    own = getattr(inner, "kernels", None)
    if own is None or operation not in _GIVEN:
        return []
    heard = _Heard(own)
    inner.kernels = heard
    try:
        _GIVEN[operation](opened)
    finally:
        inner.kernels = own
    return [
        _timed(backend, name, getattr(own, name), call, device, count)
        for name, call in heard.calls.items()
    ]


def copy_bandwidth(count: int) -> float:
    """Return bytes a second, read and written, of a copy in this machine's memory."""
    source = np.ones(1 << 25, np.float32)
    target = np.empty_like(source)
    return 2 * source.nbytes / _median(lambda: np.copyto(target, source), "cpu", count)


def _timed(backend: str, name: str, kernel: Any, call: Call, device: str, count: int) -> Timed:
    given, named = call
    result = kernel(*given, **named)
    took = _median(lambda: kernel(*given, **named), device, count)
    work = _ARITHMETIC.get(name)
    return Timed(
        backend=backend,
        kernel=name,
        ms=1e3 * took,
        operations=None if work is None else work(*given, **named) / took,
        bandwidth=(_size(call) + _bytes(result)) / took,
    )


def _median(work: Callable[[], Any], device: str, count: int) -> float:
    """Return seconds, until the device is done."""
    times = []
    for _ in range(count):
        _wait(device)
        begin = time.perf_counter()
        work()
        _wait(device)
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def _wait(device: str) -> None:
    if device != "cpu":
        for name in ("torch", "cupy"):
            module = sys.modules.get(name)
            if module is not None:
                stream = module.cuda.Device() if name == "cupy" else module.cuda
                stream.synchronize()


def _size(call: Call) -> int:
    return sum(_bytes(value) for value in (*call[0], *call[1].values()))


def _bytes(value: Any) -> int:
    if isinstance(value, tuple):
        return sum(_bytes(each) for each in value)
    return int(getattr(value, "nbytes", 0))


def _track(estimator: Any) -> None:
    audio = truth.sing(seconds=SECONDS, sample_rate=RATE).audio
    estimator.estimate(audio, frame_centres(audio.frames, RATE, 0.01))


def _resing(converter: Any) -> None:
    take = truth.sing(truth.ALTO, 20.0, RATE, seed=1)
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
    sung = truth.sing(seconds=SECONDS, sample_rate=RATE)
    # In another key, as otherwise nothing is synthesised.
    conversion = converter.begin(voice, sung.pitch, RATE, key=3.0)
    conversion.observe(sung.audio, 0)
    conversion.render(sung.audio, 0)


_GIVEN = {"pitch": _track, "conversion": _resing}
"""What is done with an implementation for its kernels to be called as they are in use."""
