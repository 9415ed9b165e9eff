"""Trackers on a device that is a pretence: host memory that says it is a GPU's."""

from __future__ import annotations

from typing import Any

import numpy as np
from autovoice_acf.tracker import Tracker, open_tracker
from numpy.typing import NDArray

from autovoice_core import Audio, PitchFrames
from toys.liars import Centres

ROCM = 10
"""DLPack's code of the device that is pretended to be here."""


class OnDevice:
    """An array on the device; it is garbage to whoever does not wait until it is made."""

    def __init__(self, values: NDArray[Any], *, made: bool = True) -> None:
        self.values, self.made = values, made

    def __dlpack__(self, *, stream: int | None = None, **options: Any) -> Any:
        # A consumer that names its stream is made to wait, and so is a copy to the host.
        self.made |= stream != -1
        return (self.values if self.made else np.zeros_like(self.values)).__dlpack__()

    def __dlpack_device__(self) -> tuple[int, int]:
        return (ROCM, 0)


class Patient(Tracker):
    """Takes its input on a stream of its own, and says which."""

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
    """What a DLPack exchange has handed over, for NumPy to take."""

    def __init__(self, capsule: Any) -> None:
        self.capsule = capsule

    def __dlpack__(self, **options: Any) -> Any:
        return self.capsule

    def __dlpack_device__(self) -> tuple[int, int]:
        return (1, 0)


class Impatient(Patient):
    """Asks for no waiting, though its stream is not the one that the input is made on."""

    reads_on = -1


class StaysHome(Tracker):
    """Works on the processor, whatever is promised."""


def opener(kind: Any) -> Any:
    """Return the factory of a tracker on both devices."""

    def open_it(*, device: str, dtype: str, fmin: float = 50, fmax: float = 1100) -> Any:
        if device == "rocm" and dtype == "float32":
            return kind(fmin, fmax)
        return open_tracker(device=device, dtype=dtype, fmin=fmin, fmax=fmax)

    return open_it


def breaks(*, device: str, dtype: str, fmin: float = 50, fmax: float = 1100) -> Any:
    """Claim the device and fail there, with an error that is no InputError."""
    if device == "rocm":
        raise RuntimeError("there is no kernel image for this device")
    return open_tracker(device=device, dtype=dtype, fmin=fmin, fmax=fmax)


patient, impatient, stays_home = map(opener, (Patient, Impatient, StaysHome))
