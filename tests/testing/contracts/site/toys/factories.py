"""Factories of the liars, one for each lie and named as it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from autovoice_acf.tracker import open_tracker

from toys.honest.conversion import ShiftingConverter
from toys.honest.pitch import StreamingTracker
from toys.honest.separation import open_equaliser
from toys.liars import (
    conversion,
    conversion_controls,
    conversion_streams,
    conversion_subtle,
    conversion_tiring,
    pitch_accuracy,
    pitch_purity,
    pitch_results,
    pitch_streams,
    pitch_subtle,
    separation,
    separation_subtle,
    speech,
)
from toys.lies import LIES

HONEST = {
    "boasts",
    "broken_probe",
    "claims_half",
    "claims_cuda",
    "names_import",
    "other_licence",
    "phantom_weights",
    "hides_copyleft",
    "hides_weights",
    "shy",
}
"""Lies of the offer alone: the implementation is an honest one."""

MODULES = (
    conversion,
    conversion_controls,
    conversion_streams,
    conversion_subtle,
    conversion_tiring,
    pitch_accuracy,
    pitch_purity,
    pitch_results,
    pitch_streams,
    pitch_subtle,
    separation,
    separation_subtle,
    speech,
)
"""Modules of liars; the class of each is named as its lie."""


def factory(name: str) -> Callable[..., Any]:
    """Return the factory of a liar."""
    class_name = name.title().replace("_", "")
    kinds = (getattr(module, class_name, None) for module in MODULES)
    kind = next(filter(None, kinds), None)
    operation = LIES[name].operation

    def open_pitch(*, device: str, dtype: str, fmin: float = 50, fmax: float = 1100) -> Any:
        honest = open_tracker(device=device, dtype=dtype, fmin=fmin, fmax=fmax)
        return honest if kind is None else kind(fmin, fmax)

    def open_separation(*, device: str, dtype: str) -> Any:
        open_equaliser(device=device, dtype=dtype)
        return kind()  # type: ignore[misc]

    def open_conversion(*, device: str, dtype: str) -> Any:
        from reference_backend import open_retrieval

        return kind(open_retrieval(device=device, dtype=dtype))  # type: ignore[misc]

    def open_speech(*, device: str, dtype: str) -> Any:
        from reference_backend import open_speller

        honest = open_speller(device=device, dtype=dtype)
        return honest if kind is None else kind(honest)

    assert kind is not None or name in HONEST, name
    return {
        "pitch": open_pitch,
        "separation": open_separation,
        "conversion": open_conversion,
        "speech": open_speech,
    }[operation]


def takes_any_dtype(*, device: str, dtype: str, fmin: float = 50, fmax: float = 1100) -> Any:
    """Return the tracker for any precision."""
    return open_tracker(device=device, dtype="float32", fmin=fmin, fmax=fmax)


def takes_any_device(*, device: str, dtype: str, fmin: float = 50, fmax: float = 1100) -> Any:
    """Return the tracker for any device."""
    return open_tracker(device="cpu", dtype=dtype, fmin=fmin, fmax=fmax)


def opens_loudly(*, device: str, dtype: str, fmin: float = 50, fmax: float = 1100) -> Any:
    """Return the tracker, and change how NumPy treats errors in the whole process."""
    np.seterr(all="ignore")
    return open_tracker(device=device, dtype=dtype, fmin=fmin, fmax=fmax)


def halves_nothing(*, device: str, dtype: str, fmin: float = 50, fmax: float = 1100) -> Any:
    """Return the tracker, in float32 whatever the precision."""
    return open_tracker(device=device, dtype="float32", fmin=fmin, fmax=fmax)


def halves_no_stems(*, device: str, dtype: str) -> Any:
    """Return the separator, in float32 whatever the precision."""
    return open_equaliser(device=device, dtype="float32")


def works_without_cuda(*, device: str, dtype: str, fmin: float = 50, fmax: float = 1100) -> Any:
    """Return the tracker, on the CPU whatever the device."""
    at = "cpu" if device == "cuda" else device
    return open_tracker(device=at, dtype=dtype, fmin=fmin, fmax=fmax)


def dawdles(*, device: str, dtype: str, fmin: float = 50, fmax: float = 1100) -> Any:
    """Return a tracker that streams faster than it claims."""
    open_tracker(device=device, dtype=dtype)
    return StreamingTracker(fmin, fmax)


def open_shifting(*, device: str, dtype: str) -> Any:
    """Return a converter that streams."""
    from reference_backend import open_retrieval

    return ShiftingConverter(open_retrieval(device=device, dtype=dtype))


def takes_any_option(*, device: str, dtype: str, **options: Any) -> Any:
    """Return the tracker, whatever the options."""
    return open_tracker(device=device, dtype=dtype)


def hides_stream(*, device: str, dtype: str, fmin: float = 50, fmax: float = 1100) -> Any:
    """Return a tracker that can stream."""
    open_tracker(device=device, dtype=dtype)
    return StreamingTracker(fmin, fmax)


def hides_import(*, device: str, dtype: str, fmin: float = 50, fmax: float = 1100) -> Any:
    """Return the tracker, and import a module that its offer does not name."""
    import scipy.fft  # noqa: F401

    return open_tracker(device=device, dtype=dtype, fmin=fmin, fmax=fmax)


def refuse(device: str) -> None:
    """Fail as a probe."""
    raise RuntimeError(f"nothing works on {device}")


for _name in LIES.keys() - globals().keys():
    globals()[_name] = factory(_name)
