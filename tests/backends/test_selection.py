from __future__ import annotations

import threading
import warnings
from collections.abc import Callable
from contextlib import suppress
from types import ModuleType
from typing import Any

import pytest

from autovoice_core import (
    FallbackWarning,
    InputError,
    Need,
    NoBackend,
    PluginWarning,
    Provenance,
    Quality,
    UnknownBackend,
    plan,
    select,
    using,
)
from autovoice_core.backends import OPERATIONS, Entry, Fault
from autovoice_core.backends.naming import Asked, in_force
from autovoice_core.backends.ranking import consider

Make = Callable[..., Entry]
Offering = Callable[..., None]

FAULT = Fault("sick", "sick-dist 2.0", "load", "importing it raised OSError: libgpu is gone")


def refuse(device: str) -> None:
    raise RuntimeError(f"no kernel runs on {device}")


@pytest.fixture
def probes(backend_module: ModuleType) -> list[str]:
    """The devices that ``a_backend:probe`` was called with."""
    calls: list[str] = []
    backend_module.probe = calls.append  # type: ignore[attr-defined]
    backend_module.refuse = refuse  # type: ignore[attr-defined]
    return calls


class TestRanking:
    def test_the_preferred_device_comes_before_quality(
        self, offering: Offering, make_entry: Make
    ) -> None:
        offering(
            make_entry("a/best", quality=Quality.BEST),
            make_entry("b/draft", quality=Quality.DRAFT, devices=("cuda",)),
            devices=("cuda", "cpu"),
        )
        chosen = select("pitch", Need(devices=("cuda", "cpu")))
        assert (chosen.backend, chosen.device) == ("b/draft", "cuda")

    def test_quality_comes_before_latency_and_latency_before_the_name(
        self, offering: Offering, make_entry: Make
    ) -> None:
        offering(
            make_entry("a/late", latency=0.2),
            make_entry("b/soon", latency=0.1),
            make_entry("c/soon", latency=0.1),
            make_entry("d/best", quality=Quality.BEST),
            make_entry("e/offline"),
        )
        names = [item.entry.name for item in consider("pitch")]
        assert names == ["d/best", "b/soon", "c/soon", "a/late", "e/offline"]

    def test_a_lower_rank_has_its_reason(self, offering: Offering, make_entry: Make) -> None:
        offering(
            make_entry("a/x", latency=0.1, devices=("cpu", "cuda")),
            make_entry("b/x", latency=0.2),
            make_entry("c/x", latency=0.1),
            make_entry("d/x", quality=Quality.DRAFT),
            make_entry("e/x"),
            devices=("cuda", "cpu"),
        )
        found = select("pitch", Need(devices=("cpu", "cuda")))
        assert found.explain().splitlines()[2:] == [
            "  c/x (c-dist 1.0) equals a/x, which comes first by name, runs on cpu, not on cuda",
            "  b/x (b-dist 1.0) has more latency than a/x, runs on cpu, not on cuda",
            "  e/x (e-dist 1.0) can't stream, unlike a/x, runs on cpu, not on cuda",
            "  d/x (d-dist 1.0) is of quality DRAFT, under a/x, runs on cpu, not on cuda",
            "  a/x (a-dist 1.0) fits on cuda, which comes after cpu",
        ]

    def test_auto_takes_the_fastest_device_found(
        self, offering: Offering, make_entry: Make
    ) -> None:
        offering(make_entry(devices=("cpu", "cuda")), devices=("cuda", "cpu"))
        assert select("pitch", Need(devices=("auto",))).device == "cuda"

    def test_nothing_but_the_devices_asked_for_is_used(
        self, offering: Offering, make_entry: Make
    ) -> None:
        offering(make_entry(devices=("cpu", "cuda")), devices=("cuda", "cpu"))
        assert select("pitch").device == "cpu"

    def test_the_dtype_asked_for_is_promised(self, offering: Offering, make_entry: Make) -> None:
        offering(make_entry(dtypes=("float32", "float16")))
        assert select("pitch", Need(dtype="float16")).dtype == "float16"


