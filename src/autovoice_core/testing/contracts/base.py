"""What every contract begins with: a backend of the catalogue, opened where it claims to run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import Any, ClassVar

import numpy as np
import pytest
from attrs import frozen
from hypothesis import HealthCheck, Phase, given, settings
from numpy.typing import NDArray

from autovoice_core._errors import NoBackend
from autovoice_core._types import Audio
from autovoice_core.backends.catalogue import Entry, catalogue
from autovoice_core.backends.host import FASTEST_FIRST, look
from autovoice_core.backends.offer import OPERATIONS, Need, Operation, Quality
from autovoice_core.backends.selection import Chosen, consider, select
from autovoice_core.backends.wording import nearest

__all__ = ["Contract", "Place", "drawn"]

DTYPES = ("float32", "float16")

refusal = pytest.mark.autovoice_refusal
"""Marks a test that asks for what the backend does not claim."""


@frozen
class Place:
    """A device and a precision that an offer claims.

    ``required`` makes it a failure, and no skip, that this machine lacks the device.
    """

    device: str
    dtype: str
    required: bool = False

    def __str__(self) -> str:
        return f"{self.device}-{self.dtype}"


def drawn(count: int, **strategies: Any) -> Callable[[Callable[..., None]], None]:
    """Run the decorated function at once, on ``count`` examples that hypothesis draws.

    The same examples are drawn each time, so that a backend that passes today passes tomorrow.
    """
    how = settings(
        max_examples=count,
        deadline=None,
        database=None,
        derandomize=True,
        # A failing example is told as it was found: shrinking it takes minutes with sound.
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    return lambda function: how(given(**strategies)(function))()


class Contract:
    """What any backend promises, whatever its operation. Subclass that of an operation.

    Attributes
    ----------
    backend
        Full name of an installed backend, e.g. ``"mine/tracker"``.
    known_failures
        Names of tests that fail, with the reason. Strict: a test that passes after all fails.
    kernels
        ``"module:name"`` of a factory of the backend's kernels, to compare them with the
        references; None: those that the implementation shows as ``kernels``, if any.
    """

    autovoice_contract: ClassVar[bool] = True
    operation: ClassVar[Operation]
    backend: ClassVar[str] = ""
    known_failures: ClassVar[Mapping[str, str]] = {}
    kernels: ClassVar[str | None] = None

    # What an operation's contract supplies.

    def hear(self, subject: Any, audio: Audio) -> tuple[NDArray[Any], ...]:
        """Return everything that ``subject`` makes of ``audio``, as arrays on the host."""
        raise NotImplementedError

    def sound(self, seconds: float = 1.5, sample_rate: int = 16_000, seed: int = 0) -> Audio:
        """Return a typical input."""
        raise NotImplementedError

    @staticmethod
    def differ(one: tuple[NDArray[Any], ...], other: tuple[NDArray[Any], ...]) -> str | None:
        """Return how two results differ, None where nobody can measure it."""
        raise NotImplementedError

    def recurs(self, early: tuple[NDArray[Any], ...], late: tuple[NDArray[Any], ...]) -> str | None:
        """Return how the result for a sound that comes again differs from the first one."""
        return self.differ(early, late)

    @staticmethod
    def measured(subject: Any) -> dict[str, float]:
        """Return the figures by which quality is judged."""
        raise NotImplementedError

    # What tests use.

    @property
    def entry(self) -> Entry:
        """The backend's place in the catalogue."""
        return entry_of(self.backend, self.operation)

    @property
    def who(self) -> str:
        """How messages call the backend."""
        return self.backend

    def open(self, place: Place, **options: Any) -> Any:
        """Return the implementation under guard; skip the test where its device is missing."""
        return self.choose(place).open(**options)

    def subject(self, place: Place) -> Any:
        """Return the implementation under guard, one for all tests."""
        self.choose(place)
        return _opened(self.backend, self.operation, place)

    @staticmethod
    def need(place: Place) -> Need:
        """Return the need of exactly this place."""
        return _need(place)

    def choose(self, place: Place) -> Chosen:
        """Return the backend chosen by name for a place; skip the test where it is missing."""
        try:
            return select(self.operation, self.need(place), name=self.backend)
        except NoBackend as error:
            # Every machine has a processor: who fails there on what is installed is broken.
            host = look(self.entry.offer.imports, self.entry.offer.weights)
            broken = place.device == "cpu" and not host.missing and not host.absent
            text = f"unavailable here: {error}"
            if place.required or broken:
                pytest.fail(text, pytrace=False)
            pytest.skip(text)

    def skip_where_missing(self) -> None:
        """Skip the test where a package that the offer imports is not installed."""
        missing = look(self.entry.offer.imports).missing
        if missing:
            pytest.skip(f"unavailable here: {', '.join(sorted(missing))} not installed")

    @property
    def where(self) -> dict[str, Any]:
        """What every need of this backend begins with: its first device and precision."""
        return {"devices": self.entry.offer.devices[:1], "dtype": self.entry.offer.dtypes[0]}

    def reasons(self, need: Need) -> set[str]:
        """Return the codes of the reasons for which the backend does not meet ``need``."""
        return {
            reason.code
            for item in consider(self.operation, need, name=self.backend)
            for reason in item.reasons
        }

    def refused_by_selection(self, need: Need, code: str) -> None:
        """Expect that ``need`` is not met, for the reason ``code``."""
        with pytest.raises(NoBackend):
            select(self.operation, need, name=self.backend)
        assert code in self.reasons(need)

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Give each test the cases that this backend's offer makes."""
        offer = self.entry.offer
        required = metafunc.config.getoption("autovoice_require", default=False)
        cases: dict[str, Sequence[Any]] = {
            "place": [Place(d, t, required) for d in offer.devices for t in offer.dtypes],
            "foreign_device": [d for d in FASTEST_FIRST if d not in offer.devices],
            "foreign_dtype": [t for t in DTYPES if t not in offer.dtypes],
            "claimed_quality": [q.name for q in Quality if q <= offer.quality],
            "higher_quality": [q.name for q in Quality if q > offer.quality],
            "latency": [] if offer.latency is None else [offer.latency],
            "accelerator": [
                Place(d, t, required) for d in offer.devices if d != "cpu" for t in offer.dtypes
            ],
            "no_latency": ["none"] if offer.latency is None else [],
            "opt_in": [True] if offer.opt_in else [],
        }
        for name in (name for name in cases if name in metafunc.fixturenames):
            values = [pytest.param(value, id=str(value)) for value in cases[name]]
            nothing = pytest.param(None, marks=pytest.mark.autovoice_nothing)
            metafunc.parametrize(name, values or [nothing])


