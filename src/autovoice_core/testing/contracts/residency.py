"""Results are on the device promised, and made of input that is finished."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from numpy.typing import NDArray

from autovoice_core._arrays import device_name
from autovoice_core._types import Audio
from autovoice_core.backends.host import FASTEST_FIRST, look
from autovoice_core.backends.probing import resolve
from autovoice_core.testing.contracts import in_flight
from autovoice_core.testing.contracts.base import Contract, Place


class Residency(Contract):
    """Where arrays lie, and on which stream they are made."""

    def arrays(self, subject: Any, audio: Audio) -> dict[str, Any]:
        """Return the arrays that the implementation itself hands out, by name."""
        raise NotImplementedError

    def prepared(self, subject: Any, audio: Audio) -> Callable[[], tuple[NDArray[Any], ...]]:
        """Return what hears ``audio`` when called, and reads no sample before."""
        raise NotImplementedError

    @staticmethod
    def makers(device: str) -> Iterator[tuple[str, Any]]:
        """Yield array libraries that can make input on ``device``.

        Whoever brings a device that torch and CuPy don't reach yields its own library's here; see
        :mod:`autovoice_core.testing.contracts.in_flight`.
        """
        return in_flight.makers(device)

    def test_results_are_on_the_device_promised(self, place: Place) -> None:
        if place.device not in FASTEST_FIRST:
            pytest.skip(f"unavailable here: DLPack has no name for {place.device}")
        for name, array in self.arrays(self.subject(place).inner, self.sound(0.3)).items():
            found = device_name(array)
            assert found == place.device, (
                f"{self.who} was opened on {place.device}, but {name} is on {found}"
            )

    def test_a_device_that_is_missing_gives_nothing(self, accelerator: Place) -> None:
        device = accelerator.device
        if device not in FASTEST_FIRST or device in look().devices:
            pytest.skip(f"{device} is here, or can't be looked for")
        try:
            # As selection would, if the device were here.
            factory = resolve(self.entry.offer.load)
            implementation = factory(device=device, dtype=accelerator.dtype)
            found = self.arrays(implementation, self.sound(0.3))
        except Exception:  # noqa: BLE001  # as it should: nothing can be made there
            return
        on = sorted({device_name(array) for array in found.values()} - {device})
        assert not on, (
            f"{self.who} claims {device}, which this machine lacks, and works there all the same: "
            f"its results are on {', '.join(on)}"
        )

    def test_input_still_being_made_is_waited_for(self, accelerator: Place) -> None:
        subject = self.subject(accelerator)
        makers = list(self.makers(accelerator.device))
        if not makers:
            pytest.skip(f"unavailable here: no array library makes input on {accelerator.device}")
        audio = self.sound(1.0)
        expected = self.hear(subject, audio)
        for library, make in makers:
            # Not under guard, which looks at the samples and so waits for them itself.
            with make(audio) as (unfinished, start):
                hear = self.prepared(subject.inner, unfinished)
                start()
                found = hear()
            fault = self.differ(expected, found)
            assert fault is None, (
                f"{self.who} reads input of {library} before it is made, on a stream that is not "
                f"the default one; ask __dlpack__ for it with your stream: {fault}"
            )
