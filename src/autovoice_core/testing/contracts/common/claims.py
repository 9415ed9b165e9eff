"""Tests of an offer's claims: each holds, and whatever is not claimed is refused."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from autovoice_core._errors import InputError, NoBackend
from autovoice_core.backends.choice.ranking import rank_offers
from autovoice_core.backends.choice.selection import select
from autovoice_core.backends.need import Need
from autovoice_core.backends.offer import Quality
from autovoice_core.backends.plugins.probe import resolve
from autovoice_core.backends.wording import describe_error
from autovoice_core.testing.contracts.common.contract import (
    Place,
    failed_probe,
    identical,
    refusal,
    slow,
)
from autovoice_core.testing.contracts.common.processes import Processes
from autovoice_core.testing.contracts.common.tiers import Figures, shortfall


class Claims(Processes):
    """Tests of devices, precisions, options, imports and quality."""

    def test_known_failures_are_names_of_tests(self) -> None:
        unknown = [n for n in self.known_failures if not hasattr(self, n.partition("[")[0])]
        assert not unknown, f"known_failures: there is no test {', '.join(unknown)}; remove it"

    def test_the_offer_pickles(self) -> None:
        assert pickle.loads(pickle.dumps(self.entry)) == self.entry  # noqa: S301  # made here

    def test_the_package_says_that_it_is_typed(self) -> None:
        top = self.entry.offer.load.partition(":")[0].partition(".")[0]
        spec = find_spec(top)
        folders = list(spec.submodule_search_locations or ()) if spec else []
        assert any(Path(folder, "py.typed").exists() for folder in folders), (
            f"the package {top} has no py.typed; put an empty file of that name next to "
            "its __init__.py, so that type checkers read its annotations"
        )

    def test_the_probe_goes_through(self, place: Place) -> None:
        try:
            select(self.operation, self.need(place), name=self.backend)
        except NoBackend as error:
            failed = failed_probe(error)
            if failed and self.must_work(place):
                pytest.fail(f"{self.backend} {failed}\n\n{failed.traceback}", pytrace=False)
        self.choose(place)
        probe = self.entry.offer.probe
        if probe is not None:
            resolve(probe)(place.device)

    def test_every_place_claimed_is_known_to_the_factory(self, place: Place) -> None:
        error = self._factory_error(place.device, place.dtype)
        assert not isinstance(error, InputError), (
            f"the offer of {self.backend} claims {place.dtype} on {place.device}, "
            f"but its factory refuses that: {error}"
        )
        self.subject(place)

    def test_what_is_claimed_as_float16_is_not_float32(self, halved: Place) -> None:
        subject, wide = self.subject(halved), self.subject(evolve(halved, dtype="float32"))
        half, full = (self.sample_result(one) for one in (subject, wide))
        assert not identical(half, full), (
            f"{self.backend} claims float16 on {halved.device}, but gives the result of float32 to "
            "the bit; claim what it computes in"
        )

    @refusal
    def test_a_device_not_claimed_is_refused(self, unclaimed_device: str) -> None:
        dtype = self.entry.offer.dtypes[0]
        self.expect_rejection(Need(devices=(unclaimed_device,), dtype=dtype), "device")
        self._expect_factory_refusal(unclaimed_device, dtype)

    @refusal
    def test_a_dtype_not_claimed_is_refused(self, unclaimed_dtype: str) -> None:
        device = self.entry.offer.devices[0]
        self.expect_rejection(Need(devices=(device,), dtype=unclaimed_dtype), "dtype")
        self._expect_factory_refusal(device, unclaimed_dtype)

    @refusal
    def test_an_option_that_nobody_knows_is_refused(self, place: Place) -> None:
        chosen = self.choose(place)
        try:
            chosen.open(an_option_that_nobody_knows=1)
        except InputError:
            return
        pytest.fail(f"{self.backend} accepts an_option_that_nobody_knows=1; name its options")

    @refusal
    def test_it_is_left_out_unless_named(self, opt_in: bool) -> None:
        assert opt_in
        reasons = [
            reason.code
            for item in rank_offers(self.operation, Need(**self.base_need))
            if item.entry == self.entry
            for reason in item.reasons
        ]
        assert "opt-in" in reasons, (
            f"{self.backend} is opt-in, but is considered without being named"
        )

    @slow
    def test_the_quality_claimed_is_measured(self, place: Place, claimed_quality: str) -> None:
        shortfalls = shortfall(self.operation, Quality[claimed_quality], self._figures(place))
        assert not shortfalls, (
            f"{self.backend} claims quality {self.entry.offer.quality.name}, but for "
            f"{claimed_quality} {'; '.join(shortfalls)}"
        )

    @refusal
    @slow
    def test_a_quality_not_claimed_is_refused(self, place: Place, unclaimed_quality: str) -> None:
        higher = Quality[unclaimed_quality]
        self.expect_rejection(Need(**self.base_need, min_quality=higher), "quality")
        assert shortfall(self.operation, higher, self._figures(place)), (
            f"{self.backend} claims quality {self.entry.offer.quality.name} but measures as "
            f"{unclaimed_quality}; claim it"
        )

    def _figures(self, place: Place) -> Figures:
        return _quality_figures(type(self).quality_figures, self.subject(place))

    def _factory_error(self, device: str, dtype: str) -> Exception | None:
        try:
            resolve(self.entry.offer.load)(device=device, dtype=dtype)
        except Exception as error:  # noqa: BLE001  # any error is an answer
            return error
        return None

    def _expect_factory_refusal(self, device: str, dtype: str) -> None:
        error = self._factory_error(device, dtype)
        if error is None:
            pytest.fail(
                f"the factory of {self.backend} opens in {dtype} on {device}, which its offer does "
                "not claim; claim it, or raise InputError"
            )
        if not isinstance(error, InputError):
            self.skip_if_missing()
            pytest.fail(
                f"the factory of {self.backend} called for {dtype} on {device} raises "
                f"{describe_error(error)}; raise InputError for what the offer does not claim"
            )


@cache
def _quality_figures(measure: Callable[[Any], Figures], subject: Any) -> Figures:
    return measure(subject)