def entry_of(backend: str, operation: Operation) -> Entry:
    """Return the catalogue's entry of a backend."""
    for entry in catalogue().of(operation):
        if entry.name == backend:
            return entry
    raise pytest.Collector.CollectError(_absent(backend, operation))


def check_names(names: Iterable[str]) -> None:
    """Refuse names that are not among the offers."""
    for name in names:
        if not any(entry.name == name for entry in catalogue().offers):
            raise pytest.UsageError(f"--autovoice-backend: {_absent(name)}")


def offers_to(backend: str, contract: type[Contract]) -> bool:
    """Whether a backend offers the operation of a contract."""
    return any(entry.name == backend for entry in catalogue().of(contract.operation))


def label(backend: str) -> str:
    """Return a backend's name with its version, e.g. ``"cpu/nccf 0.1.0"``."""
    for entry in catalogue().offers:
        if entry.name == backend:
            return f"{backend} {entry.distribution.rpartition(' ')[2]}"
    return backend


def _absent(backend: str, operation: Operation | None = None) -> str:
    operations = OPERATIONS if operation is None else (operation,)
    names = [entry.name for one in operations for entry in catalogue().of(one)]
    plugin = backend.partition("/")[0]
    faults = [str(fault) for fault in catalogue().faults if fault.plugin == plugin]
    known = f"known are {', '.join(names)}" if names else "none is installed"
    what = f"the offers for {operation}" if operation else "the offers"
    hint = "" if faults else nearest(backend, names)
    return f"backend {backend!r} is not among {what}{hint}: {'; '.join([*faults, known])}"


def _need(place: Place) -> Need:
    return Need(devices=(place.device,), dtype=place.dtype)


@cache
def _opened(backend: str, operation: Operation, place: Place) -> Any:
    return select(operation, _need(place), name=backend).open()


def named(target: str) -> Any:
    """Return what ``"module:name"`` names."""
    module, _, name = target.partition(":")
    return getattr(import_module(module), name)


def same(one: Sequence[NDArray[Any]], other: Sequence[NDArray[Any]]) -> bool:
    """Whether two results are equal, bit by bit."""
    return len(one) == len(other) and all(
        a.dtype == b.dtype and np.array_equal(a, b) for a, b in zip(one, other, strict=True)
    )
