from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import pytest

from autovoice_core import (
    FallbackWarning,
    InputError,
    Need,
    NoBackend,
    PluginWarning,
    plan,
    select,
    using,
)
from autovoice_core.backends import Entry, Fault
from autovoice_core.backends.choice.ranking import rank_offers
from autovoice_core.backends.offer import SONG_OPERATIONS

Make = Callable[..., Entry]
Offering = Callable[..., None]

FAULT = Fault("sick", "sick-dist 2.0", "load", "importing it raised OSError: libgpu is gone")


class TestRefusals:
    def test_every_offer_every_reason_and_every_fault_is_told(
        self, offering: Offering, make_entry: Make, probes: list[str]
    ) -> None:
        offering(
            make_entry("a/x", devices=("cuda",), dtypes=("float16",)),
            make_entry("b/x", devices=("cuda", "cpu"), imports=("cupy",)),
            make_entry("c/x", probe="a_backend:refuse"),
            make_entry("d/x", "conversion"),
            faults=(FAULT,),
            missing=("cupy",),
        )
        with pytest.raises(NoBackend) as caught:
            select("pitch", Need(devices=("cuda", "cpu")))
        assert str(caught.value) == (
            "no backend serves pitch on cuda or cpu, float32: "
            "a/x (a-dist 1.0) works in float16, not in float32, runs on cuda, not on cpu; "
            "b/x (b-dist 1.0) needs a cuda device, which this machine lacks, needs cupy, not "
            "installed for this Python; "
            "c/x (c-dist 1.0) runs on cpu, not on cuda, failed its probe on cpu: RuntimeError: "
            "no kernel runs on cpu; "
            "plugin 'sick' (sick-dist 2.0) was left out: importing it raised OSError: libgpu is "
            "gone; run `autovoice backends --why pitch` for details"
        )

    def test_a_device_that_is_not_present_is_named(
        self, offering: Offering, make_entry: Make
    ) -> None:
        offering(make_entry())
        with pytest.raises(NoBackend) as caught:
            select("pitch", Need(devices=("cuda",)))
        assert str(caught.value) == (
            "no backend serves pitch on cuda, float32: this machine has no cuda device; "
            "mine/tracker (mine-dist 1.0) runs on cpu, not on cuda; "
            "run `autovoice backends --why pitch` for details"
        )

    def test_a_catalogue_without_offers_says_what_to_install(self, offering: Offering) -> None:
        offering(devices=("cpu",))
        with pytest.raises(NoBackend) as caught:
            select("separation")
        assert str(caught.value) == (
            "no backend serves separation on cpu, float32: no plugin offers one; install one, "
            "such as autovoice-cpu; run `autovoice backends --why separation` for details"
        )

    def test_without_a_speech_engine_another_plugin_is_named(self, offering: Offering) -> None:
        offering(devices=("cpu",))
        with pytest.raises(NoBackend, match=r"install one, such as autovoice-speech; "):
            select("speech")

    def test_an_unknown_operation_is_refused(self, offering: Offering) -> None:
        offering()
        with pytest.raises(InputError) as caught:
            select("pich")  # type: ignore[arg-type]
        assert str(caught.value) == (
            "operation: 'pich' is not one of separation, pitch, conversion, speech "
            "(did you mean 'pitch'?); choose one"
        )


