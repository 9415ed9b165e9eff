"""Trackers on a fake ROCm device: host memory that reports itself as a GPU's."""

from __future__ import annotations

from typing import Any

import numpy as np
from autovoice_acf.tracker import Tracker, open_tracker
from numpy.typing import NDArray

from autovoice_core import Audio, PitchFrames

Centres = NDArray[np.int64]

DLPACK_ROCM = 10


class OnDevice:
    """An array on the device; it reads as zeros until a consumer waits for it."""

    def __init__(self, values: NDArray[Any], *, made: bool = True) -> None:
        self.values, self.made = values, made

    def __dlpack__(self, *, stream: int | None = None, **options: Any) -> Any:
        # A consumer that names its stream is made to wait, and so is a copy to the host.
        self.made |= stream != -1
        return (self.values if self.made else np.zeros_like(self.values)).__dlpack__()

    def __dlpack_device__(self) -> tuple[int, int]:
        return (DLPACK_ROCM, 0)


class Patient(Tracker):
    """Takes its input on a stream of its own, and passes that to ``__dlpack__``."""

    reads_on = 7

    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        samples = audio.samples
        if isinstance(samples, OnDevice):
            taken = np.from_dlpack(Capsule(samples.__dlpack__(stream=self.reads_on)))
            audio = Audio(np.array(taken), audio.sample_rate)
        found = super().estimate(audio, centres)
        parts = (found.f0, found.voiced, found.confidence)
        return PitchFrames(*(OnDevice(np.asarray(part)) for part in parts))


class Capsule:
    """A DLPack capsule in a form that NumPy accepts."""

    def __init__(self, capsule: Any) -> None:
        self.capsule = capsule

    def __dlpack__(self, **options: Any) -> Any:
        return self.capsule

    def __dlpack_device__(self) -> tuple[int, int]:
        return (1, 0)


class Impatient(Patient):
    """Asks not to wait, though the input is computed on another stream."""

    reads_on = -1


class StaysHome(Tracker):
    """Works on the CPU, whatever the device."""


def opener(kind: Any) -> Any:
    """Return the factory of a tracker on both devices."""

    def open_it(*, device: str, dtype: str, fmin: float = 50, fmax: float = 1100) -> Any:
        if device == "rocm" and dtype == "float32":
            return kind(fmin, fmax)
        return open_tracker(device=device, dtype=dtype, fmin=fmin, fmax=fmax)

    return open_it


def breaks(*, device: str, dtype: str, fmin: float = 50, fmax: float = 1100) -> Any:
    """Fail on the device, with an error that is not an InputError."""
    if device == "rocm":
        raise RuntimeError("there is no kernel image for this device")
    return open_tracker(device=device, dtype=dtype, fmin=fmin, fmax=fmax)


patient, impatient, stays_home = map(opener, (Patient, Impatient, StaysHome))
