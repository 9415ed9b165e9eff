"""``Guard``, the base of all guards: errors attributed to caller or backend, arrays checked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from traceback import walk_tb
from typing import Any, ClassVar

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from autovoice_core import _pitch_track, _samples, _speech, _types
from autovoice_core._arrays import Array, all_finite, as_array_api, as_numpy
from autovoice_core._errors import (
    AutoVoiceError,
    BackendError,
    ContractViolation,
    DeviceMismatch,
    InputError,
)
from autovoice_core._printable import quoted
from autovoice_core._provenance import Provenance
from autovoice_core._types import Audio
from autovoice_core.backends.containment import contained, ends_the_program, known_interrupts
from autovoice_core.backends.guards.handed import own_copy
from autovoice_core.backends.guards.inputs import RecordingsRaised
from autovoice_core.backends.guards.watch import Watch
from autovoice_core.backends.known_devices import kind_of, lies_on
from autovoice_core.backends.wording import describe_error
from autovoice_core.memory.error_recognition import is_out_of_memory


@frozen
class Guard:
    """An implementation of a backend, guarded; the base of all guards."""

    inner: Any
    provenance: Provenance
    """The provenance that results are given."""
    _watch: Watch = field(init=False, factory=Watch, eq=False, repr=False)

    _methods: ClassVar[tuple[str, ...]] = ()

    def __attrs_post_init__(self) -> None:
        for name in self._methods:
            if not callable(self.attribute(name)):
                raise self.violation(f"{type(self.inner).__name__} has no method {name}()")

    def violation(self, fault: str) -> ContractViolation:
        """Return the error that names the backend and its fault."""
        return ContractViolation(f"{self._label} broke its contract: {fault}")

    def as_backend_input(self, audio: Audio) -> Audio:
        """Return ``audio`` as a backend may expect it: a NumPy array of its own, or on its device.

        What lies on the device is the caller's own memory: a copy would not wait for it to be
        computed.
        """
        samples, device = audio.samples, self.provenance.device
        if not isinstance(samples, np.ndarray) and device != "cpu" and lies_on(samples, device):
            return audio
        return own_copy(audio)

    @property
    def _label(self) -> str:
        made_by = self.provenance
        return f"{made_by.backend} ({made_by.distribution}) on {made_by.device}"

    def attribute(self, name: str, default: Any = None) -> Any:
        """Return an attribute of the implementation, ``default`` if it has none."""
        with self.attributing_errors():
            return getattr(self.inner, name, default)

    @contextmanager
    def calling(self, method: str, *, quick: bool = False) -> Iterator[None]:
        """Contain a call of a method: its errors, its prints, and what it leaves behind.

        ``quick`` compares the least, where code of the caller may run within.
        """
        who = f"{self.provenance.backend} ({self.provenance.distribution})"
        thorough = self._watch.is_due(method) and not quick
        during = f"in {method}()"
        with (
            known_interrupts(),
            contained(who, during, thorough=thorough) as found,
            self._attributing(),
        ):
            yield
        if found.changed:
            self._watch.is_careless = True

    @contextmanager
    def attributing_errors(self) -> Iterator[None]:
        """Turn what is raised inside into an error of the caller or of the backend."""
        with known_interrupts(), self._attributing():
            yield

    @contextmanager
    def _attributing(self) -> Iterator[None]:
        """Do what :meth:`attributing_errors` does, within :func:`known_interrupts`."""
        try:
            yield
        except (AutoVoiceError, RecordingsRaised) as error:
            if not isinstance(error, InputError) or not _raised_by_types(error):
                raise
            # The input was checked, so this is about a result that the backend made.
            raise self.violation(f"it returned an invalid result: {error}") from error
        except BaseException as error:
            # SystemExit and KeyboardInterrupt too: the user can end the program, a backend can't.
            if ends_the_program(error):
                raise
            remedy = "; free memory or use another device" if is_out_of_memory(error) else ""
            raise BackendError(
                f"{self._label} failed at {self.provenance.operation}: "
                f"{describe_error(error)}{remedy}",
                self.provenance,
            ) from error

    def _check_device(self, array: Array, what: str) -> None:
        promised = self.provenance.device
        if lies_on(array, promised) is False:
            raise DeviceMismatch(
                f"{self._label} broke its contract: {what} is on {kind_of(array)}, "
                f"not on {promised}"
            )

    def checked_number(self, value: Any, what: str, unit: str = "seconds") -> float:
        """Return a number that is finite and not negative as Python's own."""
        with self.attributing_errors():
            try:
                number = float(value) if isinstance(value, int | float | np.number) else -1.0
            except OverflowError:
                number = float("inf")
            if not 0 <= number < float("inf"):
                raise self.violation(f"{what} {quoted(value)}, not a number of {unit}")
            return number

    def checked_audio(self, result: Any, what: str, like: Audio) -> Audio:
        """Return ``result`` if it is finite Audio of the shape, rate and device promised."""
        if not isinstance(result, Audio):
            raise self.violation(f"{what} is {type(result).__name__}, not Audio")
        self._check_device(result.samples, what)
        if result.sample_rate != like.sample_rate:
            raise self.violation(f"{what} has {result.sample_rate} Hz, not {like.sample_rate} Hz")
        samples = as_array_api(result.samples)
        found, shape = tuple(samples.shape), (like.channels, like.frames)
        if found != shape:
            raise self.violation(f"{what} has shape {found}, not {shape}")
        if not all_finite(samples):
            raise self.violation(f"{what} holds NaN or infinity")
        return result

    def checked_track(self, array: Any, what: str, dtype: Any, count: int) -> NDArray[Any]:
        """Return an array of ``count`` values on the host, if it is of the dtype promised."""
        if not isinstance(array, Array):
            raise self.violation(f"{what} is {type(array).__name__}, not an array with __dlpack__")
        self._check_device(array, what)
        values = as_numpy(array)
        if values.dtype != dtype or values.shape != (count,):
            raise self.violation(
                f"{what} is {values.dtype} of shape {values.shape}, "
                f"not {np.dtype(dtype)} of shape {(count,)}"
            )
        return values


_OWN_TYPES = {module.__name__ for module in (_types, _pitch_track, _samples, _speech)}


def _raised_by_types(error: BaseException) -> bool:
    """Whether an error was raised by the constructor of one of core's own types."""
    return any(
        frame.f_globals.get("__name__") in _OWN_TYPES for frame, _ in walk_tb(error.__traceback__)
    )