class TestProbing:
    def test_a_probe_runs_once_for_offer_and_device(
        self, offering: Offering, make_entry: Make, probes: list[str]
    ) -> None:
        offering(
            make_entry(devices=("cpu", "cuda"), probe="a_backend:probe"), devices=("cuda", "cpu")
        )
        for device in ("cpu", "cuda", "cpu", "cuda"):
            select("pitch", Need(devices=(device,)))
        assert probes == ["cpu", "cuda"]

    def test_only_those_up_to_the_first_that_works_are_probed(
        self, offering: Offering, make_entry: Make, probes: list[str]
    ) -> None:
        offering(
            make_entry("a/best", quality=Quality.BEST, probe="a_backend:refuse"),
            make_entry("b/good", probe="a_backend:probe"),
            make_entry("c/good", probe="a_backend:probe"),
        )
        chosen = select("pitch")
        assert chosen.backend == "b/good"
        assert probes == ["cpu"]
        assert chosen.explain() == (
            "pitch: b/good (b-dist 1.0) on cpu, float32\n"
            "  b/good ranks first of those that fit\n"
            "  c/good (c-dist 1.0) equals b/good, which comes first by name\n"
            "  a/best (a-dist 1.0) failed its probe on cpu: RuntimeError: no kernel runs on cpu"
        )

    def test_a_probe_can_not_end_the_program(
        self, offering: Offering, make_entry: Make, backend_module: ModuleType
    ) -> None:
        def leave(device: str) -> None:
            raise SystemExit(f"no {device}")

        backend_module.probe = leave  # type: ignore[attr-defined]
        offering(make_entry(probe="a_backend:probe"))
        with pytest.raises(NoBackend) as caught:
            select("pitch")
        assert str(caught.value) == (
            "no backend serves pitch on cpu, float32: mine/tracker (mine-dist 1.0) failed its "
            "probe on cpu: SystemExit: no cpu; `autovoice backends --why pitch` tells more"
        )

    def test_comparing_does_not_probe(
        self, offering: Offering, make_entry: Make, probes: list[str]
    ) -> None:
        offering(make_entry(probe="a_backend:probe"))
        (found,) = consider("pitch")
        assert not found.reasons
        assert not probes

    def test_a_device_that_can_not_be_looked_for_is_left_to_the_probe(
        self, offering: Offering, make_entry: Make, probes: list[str]
    ) -> None:
        offering(make_entry(devices=("tpu",), probe="a_backend:probe"))
        assert select("pitch", Need(devices=("tpu",))).device == "tpu"
        assert probes == ["tpu"]


