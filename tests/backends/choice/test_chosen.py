from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from attrs import make_class
from guard_helpers import (
    Anything,
    refusal,
)

from autovoice_core import (
    BackendError,
    InputError,
    Provenance,
    select,
)
from autovoice_core.backends import Entry, Fault, setting

FAULT = Fault("sick", "sick-dist 2.0", "load", "importing it raised OSError: libgpu is gone")


class TestExplaining:
    def test_it_says_what_will_run(
        self, offering: Callable[..., None], make_entry: Callable[..., Entry]
    ) -> None:
        offering(make_entry(), make_entry("other/x"), faults=(FAULT,))
        chosen = select("pitch")
        assert chosen.provenance == Provenance(
            "pitch", "mine/tracker", "mine-dist 1.0", "cpu", "float32"
        )
        assert (chosen.operation, chosen.distribution) == ("pitch", "mine-dist 1.0")
        assert chosen.explain().splitlines()[2:] == [
            "  other/x (other-dist 1.0) equals mine/tracker, which comes first by name",
            "  plugin 'sick' (sick-dist 2.0) was left out: importing it raised OSError: libgpu "
            "is gone",
        ]


class TestOpening:
    @pytest.fixture
    def chosen(
        self,
        offering: Callable[..., None],
        make_entry: Callable[..., Entry],
        backend_module: ModuleType,
    ) -> Any:
        def open_it(*, device: str, dtype: str, fmin: float = 60, fmax: float = 1000) -> Anything:
            if fmin > fmax:
                raise InputError(f"fmin: {fmin} Hz is above fmax; lower it")
            made = Anything(lambda m: m)
            made.arguments = (device, dtype, fmin, fmax)  # type: ignore[attr-defined]
            return made

        backend_module.open_it = open_it  # type: ignore[attr-defined]
        offering(make_entry("mine/x", "separation"))
        return select("separation")

    def test_an_opened_backend_is_told_device_dtype_and_options(self, chosen: Any) -> None:
        opened = chosen.open(fmin=80)
        assert opened.inner.arguments == ("cpu", "float32", 80, 1000)
        assert opened.provenance == chosen.provenance

    @pytest.mark.parametrize(
        ("name", "message"),
        [
            (
                "fmaxx",
                "fmaxx: mine/x has no such option (did you mean 'fmax'?); it takes fmin, fmax",
            ),
            ("device", "device: mine/x has no such option; it takes fmin, fmax"),
        ],
    )
    def test_an_unknown_option_is_refused(self, chosen: Any, name: str, message: str) -> None:
        assert refusal(InputError, lambda: chosen.open(**{name: 1})) == message

    def test_a_factory_without_options_says_so(
        self, chosen: Any, backend_module: ModuleType
    ) -> None:
        backend_module.open_it = lambda device, dtype: None  # type: ignore[attr-defined]
        assert refusal(InputError, lambda: chosen.open(fast=True)) == (
            "fast: mine/x has no such option; it takes none"
        )

    def test_a_factory_may_take_any_option(self, chosen: Any, backend_module: ModuleType) -> None:
        backend_module.open_it = lambda **options: Anything(options)  # type: ignore[attr-defined]
        assert chosen.open(fast=True).inner.answer["fast"] is True
        assert refusal(InputError, lambda: chosen.open(dtype=1)) == (
            "dtype: mine/x has no such option; it takes none"
        )

    def test_a_value_that_will_not_do_is_the_callers_fault(self, chosen: Any) -> None:
        assert refusal(InputError, lambda: chosen.open(fmin=2000)) == (
            "fmin: 2000 Hz is above fmax; lower it"
        )

    def test_an_implementation_that_can_not_be_loaded_is_a_backend_error(
        self, chosen: Any, backend_module: ModuleType
    ) -> None:
        del backend_module.open_it
        with pytest.raises(BackendError) as caught:
            chosen.open()
        assert str(caught.value) == (
            "mine/x (mine-dist 1.0) could not be opened on cpu: AttributeError: module 'a_backend' "
            "has no attribute 'open_it'; choose another backend or reinstall this one"
        )
        assert caught.value.provenance == chosen.provenance

    @pytest.mark.parametrize(
        ("factory", "fault"),
        [
            (lambda device: None, "no parameter dtype, which every factory has"),
            (lambda device, dtype, /: None, "no parameter device and dtype, which every factory "
             "has"),
        ],
    )  # fmt: skip
    def test_a_factory_that_does_not_take_what_all_are_given_is_named(
        self, chosen: Any, backend_module: ModuleType, factory: Any, fault: str
    ) -> None:
        backend_module.open_it = factory  # type: ignore[attr-defined]
        assert refusal(BackendError, lambda: chosen.open()) == (
            f"mine/x (mine-dist 1.0) could not be opened on cpu: its factory has {fault}; choose "
            "another backend or update this one"
        )

    def test_a_factory_without_the_settings_of_its_offer_is_named(
        self,
        offering: Callable[..., None],
        make_entry: Callable[..., Entry],
        backend_module: ModuleType,
    ) -> None:
        backend_module.open_it = lambda device, dtype: None  # type: ignore[attr-defined]
        declared = make_class("Declared", {"size": setting(1, help="its size")})
        offering(make_entry("mine/x", "separation", settings=declared))
        assert refusal(BackendError, lambda: select("separation").open()) == (
            "mine/x (mine-dist 1.0) could not be opened on cpu: its factory has no parameter "
            "settings, though its offer declares settings; choose another backend or update this "
            "one"
        )

    def test_a_factory_can_not_end_the_program(
        self, chosen: Any, backend_module: ModuleType
    ) -> None:
        def leave(*, device: str, dtype: str) -> None:
            raise SystemExit("no licence")

        backend_module.open_it = leave  # type: ignore[attr-defined]
        with pytest.raises(BackendError, match="on cpu: SystemExit: no licence; choose another"):
            chosen.open()
