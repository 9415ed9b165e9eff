"""Every claim of an offer is exercised; every claim not made is asked for and must be refused."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from autovoice_core._errors import InputError
from autovoice_core.backends.offer import Need, Quality
from autovoice_core.backends.probing import resolve
from autovoice_core.backends.selection import consider
from autovoice_core.backends.wording import described
from autovoice_core.testing.contracts.base import Contract, Place, refusal
from autovoice_core.testing.contracts.licences import weights_of
from autovoice_core.testing.contracts.tiers import shortfall


class Claims(Contract):
    """The facts of an offer."""

    def test_known_failures_are_names_of_tests(self) -> None:
        unknown = [n for n in self.known_failures if not hasattr(self, n.partition("[")[0])]
        assert not unknown, f"known_failures: there is no test {', '.join(unknown)}; remove it"

    def test_the_entry_point_imports_nothing_heavy(self) -> None:
        heavy = _seen(self.backend, self.operation)["heavy"]
        assert not heavy, (
            f"the plugin of {self.who} imports {', '.join(heavy)} before it is chosen; "
            "name implementations as 'module:name' and import there"
        )

    def test_the_modules_it_needs_are_those_it_names(self) -> None:
        seen = _seen(self.backend, self.operation)
        if seen["error"]:
            pytest.skip(f"unavailable here: {seen['error']}")
        named = set(self.entry.offer.imports)
        unnamed = sorted(set(seen["used"]) - named)
        assert not unnamed, (
            f"{self.who} imports {', '.join(unnamed)}, which its offer does not name in imports"
        )
        # Of some packages only the weights are wanted.
        unused = sorted(
            name for name in named - set(seen["loaded"]) if next(weights_of(name), None) is None
        )
        assert not unused, (
            f"the offer of {self.who} names {', '.join(unused)} in imports, which it does not use"
        )

    def test_the_offer_pickles(self) -> None:
        assert pickle.loads(pickle.dumps(self.entry)) == self.entry  # noqa: S301  # made here

    def test_the_package_says_that_it_is_typed(self) -> None:
        top = self.entry.offer.load.partition(":")[0].partition(".")[0]
        spec = find_spec(top)
        folders = list(spec.submodule_search_locations or ()) if spec else []
        assert any(Path(folder, "py.typed").exists() for folder in folders), (
            f"the package {top} has no py.typed; put an empty file of that name beside its "
            "__init__.py, so that type checkers read its annotations"
        )

    def test_the_probe_goes_through(self, place: Place) -> None:
        self.choose(place)
        probe = self.entry.offer.probe
        if probe is not None:
            resolve(probe)(place.device)

    def test_every_place_claimed_is_known_to_the_factory(self, place: Place) -> None:
        error = self._asked(place.device, place.dtype)
        assert not isinstance(error, InputError), (
            f"the offer of {self.who} claims {place.dtype} on {place.device}, "
            f"but its factory refuses that: {error}"
        )
        self.subject(place)

    @refusal
    def test_a_device_not_claimed_is_refused(self, foreign_device: str) -> None:
        dtype = self.entry.offer.dtypes[0]
        self.refused_by_selection(Need(devices=(foreign_device,), dtype=dtype), "device")
        self._refused_by_factory(foreign_device, dtype)

    @refusal
    def test_a_dtype_not_claimed_is_refused(self, foreign_dtype: str) -> None:
        device = self.entry.offer.devices[0]
        self.refused_by_selection(Need(devices=(device,), dtype=foreign_dtype), "dtype")
        self._refused_by_factory(device, foreign_dtype)

    @refusal
    def test_an_option_that_nobody_knows_is_refused(self, place: Place) -> None:
        chosen = self.choose(place)
        try:
            chosen.open(an_option_that_nobody_knows=1)
        except InputError:
            return
        pytest.fail(f"{self.who} opens with an_option_that_nobody_knows=1; name its options")

    @refusal
    def test_it_is_left_out_unless_named(self, opt_in: bool) -> None:
        assert opt_in
        reasons = [
            reason.code
            for item in consider(self.operation, Need(**self.where))
            if item.entry == self.entry
            for reason in item.reasons
        ]
        assert "opt-in" in reasons, f"{self.who} is opt-in but was considered without its name"

    def test_the_quality_claimed_is_measured(self, place: Place, claimed_quality: str) -> None:
        missed = shortfall(self.operation, Quality[claimed_quality], self._figures(place))
        assert not missed, (
            f"{self.who} claims quality {self.entry.offer.quality.name}, but for "
            f"{claimed_quality} {'; '.join(missed)}"
        )

    @refusal
    def test_a_quality_not_claimed_is_refused(self, place: Place, higher_quality: str) -> None:
        higher = Quality[higher_quality]
        self.refused_by_selection(Need(**self.where, min_quality=higher), "quality")
        assert shortfall(self.operation, higher, self._figures(place)), (
            f"{self.who} claims quality {self.entry.offer.quality.name} but measures as "
            f"{higher_quality}; claim it"
        )

    def _figures(self, place: Place) -> dict[str, float]:
        return _measured(type(self).measured, self.subject(place))

    def _asked(self, device: str, dtype: str) -> Exception | None:
        try:
            resolve(self.entry.offer.load)(device=device, dtype=dtype)
        except Exception as error:  # noqa: BLE001  # what it raises is its answer
            return error
        return None

    def _refused_by_factory(self, device: str, dtype: str) -> None:
        error = self._asked(device, dtype)
        if error is None:
            pytest.fail(
                f"the factory of {self.who} opens in {dtype} on {device}, which its offer does not "
                "claim; claim it, or raise InputError"
            )
        if not isinstance(error, InputError):
            self.skip_where_missing()
            pytest.fail(
                f"the factory of {self.who}, asked for {dtype} on {device}, raises "
                f"{described(error)}; raise InputError for what the offer does not claim"
            )


@cache
def _measured(measure: Any, subject: Any) -> dict[str, float]:
    figures: dict[str, float] = measure(subject)
    return figures


@cache
def _seen(backend: str, operation: str) -> dict[str, Any]:
    """Return what a fresh Python imports on the way to an open backend."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-m", "autovoice_core.testing.contracts.importing"]
    done = subprocess.run(  # noqa: S603  # our own module
        [*command, backend, operation], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.fail(f"a fresh Python can't load {backend}:\n{done.stderr[-2000:]}", pytrace=False)
    seen: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return seen
