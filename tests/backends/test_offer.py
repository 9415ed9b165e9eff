from __future__ import annotations

import pickle
from enum import StrEnum
from typing import Any

import pytest

from autovoice_core import BadOffer, InputError, Licence, Need, Offer, Quality

GOOD: dict[str, Any] = {
    "name": "tracker",
    "load": "a.module:make",
    "devices": ("cpu",),
    "licence": Licence("MIT"),
}


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"name": "a/b"}, "the name may hold letters, digits, '.', '_' and '-' only"),
        ({"name": 3}, "the name may hold letters, digits, '.', '_' and '-' only"),
        ({"load": "a.module.make"}, "load 'a.module.make' is not 'module:name'"),
        ({"load": None}, "load None is not 'module:name'"),
        ({"probe": "a module:probe"}, "probe 'a module:probe' is not 'module:name'"),
        ({"devices": "cpu"}, "devices 'cpu' is not a tuple of kinds such as ('cpu', 'cuda')"),
        ({"devices": ()}, "devices () is not a tuple of kinds such as ('cpu', 'cuda')"),
        (
            {"devices": ("cuda:0",)},
            "devices ('cuda:0',) is not a tuple of kinds such as ('cpu', 'cuda')",
        ),
        (
            {"devices": ("auto",)},
            "devices ('auto',) is not a tuple of kinds such as ('cpu', 'cuda')",
        ),
        ({"dtypes": ()}, "dtypes () is not a tuple of 'float32' and 'float16'"),
        ({"dtypes": ["int8"]}, "dtypes ('int8',) is not a tuple of 'float32' and 'float16'"),
        ({"dtypes": "float32"}, "dtypes 'float32' is not a tuple of 'float32' and 'float16'"),
        ({"latency": -1.0}, "latency -1.0 is not a number of seconds, nor None"),
        ({"latency": True}, "latency True is not a number of seconds, nor None"),
        ({"latency": float("nan")}, "latency nan is not a number of seconds, nor None"),
        (
            {"quality": 2},
            "quality 2 is not Quality.DRAFT, Quality.GOOD or Quality.BEST, nor Quality.UNRATED",
        ),
        (
            {"quality": 10**5000},
            "quality <int that can't be shown> is not Quality.DRAFT, Quality.GOOD or Quality.BEST, "
            "nor Quality.UNRATED",
        ),
        ({"licence": "MIT"}, "licence 'MIT' is not a Licence(code=..., weights=...)"),
        ({"extra": "a b"}, "extra 'a b' is neither the name of an extra nor None"),
        ({"extra": 1}, "extra 1 is neither the name of an extra nor None"),
        (
            {"libraries": ("lib/flite",)},
            "libraries ('lib/flite',) is not a tuple of names such as ('espeak-ng',)",
        ),
        ({"imports": "numba"}, "imports 'numba' is not a tuple of top-level module names"),
        (
            {"imports": ("scipy.signal",)},
            "imports ('scipy.signal',) is not a tuple of top-level module names",
        ),
        ({"extra": "x" * 2001}, "extra has 2,001 characters, more than the 2,000 allowed"),
        (
            {"imports": ("x" * 2001,)},
            "imports has 2,001 characters, more than the 2,000 allowed",
        ),
        ({"devices": ("x",) * 101}, "devices has 101 entries, more than the 100 allowed"),
        ({"opt_in": "yes"}, "opt_in 'yes' is neither True nor False"),
        (
            {"reads": "rvc/2"},
            "reads 'rvc/2' is not a tuple of kinds of features such as ('rvc/2',)",
        ),
        (
            {"reads": ("rvc 2",)},
            "reads ('rvc 2',) is not a tuple of kinds of features such as ('rvc/2',)",
        ),
        ({"reads": (2,)}, "reads (2,) is not a tuple of kinds of features such as ('rvc/2',)"),
        ({"voice_reader": "a.module"}, "voice_reader 'a.module' is not 'module:name'"),
        ({"voice_reader": 3}, "voice_reader 3 is not 'module:name'"),
    ],
)
def test_an_offer_that_is_none_is_refused(changes: dict[str, Any], fault: str) -> None:
    with pytest.raises(BadOffer) as caught:
        Offer(**GOOD | changes)
    assert str(caught.value) == f"offer {changes.get('name', 'tracker')!r}: {fault}"


