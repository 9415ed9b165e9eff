from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from autovoice_core import Licence, Need, Offer, Quality
from autovoice_core.backends import Entry
from autovoice_core.backends.choice.matching import allowed_devices, mismatches
from autovoice_core.backends.plugins.host import Host

Make = Callable[..., Entry]
MIT = Licence("MIT")


@pytest.mark.parametrize(
    ("offer", "need", "host", "reasons"),
    [
        (
            {"devices": ("cuda", "rocm")},
            {"devices": ("cpu", "metal")},
            {},
            [("facts", "device", "runs on cuda and rocm, not on cpu or metal")],
        ),
        (
            {"dtypes": ("float32",)},
            {"dtype": "float16"},
            {},
            [("facts", "dtype", "works in float32, not in float16")],
        ),
        ({}, {"max_latency": 0.1}, {}, [("facts", "latency", "can't stream")]),
        (
            {"latency": 0.2},
            {"max_latency": 0.1},
            {},
            [("facts", "latency", "has a latency of 0.2 s, over 0.1 s")],
        ),
        (
            {"quality": Quality.DRAFT},
            {"min_quality": Quality.GOOD},
            {},
            [("facts", "quality", "is of quality DRAFT, under GOOD")],
        ),
        (
            {"licence": Licence("MIT", "CC-BY-NC-4.0")},
            {"licences": ("MIT",)},
            {},
            [
                (
                    "facts",
                    "licence",
                    "has weights under CC-BY-NC-4.0, which is not among the licences allowed",
                )
            ],
        ),
        (
            {"licence": Licence("unstated")},
            {"licences": ("unstated", "MIT")},
            {},
            [
                (
                    "facts",
                    "licence",
                    "has code under unstated, which is not among the licences allowed",
                )
            ],
        ),
        ({"opt_in": True}, {}, {}, [("facts", "opt-in", "is used only when asked for by name")]),
        (
            {"devices": ("cuda", "cpu")},
            {"devices": ("cuda",)},
            {},
            [("host", "device", "needs a cuda device, which this machine lacks")],
        ),
        (
            {"imports": ("numba", "scipy", "json")},
            {},
            {"missing_modules": frozenset({"numba", "scipy"})},
            [("host", "import", "needs numba and scipy, not installed for this Python")],
        ),
        (
            {"imports": ("torch",), "extra": "crepe"},
            {},
            {"missing_modules": frozenset({"torch"})},
            [
                (
                    "host",
                    "import",
                    "needs torch, not installed for this Python; pip install 'mine-dist[crepe]'",
                )
            ],
        ),
        (
            {"devices": ("tpu",)},
            {"devices": ("tpu",)},
            {},
            [("host", "probe", "has no probe, without which tpu can't be detected")],
        ),
        # What the host lacks is told only of offers that would do.
        (
            {"devices": ("cuda",), "imports": ("cupy",), "dtypes": ("float16",)},
            {"devices": ("cuda",)},
            {"missing_modules": frozenset({"cupy"})},
            [("facts", "dtype", "works in float16, not in float32")],
        ),
        # Every reason of a stage is told.
        (
            {"devices": ("cuda",), "opt_in": True},
            {"max_latency": 1},
            {},
            [
                ("facts", "opt-in", "is used only when asked for by name"),
                ("facts", "device", "runs on cuda, not on cpu"),
                ("facts", "latency", "can't stream"),
            ],
        ),
    ],
)
def test_a_misfit_has_its_reasons(
    make_entry: Make,
    offer: dict[str, Any],
    need: dict[str, Any],
    host: dict[str, Any],
    reasons: list[tuple[str, str, str]],
) -> None:
    found = mismatches(make_entry(**offer), Need(**need), Host(**host))
    assert [(reason.stage, reason.code, reason.text) for reason in found] == reasons
    assert [str(reason) for reason in found] == [text for _, _, text in reasons]


