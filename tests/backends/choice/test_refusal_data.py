"""A refusal tells its reasons as data too, for programs that show them in their own way."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from autovoice_core import Need, NoBackend, plan, select
from autovoice_core.backends import Entry, Fault
from autovoice_core.backends.offer import SONG_OPERATIONS

Make = Callable[..., Entry]
Offering = Callable[..., None]

FAULT = Fault("sick", "sick-dist 2.0", "load", "importing it raised OSError: libgpu is gone")


def test_the_reasons_of_a_selection(offering: Offering, make_entry: Make) -> None:
    offering(
        make_entry("a/x", dtypes=("float16",)),
        make_entry("b/x", imports=("cupy",)),
        faults=(FAULT,),
        missing=("cupy",),
    )
    need = Need()
    with pytest.raises(NoBackend) as caught:
        select("pitch", need)
    assert caught.value.need == need
    assert caught.value.faults == (FAULT,)
    told = {
        (item.entry.name, item.device, reason.stage, reason.code)
        for item in caught.value.considered
        for reason in item.reasons
    }
    assert told == {("a/x", "cpu", "facts", "dtype"), ("b/x", "cpu", "host", "import")}


def test_the_reasons_of_a_plan(offering: Offering, make_entry: Make) -> None:
    offering(
        *(make_entry("a/x", operation, dtypes=("float16",)) for operation in SONG_OPERATIONS),
        faults=(FAULT,),
    )
    with pytest.raises(NoBackend) as caught:
        plan()
    assert {item.entry.operation for item in caught.value.considered} == set(SONG_OPERATIONS)
    assert (caught.value.need, caught.value.faults) == (Need(), (FAULT,))