@pytest.mark.parametrize(
    ("licence", "message"),
    [
        (
            {"code": ""},
            "licence: code '' is not an SPDX identifier such as 'MIT'; write 'unstated' if "
            "none is stated",
        ),
        (
            {"code": "x" * 2001},
            "licence: code has 2,001 characters, more than the 2,000 allowed",
        ),
        (
            {"code": "MIT", "weights": 3},
            "licence: weights 3 is not an SPDX identifier such as 'MIT'; write 'unstated' if "
            "none is stated",
        ),
        (
            {"code": "MIT", "weights": ""},
            "licence: weights '' is not an SPDX identifier such as 'MIT'; write 'unstated' if "
            "none is stated",
        ),
    ],
)
def test_a_licence_that_says_nothing_is_refused(licence: dict[str, Any], message: str) -> None:
    with pytest.raises(BadOffer) as caught:
        Licence(**licence)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("need", "message"),
    [
        (
            {"devices": "cuda"},
            "devices: 'cuda' is not a tuple of kinds of device; give for example "
            "('cuda', 'cpu') or ('auto',)",
        ),
        (
            {"devices": ()},
            "devices: () is not a tuple of kinds of device; give for example "
            "('cuda', 'cpu') or ('auto',)",
        ),
        (
            {"devices": ("cuda:1",)},
            "devices: ('cuda:1',) is not a tuple of kinds of device; give for example "
            "('cuda', 'cpu') or ('auto',)",
        ),
        (
            {"devices": ("auto", "cpu")},
            "devices: ('auto', 'cpu') combines 'auto', which means every device found, with "
            "others; give ('auto',) or the devices",
        ),
        ({"dtype": "float64"}, "dtype: 'float64' is not one of float32, float16; choose one"),
        (
            {"max_latency": "fast"},
            "max_latency: 'fast' is not a number of seconds; give for example 0.05, or None "
            "if no stream is needed",
        ),
        (
            {"min_quality": 3},
            "min_quality: 3 is not a Quality; give Quality.DRAFT, Quality.GOOD or Quality.BEST",
        ),
        (
            {"licences": "MIT"},
            "licences: 'MIT' is not a tuple of SPDX identifiers; give for example "
            "('MIT', 'Apache-2.0')",
        ),
    ],
)
def test_a_need_that_is_none_is_refused(need: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        Need(**need)
    assert str(caught.value) == message


def test_an_offer_pickles_and_takes_lists_for_tuples() -> None:
    offer = Offer(**GOOD | {"devices": ["cuda", "cpu"], "imports": ["numba"], "latency": 0})
    assert offer.devices == ("cuda", "cpu")
    assert offer.imports == ("numba",)
    assert pickle.loads(pickle.dumps(offer)) == offer
    assert len({offer, pickle.loads(pickle.dumps(offer))}) == 1


def test_a_need_reads_as_a_phrase() -> None:
    need = Need(
        devices=("cuda", "cpu"),
        dtype="float16",
        max_latency=0.02,
        min_quality=Quality.GOOD,
        licences=("MIT", "ISC"),
    )
    assert str(need) == (
        "on cuda or cpu, float16, latency at most 0.02 s, quality at least GOOD, "
        "licences MIT or ISC"
    )
    assert str(Need()) == "on cpu, float32"


class Names(StrEnum):
    TRACKER = "tracker"
    CPU = "cpu"


def test_text_of_a_class_of_its_own_becomes_plain() -> None:
    offer = Offer(**GOOD | {"name": Names.TRACKER, "devices": [Names.CPU]})
    assert (type(offer.name), offer.name) == (str, "tracker")
    assert [type(device) for device in offer.devices] == [str]
