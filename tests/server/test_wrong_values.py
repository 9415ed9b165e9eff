"""Messages about JSON values of another form than they should have."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
import pytest

from autovoice_core.server.wrong_values import explain

Name = Annotated[str, msgspec.Meta(max_length=3)]


class Inner(msgspec.Struct, forbid_unknown_fields=True):
    take: int | None = None
    mode: Literal["soft", "loud"] | None = None


class Outer(msgspec.Struct, forbid_unknown_fields=True):
    name: Name
    inner: Inner | None = None
    names: list[Name] = []
    listed: list[Inner] = []
    chosen: dict[Literal["pitch"], str] = {}


WRONG: dict[str, tuple[Any, str, str | None]] = {
    "missing": ({}, "name: is missing", "name"),
    "unknown": (
        {"name": "a", "nom": 1},
        "nom: there is no such field; there are name, inner, names, listed, chosen",
        "nom",
    ),
    "unknown within": (
        {"name": "a", "inner": {"tke": 1}},
        "inner.tke: there is no such field; there are take, mode",
        "inner.tke",
    ),
    "no choice": (
        {"name": "a", "inner": {"mode": "odd"}},
        "inner.mode: 'odd' is not one of 'loud', 'soft'",
        "inner.mode",
    ),
    "no choice in a list": (
        {"name": "a", "listed": [{}, {"mode": "odd"}]},
        "listed[1].mode: 'odd' is not one of 'loud', 'soft'",
        "listed[1].mode",
    ),
    "no choice as a key": (
        {"name": "a", "chosen": {"pich": "b"}},
        "chosen: 'pich' is not one of 'pitch'",
        "chosen",
    ),
    "type": ({"name": 3}, "name: expected text, got a whole number", "name"),
    "types": (
        {"name": "a", "inner": {"take": True}},
        "inner.take: expected a whole number or null, got true or false",
        "inner.take",
    ),
    "type in a list": (
        {"name": "a", "names": ["a", []]},
        "names[1]: expected text, got a list",
        "names[1]",
    ),
    "length": ({"name": "long"}, "name: expected text of length <= 3", "name"),
    "no object": ([], "expected an object, got a list", None),
}


@pytest.mark.parametrize(("value", "message", "path"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_told_with_its_field_and_what_would_be_right(
    value: object, message: str, path: str | None
) -> None:
    with pytest.raises(msgspec.ValidationError) as error:
        msgspec.json.decode(msgspec.json.encode(value), type=Outer)
    assert explain(error.value, Outer) == (message, path)
