from __future__ import annotations

from collections.abc import Callable

from autovoice_core import (
    Need,
    Quality,
    select,
)
from autovoice_core.backends import Entry
from autovoice_core.backends.choice.ranking import rank_offers

Make = Callable[..., Entry]
Offering = Callable[..., None]


def test_the_preferred_device_comes_before_quality(offering: Offering, make_entry: Make) -> None:
    offering(
        make_entry("a/best", quality=Quality.BEST),
        make_entry("b/draft", quality=Quality.DRAFT, devices=("cuda",)),
        devices=("cuda", "cpu"),
    )
    chosen = select("pitch", Need(devices=("cuda", "cpu")))
    assert (chosen.backend, chosen.device) == ("b/draft", "cuda")


def test_quality_comes_before_latency_and_latency_before_the_name(
    offering: Offering, make_entry: Make
) -> None:
    offering(
        make_entry("a/late", latency=0.2),
        make_entry("b/soon", latency=0.1),
        make_entry("c/soon", latency=0.1),
        make_entry("d/best", quality=Quality.BEST),
        make_entry("e/offline"),
    )
    names = [item.entry.name for item in rank_offers("pitch")]
    assert names == ["d/best", "b/soon", "c/soon", "a/late", "e/offline"]


def test_a_lower_rank_has_its_reason(offering: Offering, make_entry: Make) -> None:
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


def test_auto_takes_the_fastest_device_found(offering: Offering, make_entry: Make) -> None:
    offering(make_entry(devices=("cpu", "cuda")), devices=("cuda", "cpu"))
    assert select("pitch", Need(devices=("auto",))).device == "cuda"


def test_nothing_but_the_devices_asked_for_is_used(offering: Offering, make_entry: Make) -> None:
    offering(make_entry(devices=("cpu", "cuda")), devices=("cuda", "cpu"))
    assert select("pitch").device == "cpu"


def test_the_dtype_asked_for_is_promised(offering: Offering, make_entry: Make) -> None:
    offering(make_entry(dtypes=("float32", "float16")))
    assert select("pitch", Need(dtype="float16")).dtype == "float16"
