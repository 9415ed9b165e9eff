from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import platformdirs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autovoice_core import BadOffer, Licence, Need
from autovoice_core.backends import Entry, Weights
from autovoice_core.backends.choice.matching import mismatches
from autovoice_core.backends.plugins.host import Host, inspect_host
from autovoice_core.backends.weights import format_file_size, is_allowed_url, models_folder

GOOD: dict[str, Any] = {
    "name": "toy/net",
    "url": "https://example.org/rev1/net.safetensors?download=true",
    "size": 84_025_440,
    "sha256": "ab" * 32,
    "licence": "unstated",
}


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        *(
            (
                {"name": name},
                "the name is not 'family/network' of letters, digits, '.', '_' and '-'",
            )
            for name in ("net", "../net", "toy/../net", "toy/", "/toy", "toy/a/b", "to y/net", 3)
        ),
        ({"about": "x" * 2001}, "about has 2,001 characters, more than the 2,000 allowed"),
        ({"url": 3}, "url 3 is not an https:// address"),
        *(
            ({"url": url}, f"url {url!r} is not an https:// address")
            for url in ("http://example.org/x", "file:///x", "https:///x", "https://[x", "x")
        ),
        *(
            ({"url": url}, f"url {url!r} does not end in a file name")
            for url in (
                "https://example.org/",
                "https://example.org/..",
                "https://example.org/a%2F..",
                "https://example.org/.hidden",
                "https://example.org/x%00y",
            )
        ),
        *(
            ({"size": size}, f"size {size!r} is not a number of bytes")
            for size in (0, -1, True, 1.5)
        ),
        ({"size": -(10**5000)}, "size <int that can't be shown> is not a number of bytes"),
        *(
            (
                {"size": size},
                "size is more than 1,099,511,627,776 bytes, which no file of weights has",
            )
            for size in (2**40 + 1, 10**400, 10**5000)
        ),
        *(
            (
                {"sha256": digest},
                f"sha256 {digest!r} is not a hash of 64 lower-case hexadecimal digits",
            )
            for digest in ("ab" * 4, "AB" * 32, None)
        ),
        ({"licence": ""}, "licence '' is not an SPDX identifier, nor 'unstated'"),
        ({"format": "pickle"}, "format 'pickle' is not one of safetensors, torch, onnx"),
        ({"about": None}, "about None is not text"),
    ],
)
def test_weights_that_are_none_are_refused(changes: dict[str, Any], fault: str) -> None:
    with pytest.raises(BadOffer) as caught:
        Weights(**GOOD | changes)
    assert str(caught.value) == f"weights {(GOOD | changes)['name']!r}: {fault}"


def test_weights_lie_under_their_name_in_the_folder_of_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOVOICE_MODELS", str(tmp_path))
    weights = Weights(**GOOD | {"size": 3})
    assert weights.place == tmp_path / "toy" / "net" / "net.safetensors"
    assert not weights.is_here()
    weights.place.parent.mkdir(parents=True)
    weights.place.write_bytes(b"1234")
    assert not weights.is_here()
    weights.place.write_bytes(b"123")
    assert weights.is_here()


def test_the_folder_is_the_one_named_else_beside_the_voices(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AUTOVOICE_MODELS", "~/nets")
    assert models_folder() == Path.home() / "nets"
    monkeypatch.delenv("AUTOVOICE_MODELS")
    monkeypatch.setenv("AUTOVOICE_HOME", "~/voice")
    assert models_folder() == Path.home() / "voice" / "models"
    monkeypatch.delenv("AUTOVOICE_HOME")
    data = platformdirs.user_data_path("autovoice", appauthor=False)
    assert models_folder() == data / "models"


def test_a_place_that_can_not_be_looked_at_holds_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AUTOVOICE_MODELS", "/" + "x" * 5000)
    assert not Weights(**GOOD).is_here()


@pytest.mark.parametrize(
    ("size", "text"),
    [(1, "1 bytes"), (999, "999 bytes"), (84_025_440, "84 MB"), (12_345, "12 kB"), (3e9, "3.0 GB")],
)
def test_sizes_are_told_as_people_read_them(size: float, text: str) -> None:
    assert format_file_size(size) == text


@given(st.text())
def test_no_text_breaks_the_judge_of_addresses(url: str) -> None:
    assert is_allowed_url(url) in {True, False}


@pytest.mark.parametrize(
    ("weights", "licence", "fault"),
    [
        ("toy/net", Licence("MIT"), "weights 'toy/net' is not a tuple of Weights"),
        (["toy/net"], Licence("MIT"), "weights ('toy/net',) is not a tuple of Weights"),
        (
            [Weights(**GOOD)],
            Licence("MIT"),
            "licence None leaves out 'unstated', the licence of the weights toy/net",
        ),
        (
            [Weights(**GOOD)],
            Licence("MIT", "CC0-1.0"),
            "licence 'CC0-1.0' leaves out 'unstated', the licence of the weights toy/net",
        ),
    ],
)
def test_an_offer_states_its_weights_and_their_licence(
    make_entry: Callable[..., Entry], weights: Any, licence: Licence, fault: str
) -> None:
    with pytest.raises(BadOffer) as caught:
        make_entry("mine/net", weights=weights, licence=licence)
    assert str(caught.value) == f"offer 'net': {fault}"


def test_an_offer_whose_weights_are_not_here_says_how_to_get_them(
    make_entry: Callable[..., Entry],
) -> None:
    weights = Weights(**GOOD)
    entry = make_entry(weights=[weights], licence=Licence("MIT", "unstated AND CC0-1.0"))
    assert mismatches(entry, Need(), Host()) == ()
    (reason,) = mismatches(entry, Need(), Host(missing_weights=frozenset({weights})))
    assert (reason.stage, reason.code) == ("host", "weights")
    assert str(reason) == (
        "needs the weights toy/net (84 MB, licence unstated), which are not on this machine; "
        "run `autovoice models get toy/net`"
    )


def test_the_host_looks_for_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOVOICE_MODELS", str(tmp_path))
    here, gone = (Weights(**GOOD | {"name": name, "size": 1}) for name in ("toy/a", "toy/b"))
    here.place.parent.mkdir(parents=True)
    here.place.write_bytes(b"1")
    assert inspect_host((), (), [here, gone]).missing_weights == {gone}