class TestNames:
    def test_a_name_overrules_the_rank(self, offering: Offering, make_entry: Make) -> None:
        offering(make_entry("a/best", quality=Quality.BEST), make_entry("b/draft"))
        chosen = select("pitch", name="b/draft")
        assert chosen.explain() == (
            "pitch: b/draft (b-dist 1.0) on cpu, float32\n  b/draft was named by the argument"
        )

    def test_the_argument_comes_first_then_using_then_the_environment(
        self, offering: Offering, make_entry: Make, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        offering(*(make_entry(name) for name in ("a/x", "b/x", "c/x", "d/x")))
        assert select("pitch").backend == "a/x"
        monkeypatch.setenv("AUTOVOICE_PITCH", "b/x")
        assert select("pitch").because == "was named by the environment variable AUTOVOICE_PITCH"
        with using(pitch="c/x"):
            assert select("pitch").because == "was named by using(pitch=...)"
            assert select("pitch", name="d/x").backend == "d/x"
        assert select("pitch").backend == "b/x"

    def test_an_empty_variable_names_nothing(
        self, offering: Offering, make_entry: Make, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        offering(make_entry())
        monkeypatch.setenv("AUTOVOICE_PITCH", " ")
        assert select("pitch").because == "ranks first of those that fit"

    def test_using_nests_and_ends_with_its_block(
        self, offering: Offering, make_entry: Make
    ) -> None:
        offering(*(make_entry(f"{n}/x", op) for n in "abc" for op in OPERATIONS))
        with using(pitch="b/x", conversion="b/x"):
            with suppress(RuntimeError), using(pitch="c/x"):
                assert select("pitch").backend == "c/x"
                assert select("conversion").backend == "b/x"
                raise RuntimeError
            assert select("pitch").backend == "b/x"
        assert select("pitch").backend == "a/x"

    def test_a_name_from_elsewhere_says_where(self, offering: Offering, make_entry: Make) -> None:
        offering(make_entry("a/x"), make_entry("b/x"))
        with using(pitch="a/x"), in_force({"pitch": Asked("b/x", "the option --backend")}):
            assert select("pitch").explain().splitlines()[1] == (
                "  b/x was named by the option --backend"
            )

    def test_using_holds_for_its_own_thread(self, offering: Offering, make_entry: Make) -> None:
        offering(make_entry("a/x"), make_entry("b/x"))
        found: list[str] = []

        def look() -> None:
            found.append(select("pitch").backend)

        with using(pitch="b/x"):
            thread = threading.Thread(target=look)
            thread.start()
            thread.join()
            look()
        assert found == ["a/x", "b/x"]

    def test_an_opt_in_offer_needs_naming(self, offering: Offering, make_entry: Make) -> None:
        offering(make_entry(opt_in=True))
        assert select("pitch", name="mine/tracker").backend == "mine/tracker"
        with pytest.raises(NoBackend) as caught:
            select("pitch")
        assert str(caught.value) == (
            "no backend serves pitch on cpu, float32: mine/tracker (mine-dist 1.0) is used only "
            "when asked for by name; `autovoice backends --why pitch` tells more"
        )

    @pytest.mark.parametrize(
        ("name", "message"),
        [
            (
                "cpu/ncff",
                "backend 'cpu/ncff', named by the argument, is not among the offers for pitch "
                "(did you mean 'cpu/nccf'?): known are cpu/nccf, cpu/swift",
            ),
            (
                "swift",
                "backend 'swift', named by the argument, is not among the offers for pitch "
                "(did you mean 'cpu/swift'?): known are cpu/nccf, cpu/swift",
            ),
            (
                "0",
                "backend '0', named by the argument, is not among the offers for pitch: "
                "known are cpu/nccf, cpu/swift",
            ),
            (
                "cpu/dtw",
                "backend 'cpu/dtw', named by the argument, is not among the offers for pitch: "
                "cpu/dtw is for conversion; known are cpu/nccf, cpu/swift",
            ),
            (
                "sick/x",
                "backend 'sick/x', named by the argument, is not among the offers for pitch: "
                "plugin 'sick' (sick-dist 2.0) was left out: importing it raised OSError: libgpu "
                "is gone; known are cpu/nccf, cpu/swift",
            ),
        ],
    )
    def test_an_unknown_name_is_refused(
        self, offering: Offering, make_entry: Make, name: str, message: str
    ) -> None:
        offering(
            make_entry("cpu/nccf"),
            make_entry("cpu/swift"),
            make_entry("cpu/dtw", "conversion"),
            faults=(FAULT,),
        )
        with pytest.raises(UnknownBackend) as caught:
            select("pitch", name=name)
        assert str(caught.value) == message

    def test_an_unknown_name_is_refused_where_nothing_is_installed(
        self, offering: Offering, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        offering()
        monkeypatch.setenv("AUTOVOICE_PITCH", "cpu/nccf")
        with pytest.raises(UnknownBackend) as caught:
            select("pitch")
        assert str(caught.value) == (
            "backend 'cpu/nccf', named by the environment variable AUTOVOICE_PITCH, is not among "
            "the offers for pitch: none is installed"
        )

    def test_a_named_backend_that_can_not_serve_is_refused(
        self, offering: Offering, make_entry: Make, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        offering(make_entry("a/x"), make_entry("b/x", devices=("cuda",)))
        monkeypatch.setenv("AUTOVOICE_PITCH", "b/x")
        with pytest.raises(NoBackend) as caught:
            select("pitch")
        assert str(caught.value) == (
            "backend 'b/x', named by the environment variable AUTOVOICE_PITCH, can't serve pitch "
            "on cpu, float32: b/x (b-dist 1.0) runs on cuda, not on cpu; "
            "`autovoice backends --why pitch` tells more"
        )


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
            "gone; `autovoice backends --why pitch` tells more"
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
            "`autovoice backends --why pitch` tells more"
        )

    def test_a_catalogue_without_offers_says_what_to_install(self, offering: Offering) -> None:
        offering(devices=("cpu",))
        with pytest.raises(NoBackend) as caught:
            select("separation")
        assert str(caught.value) == (
            "no backend serves separation on cpu, float32: no plugin offers one; install one, "
            "such as autovoice-cpu; `autovoice backends --why separation` tells more"
        )

    def test_an_unknown_operation_is_refused(self, offering: Offering) -> None:
        offering()
        with pytest.raises(InputError) as caught:
            select("pich")  # type: ignore[arg-type]
        assert str(caught.value) == (
            "operation: 'pich' is none of separation, pitch, conversion "
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
        entries = [make_entry(f"cpu/{op}", op) for op in OPERATIONS]
        entries += [make_entry("gpu/pitch", "pitch", devices=("cuda",))]
        entries += [make_entry("gpu/separation", "separation", devices=("cuda",))]
        offering(*entries, devices=("cuda", "cpu"))
        with pytest.warns(FallbackWarning) as caught:
            found = plan(Need(devices=("auto",)))
        assert found.device == "cpu"
        assert {getattr(found, op).device for op in OPERATIONS} == {"cpu"}
        assert [str(item.message) for item in caught] == [
            "all operations fall back to cpu: no backend serves conversion on cuda, float32: "
            "cpu/conversion (cpu-dist 1.0) runs on cpu, not on cuda"
        ]
        assert caught[0].filename == __file__

    def test_the_first_device_that_serves_all_is_taken(
        self, offering: Offering, make_entry: Make
    ) -> None:
        both = [make_entry(f"x/{op}", op, devices=("cpu", "cuda")) for op in OPERATIONS]
        offering(*both, devices=("cuda", "cpu"))
        assert plan(Need(devices=("cuda", "cpu"))).device == "cuda"
        assert plan().explain() == "\n".join(
            f"{op}: x/{op} (x-dist 1.0) on cpu, float32\n  x/{op} ranks first of those that fit"
            for op in OPERATIONS
        )

    def test_names_hold_for_plans_too(self, offering: Offering, make_entry: Make) -> None:
        offering(*(make_entry(f"{n}/x", op) for n in "ab" for op in OPERATIONS))
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
            "2.0) was left out: importing it raised OSError: libgpu is gone; `autovoice doctor` "
            "tells more"
        )


class TestChosen:
    def test_it_says_what_will_run(self, offering: Offering, make_entry: Make) -> None:
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


def test_faults_are_warned_of_by_the_first_selection(
    write_plugin: Callable[..., Any],
) -> None:
    write_plugin("sick", "raise OSError('libgpu is gone')")
    with pytest.warns(PluginWarning, match="plugin 'sick'"):
        consider("pitch")