class TestFallback:
    def test_falling_to_a_later_device_warns_once_with_the_reasons(
        self, offering: Offering, make_entry: Make, probes: list[str]
    ) -> None:
        offering(
            make_entry("a/gpu", devices=("cuda",), probe="a_backend:refuse"),
            make_entry("b/cpu"),
            devices=("cuda", "cpu"),
        )
        need = Need(devices=("cuda", "cpu"))
        with pytest.warns(FallbackWarning) as caught:
            assert select("pitch", need).device == "cpu"
        assert [str(item.message) for item in caught] == [
            "pitch falls back to cpu (b/cpu): b/cpu (b-dist 1.0) runs on cpu, not on cuda; "
            "a/gpu (a-dist 1.0) failed its probe on cuda: RuntimeError: no kernel runs on cuda"
        ]
        assert caught[0].filename == __file__
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            select("pitch", need)

    def test_auto_warns_of_a_device_that_an_offer_failed_on(
        self, offering: Offering, make_entry: Make
    ) -> None:
        offering(
            make_entry("a/gpu", devices=("cuda",), imports=("cupy",)),
            make_entry("b/cpu"),
            devices=("cuda", "cpu"),
            missing=("cupy",),
        )
        with pytest.warns(FallbackWarning) as caught:
            select("pitch", Need(devices=("auto",)))
        assert str(caught[0].message) == (
            "pitch falls back to cpu (b/cpu): a/gpu (a-dist 1.0) needs cupy, not installed for "
            "this Python; b/cpu (b-dist 1.0) runs on cpu, not on cuda"
        )

    def test_auto_is_silent_about_a_device_that_nobody_offers(
        self, offering: Offering, make_entry: Make
    ) -> None:
        offering(make_entry(), devices=("cuda", "cpu"))
        assert select("pitch", Need(devices=("auto",))).device == "cpu"

    def test_no_warning_where_the_first_device_serves(
        self, offering: Offering, make_entry: Make
    ) -> None:
        offering(make_entry("a/x", devices=("cuda",)), make_entry("b/x"))
        assert select("pitch", Need(devices=("cpu", "cuda"))).device == "cpu"


class TestPlan:
    def test_all_three_operations_share_a_device(
        self, offering: Offering, make_entry: Make
    ) -> None:
        entries = [make_entry(f"cpu/{op}", op) for op in SONG_OPERATIONS]
        entries += [make_entry("gpu/pitch", "pitch", devices=("cuda",))]
        entries += [make_entry("gpu/separation", "separation", devices=("cuda",))]
        offering(*entries, devices=("cuda", "cpu"))
        with pytest.warns(FallbackWarning) as caught:
            found = plan(Need(devices=("auto",)))
        assert found.device == "cpu"
        assert {getattr(found, op).device for op in SONG_OPERATIONS} == {"cpu"}
        assert [str(item.message) for item in caught] == [
            "all operations fall back to cpu: no backend serves conversion on cuda, float32: "
            "cpu/conversion (cpu-dist 1.0) runs on cpu, not on cuda"
        ]
        assert caught[0].filename == __file__

    def test_the_first_device_that_serves_all_is_taken(
        self, offering: Offering, make_entry: Make
    ) -> None:
        both = [make_entry(f"x/{op}", op, devices=("cpu", "cuda")) for op in SONG_OPERATIONS]
        offering(*both, devices=("cuda", "cpu"))
        assert plan(Need(devices=("cuda", "cpu"))).device == "cuda"
        assert plan().explain() == "\n".join(
            f"{op}: x/{op} (x-dist 1.0) on cpu, float32\n"
            f"  x/{op} ranks first of those that fit, with quality GOOD"
            for op in SONG_OPERATIONS
        )

    def test_names_hold_for_plans_too(self, offering: Offering, make_entry: Make) -> None:
        offering(*(make_entry(f"{n}/x", op) for n in "ab" for op in SONG_OPERATIONS))
        with using(pitch="b/x"):
            found = plan()
        assert (found.separation.backend, found.pitch.backend) == ("a/x", "b/x")

    def test_no_device_for_all_three_is_refused(self, offering: Offering, make_entry: Make) -> None:
        offering(make_entry("a/x"), make_entry("b/x", "separation"), faults=(FAULT,))
        with pytest.raises(NoBackend) as caught:
            plan()
        assert str(caught.value) == (
            "no device serves all three operations: no backend serves conversion on cpu, float32: "
            "no plugin offers one; install one, such as autovoice-cpu; plugin 'sick' (sick-dist "
            "2.0) was left out: importing it raised OSError: libgpu is gone; run `autovoice "
            "doctor` for details"
        )


def test_faults_are_warned_of_by_the_first_selection(
    write_plugin: Callable[..., Any],
) -> None:
    write_plugin("sick", "raise OSError('libgpu is gone')")
    with pytest.warns(PluginWarning, match="plugin 'sick'"):
        rank_offers("pitch")
