"""Tests of residency: results on the device promised, input waited for until it is complete."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from numpy.typing import NDArray

from autovoice_core._types import Audio
from autovoice_core.backends.known_devices import kind_of, lies_on
from autovoice_core.backends.plugins.host import inspect_host
from autovoice_core.backends.plugins.probe import resolve
from autovoice_core.backends.plugins.registry import catalogue
from autovoice_core.testing.contracts.common import in_flight
from autovoice_core.testing.contracts.common.contract import Contract, Place


class Residency(Contract):
    """Tests of the device of arrays, and of the stream that they are computed on."""

    def raw_arrays(self, subject: Any, audio: Audio) -> dict[str, Any]:
        """Return the implementation's own arrays, by name."""
        raise NotImplementedError

    def prepared_run(self, subject: Any, audio: Audio) -> Callable[[], tuple[NDArray[Any], ...]]:
        """Return a function that processes ``audio``; no sample is read before it is called."""
        raise NotImplementedError

    @staticmethod
    def makers(device: str) -> Iterator[tuple[str, Any]]:
        """Yield array libraries that can make input on ``device``, with a context manager each.

        Override this for a device that torch and CuPy don't support; for the context managers see
        :mod:`autovoice_core.testing.contracts.common.in_flight`.
        """
        return in_flight.makers(device)

    def test_results_are_on_the_device_promised(self, place: Place) -> None:
        for name, array in self.raw_arrays(self.subject(place).inner, self.signal(0.3)).items():
            found = lies_on(array, place.device)
            if found is None:
                pytest.skip(f"unavailable here: no DLPack code is known for {place.device}")
            assert found, (
                f"{self.backend} was opened on {place.device}, but {name} is on {kind_of(array)}"
            )

    def test_a_device_that_is_missing_gives_nothing(self, accelerator: Place) -> None:
        device = accelerator.device
        host = inspect_host(catalogue().devices)
        if device not in host.known_devices or device in host.devices:
            pytest.skip(f"{device} is present, or can't be detected")
        try:
            # As selection would if the device were present.
            factory = resolve(self.entry.offer.load)
            implementation = factory(device=device, dtype=accelerator.dtype)
            found = self.raw_arrays(implementation, self.signal(0.3))
        except Exception:  # noqa: BLE001  # right: nothing can be made there
            return
        on = sorted({kind_of(a) for a in found.values() if lies_on(a, device) is False})
        assert not on, (
            f"{self.backend} claims {device}, which this machine lacks, but opens there and "
            f"returns results on {', '.join(on)}"
        )

    def test_input_still_being_made_is_waited_for(self, accelerator: Place) -> None:
        subject = self.subject(accelerator)
        makers = list(self.makers(accelerator.device))
        if not makers:
            pytest.skip(f"unavailable here: no array library supports {accelerator.device}")
        audio = self.signal(1.0)
        expected = self.run(subject, audio)
        for library, make in makers:
            # Not guarded: the guard reads the samples, and so waits for them itself.
            with make(audio) as (unfinished, start):
                run = self.prepared_run(subject.inner, unfinished)
                start()
                found = run()
            fault = self.difference(expected, found)
            assert fault is None, (
                f"{self.backend} reads input of {library} before it is complete, as it is computed "
                f"on another stream; pass your stream to __dlpack__: {fault}"
            )