@pytest.mark.parametrize(
    ("offer", "need", "host"),
    [
        ({}, {}, {}),
        ({"devices": ("cuda", "cpu")}, {"devices": ("cuda", "cpu")}, {}),
        ({"devices": ("cuda",)}, {"devices": ("auto",)}, {"devices": ("cuda", "cpu")}),
        ({"devices": ("tpu",), "probe": "a:probe"}, {"devices": ("tpu",)}, {}),
        ({"latency": 0.1}, {"max_latency": 0.1}, {}),
        ({"quality": Quality.GOOD}, {"min_quality": Quality.GOOD}, {}),
        ({"licence": Licence("MIT")}, {"licences": ("mit",)}, {}),
        ({"licence": Licence("GPL-3.0-only OR MIT")}, {"licences": ("MIT",)}, {}),
        ({"licence": Licence("ISC AND MIT")}, {"licences": ("MIT", "ISC")}, {}),
        ({"licence": Licence("(A OR B) AND C")}, {"licences": ("(A OR B) AND C",)}, {}),
    ],
)
def test_what_fits_has_no_reasons(
    make_entry: Make, offer: dict[str, Any], need: dict[str, Any], host: dict[str, Any]
) -> None:
    assert mismatches(make_entry(**offer), Need(**need), Host(**host)) == ()


@pytest.mark.parametrize("licence", ["ISC AND MIT", "(MIT OR ISC)", "GPL-3.0-only OR ISC"])
def test_an_expression_is_not_permitted_by_a_part_of_it(make_entry: Make, licence: str) -> None:
    entry = make_entry(licence=Licence(licence))
    assert mismatches(entry, Need(licences=("MIT",)), Host())


def test_naming_an_offer_is_the_opt_in(make_entry: Make) -> None:
    assert not mismatches(make_entry(opt_in=True), Need(), Host(), named=True)


def test_auto_means_the_devices_found() -> None:
    assert allowed_devices(Need(devices=("auto",)), Host(("cuda", "cpu"))) == ("cuda", "cpu")
    assert allowed_devices(Need(devices=("cpu", "cuda")), Host(("cuda", "cpu"))) == ("cpu", "cuda")


KNOWN = Host().known_devices

kinds = st.lists(st.sampled_from([*KNOWN, "tpu"]), min_size=1, max_size=4, unique=True).map(tuple)
modules = st.sets(st.sampled_from(["numba", "cupy"]))
hosts = st.builds(
    Host,
    devices=st.sets(st.sampled_from(KNOWN)).map(
        lambda found: tuple(kind for kind in KNOWN if kind in found | {"cpu"})
    ),
    missing_modules=modules.map(frozenset),
)
spans = st.none() | st.floats(0, 1)
offers = st.builds(
    Offer,
    name=st.just("tracker"),
    load=st.just("a:b"),
    devices=kinds,
    dtypes=st.sampled_from([("float32",), ("float16",), ("float32", "float16")]),
    latency=spans,
    quality=st.sampled_from(Quality),
    licence=st.builds(Licence, st.sampled_from(["MIT", "unstated"]), st.sampled_from([None, "X"])),
    imports=modules.map(tuple),
    probe=st.sampled_from([None, "a:c"]),
    opt_in=st.booleans(),
)
needs = st.builds(
    Need,
    devices=kinds,
    dtype=st.sampled_from(["float32", "float16"]),
    max_latency=spans,
    min_quality=st.none() | st.sampled_from(Quality),
    licences=st.sampled_from([None, ("MIT",), ("MIT", "X")]),
)


def an_entry(offer: Offer) -> Entry:
    return Entry("mine/tracker", "pitch", "mine 1.0", offer)


@given(offers, needs, hosts, st.booleans())
def test_an_offer_fits_several_devices_if_it_fits_one(
    offer: Offer, need: Need, host: Host, named: bool
) -> None:
    fits_one = any(
        not mismatches(an_entry(offer), evolve(need, devices=(device,)), host, named=named)
        for device in need.devices
    )
    assert fits_one == (not mismatches(an_entry(offer), need, host, named=named))


@given(offers, needs, hosts)
def test_asking_for_less_never_makes_a_misfit(offer: Offer, need: Need, host: Host) -> None:
    if mismatches(an_entry(offer), need, host):
        return
    for part in ("max_latency", "min_quality", "licences"):
        assert not mismatches(an_entry(offer), evolve(need, **{part: None}), host)
    assert not mismatches(an_entry(offer), need, evolve(host, missing_modules=frozenset()))


@given(offers, needs, hosts)
def test_reasons_are_of_one_stage_and_differ(offer: Offer, need: Need, host: Host) -> None:
    reasons = mismatches(an_entry(offer), need, host)
    assert len({reason.stage for reason in reasons}) <= 1
    assert len(set(reasons)) == len(reasons)
