"""Base class of all contracts: a backend of the catalogue, opened where it claims to run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, ClassVar

import numpy as np
import pytest
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core._errors import NoBackend
from autovoice_core._types import Audio
from autovoice_core.backends.choice.chosen import Chosen
from autovoice_core.backends.choice.ranking import rank_offers
from autovoice_core.backends.choice.selection import select
from autovoice_core.backends.need import Need
from autovoice_core.backends.offer import Operation, Quality, Reason
from autovoice_core.backends.plugins.entry import Entry
from autovoice_core.backends.plugins.host import inspect_host
from autovoice_core.backends.plugins.registry import catalogue
from autovoice_core.testing.contracts.common.lookup import entry_of
from autovoice_core.testing.contracts.common.measures import level_difference
from autovoice_core.testing.contracts.common.tiers import Figures

DTYPES = ("float32", "float16")

END_SECONDS = 0.015
"""The last moments of a sound."""
MAX_END_DB = 6.0
"""Difference in level of the last moments; a fade of twice their length takes 11 dB of them."""

Result = tuple[NDArray[Any], ...]
"""Everything that an implementation returns for an input, as arrays on the host."""

refusal = pytest.mark.autovoice_refusal
"""Marks a test that asks for what the backend does not claim."""

slow = pytest.mark.autovoice_slow
"""Marks a test that ``--autovoice-quick`` leaves out."""


@frozen
class Place:
    """A device and a precision that an offer claims.

    With ``required``, a device that this machine lacks is a failure, not a skip.
    """

    device: str
    dtype: str
    required: bool = False

    def __str__(self) -> str:
        return f"{self.device}-{self.dtype}"


class Contract:
    """Tests of what every backend promises. Subclass the contract of an operation instead.

    Attributes
    ----------
    backend
        Full name of an installed backend, e.g. ``"mine/tracker"``.
    known_failures
        Names of tests that fail, with the reason. Strict: one that passes counts as a failure.
    kernels
        ``"module:name"`` of a factory of the kernels that are compared with the references;
        None: the implementation's attribute ``kernels``, if it has one.
    """

    autovoice_contract: ClassVar[bool] = True
    operation: ClassVar[Operation]
    backend: ClassVar[str] = ""
    known_failures: ClassVar[Mapping[str, str]] = {}
    kernels: ClassVar[str | None] = None

    # Supplied by the adapter of an operation.

    def run(self, subject: Any, audio: Audio) -> Result:
        """Return the result of ``subject`` for ``audio``."""
        raise NotImplementedError

    def signal(self, seconds: float = 1.5, sample_rate: int = 16_000, seed: int = 0) -> Audio:
        """Return a typical input."""
        raise NotImplementedError

    @staticmethod
    def difference(one: Result, other: Result) -> str | None:
        """Return how two results differ, or None if within the tolerance."""
        raise NotImplementedError

    def repeat_difference(self, early: Result, late: Result) -> str | None:
        """Return how the result for the repeat of a sound differs from that for its first time."""
        return self.difference(early, late)

    def distant_difference(self, one: Result, other: Result) -> str | None:
        """Return how a result differs from that with another sound beyond the context."""
        return self.difference(one, other)

    def difference_at_end(self, whole: Result, ended: Result, sample_rate: int) -> str | None:
        """Return how the last moments of ``ended`` differ from the same ones of ``whole``."""
        stop = ended[0].shape[-1]
        start = max(0, stop - int(END_SECONDS * sample_rate))
        for one, other in zip(whole, ended, strict=True):
            level = level_difference(one[..., start:stop], other[..., start:stop])
            if abs(level) > MAX_END_DB and np.abs(one[..., start:stop]).max(initial=0.0) > 1e-3:
                return f"its level differs by {level:+.1f} dB"
        return None

    @staticmethod
    def quality_figures(subject: Any) -> Figures:
        """Return the figures that the quality tiers are judged by, in each of the circumstances."""
        raise NotImplementedError

    # Used by the tests.

    @property
    def entry(self) -> Entry:
        """The backend's place in the catalogue."""
        return entry_of(self.backend, self.operation)

    def open(self, place: Place, **options: Any) -> Any:
        """Return a new guarded implementation; skip the test if its device is missing."""
        return self.choose(place).open(**options)

    def subject(self, place: Place) -> Any:
        """Return the guarded implementation that all tests share."""
        self.choose(place)
        return _opened(self.backend, self.operation, place)

    @staticmethod
    def need(place: Place) -> Need:
        """Return the need for exactly this place."""
        return _need(place)

    def choose(self, place: Place) -> Chosen:
        """Return the backend selected by name for a place; skip the test if it is unavailable."""
        try:
            return select(self.operation, self.need(place), name=self.backend)
        except NoBackend as error:
            text = f"unavailable here: {error}"
            if not self.must_work(place):
                pytest.skip(text)
            if failed_probe(error):  # one failure is enough
                pytest.skip("unavailable here: its probe fails, see test_the_probe_goes_through")
            pytest.fail(text, pytrace=False)

    def must_work(self, place: Place) -> bool:
        """Return whether the backend is broken if it does not work in a place."""
        # Every machine has a CPU: a backend that fails there with all it imports is broken.
        offer = self.entry.offer
        host = inspect_host((), offer.imports, offer.weights, offer.libraries)
        lacks = host.missing_modules or host.missing_weights or host.missing_libraries
        return place.required or (place.device == "cpu" and not lacks)

    def skip_if_missing(self) -> None:
        """Skip the test if a package or library that the offer needs is not installed."""
        offer = self.entry.offer
        host = inspect_host((), offer.imports, (), offer.libraries)
        missing = host.missing_modules | host.missing_libraries
        if missing:
            pytest.skip(f"unavailable here: {', '.join(sorted(missing))} not installed")

    @property
    def base_need(self) -> dict[str, Any]:
        """Arguments of a need for this backend's first device and precision."""
        return {"devices": self.entry.offer.devices[:1], "dtype": self.entry.offer.dtypes[0]}

    def rejection_codes(self, need: Need) -> set[str]:
        """Return the codes of the reasons why the backend does not meet ``need``."""
        return {
            reason.code
            for item in rank_offers(self.operation, need, name=self.backend)
            for reason in item.reasons
        }

    def expect_rejection(self, need: Need, code: str) -> None:
        """Check that ``need`` is not met, for the reason ``code``."""
        with pytest.raises(NoBackend):
            select(self.operation, need, name=self.backend)
        assert code in self.rejection_codes(need)

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Parametrise each test with the cases that follow from the backend's offer."""
        offer = self.entry.offer
        required = metafunc.config.getoption("autovoice_require", default=False)
        cases: dict[str, Sequence[Any]] = {
            "place": [Place(d, t, required) for d in offer.devices for t in offer.dtypes],
            "unclaimed_device": [
                d.kind for d in catalogue().devices if d.kind not in offer.devices
            ],
            "unclaimed_dtype": [t for t in DTYPES if t not in offer.dtypes],
            "claimed_quality": [q.name for q in Quality if Quality.UNRATED < q <= offer.quality],
            "unclaimed_quality": [q.name for q in Quality if q > offer.quality],
            "latency": [] if offer.latency is None else [offer.latency],
            "accelerator": [
                Place(d, t, required) for d in offer.devices if d != "cpu" for t in offer.dtypes
            ],
            "no_latency": ["none"] if offer.latency is None else [],
            "opt_in": [True] if offer.opt_in else [],
            "halved": [
                Place(d, "float16", required) for d in offer.devices if "float16" in offer.dtypes
            ],
        }
        for name in (name for name in cases if name in metafunc.fixturenames):
            values = [pytest.param(value, id=str(value)) for value in cases[name]]
            nothing = pytest.param(None, marks=pytest.mark.autovoice_nothing)
            metafunc.parametrize(name, values or [nothing])


def failed_probe(error: NoBackend) -> Reason | None:
    """Return how the probe failed, if that is why there is no backend."""
    reasons = (reason for item in error.considered for reason in item.reasons)
    return next((reason for reason in reasons if reason.stage == "probe"), None)


def _need(place: Place) -> Need:
    return Need(devices=(place.device,), dtype=place.dtype)


@cache
def _opened(backend: str, operation: Operation, place: Place) -> Any:
    return select(operation, _need(place), name=backend).open()


def identical(one: Sequence[NDArray[Any]], other: Sequence[NDArray[Any]]) -> bool:
    """Return whether two results are equal to the bit."""
    return len(one) == len(other) and all(
        a.dtype == b.dtype and np.array_equal(a, b) for a, b in zip(one, other, strict=True)
    )
