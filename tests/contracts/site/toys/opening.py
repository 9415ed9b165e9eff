"""The factories of the liars, one by name for each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autovoice_acf.tracker import open_tracker

from toys import controlled, liars, shifting, streaming, subtle
from toys.honest import Streaming, open_equaliser
from toys.lies import LIES

HONEST = {
    "boasts",
    "broken_probe",
    "claims_half",
    "claims_cuda",
    "names_import",
    "other_licence",
    "phantom_weights",
    "hides_weights",
    "shy",
}
"""Those who lie in what they offer, not in what they do."""


MODULES = (liars, subtle, streaming, shifting, controlled)
"""Where liars are, each called as its lie is."""


def factory(name: str) -> Callable[..., Any]:
    """Return what opens a liar."""
    called = name.title().replace("_", "")
    kinds = (getattr(module, called, None) for module in MODULES)
    kind = next(filter(None, kinds), None)
    operation = LIES[name].operation

    def open_pitch(*, device: str, dtype: str, fmin: float = 50, fmax: float = 1100) -> Any:
        honest = open_tracker(device=device, dtype=dtype, fmin=fmin, fmax=fmax)
        return honest if kind is None else kind(fmin, fmax)

    def open_separation(*, device: str, dtype: str) -> Any:
        open_equaliser(device=device, dtype=dtype)
        return kind()  # type: ignore[misc]

    def open_conversion(*, device: str, dtype: str) -> Any:
        from autovoice_cpu.retrieval import open_retrieval

        return kind(open_retrieval(device=device, dtype=dtype))  # type: ignore[misc]

    assert kind is not None or name in HONEST, name
    return {
        "pitch": open_pitch,
        "separation": open_separation,
        "conversion": open_conversion,
    }[operation]


def takes_any_dtype(*, device: str, dtype: str, fmin: float = 50, fmax: float = 1100) -> Any:
    """Return the tracker for any precision."""
    return open_tracker(device=device, dtype="float32", fmin=fmin, fmax=fmax)


def takes_any_device(*, device: str, dtype: str, fmin: float = 50, fmax: float = 1100) -> Any:
    """Return the tracker for any device."""
    return open_tracker(device="cpu", dtype=dtype, fmin=fmin, fmax=fmax)


def works_without_cuda(*, device: str, dtype: str, fmin: float = 50, fmax: float = 1100) -> Any:
    """Return the tracker, on the processor whatever is claimed."""
    at = "cpu" if device == "cuda" else device
    return open_tracker(device=at, dtype=dtype, fmin=fmin, fmax=fmax)


def dawdles(*, device: str, dtype: str, fmin: float = 50, fmax: float = 1100) -> Any:
    """Return a tracker that streams faster than it claims."""
    open_tracker(device=device, dtype=dtype)
    return Streaming(fmin, fmax)


def open_shifting(*, device: str, dtype: str) -> Any:
    """Return a converter that streams."""
    from autovoice_cpu.retrieval import open_retrieval

    return shifting.Shifting(open_retrieval(device=device, dtype=dtype))


def takes_any_option(*, device: str, dtype: str, **options: Any) -> Any:
    """Return the tracker, whatever is asked of it."""
    return open_tracker(device=device, dtype=dtype)


def hides_stream(*, device: str, dtype: str, fmin: float = 50, fmax: float = 1100) -> Any:
    """Return a tracker that can stream."""
    open_tracker(device=device, dtype=dtype)
    return Streaming(fmin, fmax)


def hides_import(*, device: str, dtype: str, fmin: float = 50, fmax: float = 1100) -> Any:
    """Return the tracker, and import what nobody knows of."""
    import scipy.fft  # noqa: F401

    return open_tracker(device=device, dtype=dtype, fmin=fmin, fmax=fmax)


def refuse(device: str) -> None:
    """Fail as a probe."""
    raise RuntimeError(f"nothing works on {device}")


for _name in LIES.keys() - globals().keys():
    globals()[_name] = factory(_name)
