from __future__ import annotations

from typing import Any

import pytest

from autovoice_core._printable import quoted
from autovoice_core.backends.wording import describe_error, describe_trace


class NamelessKind(type):
    def __getattribute__(cls, name: str) -> Any:
        if name in {"__name__", "__qualname__", "__module__"}:
            raise ValueError(name)
        return super().__getattribute__(name)


def nameless() -> BaseException:
    class Nameless(BaseException, metaclass=NamelessKind):  # pytest trips over one in a module
        pass

    return Nameless()


class Mute(Exception):
    def __str__(self) -> str:
        raise SystemExit(3)

    __repr__ = __str__


class Text(str):
    __slots__ = ()

    def __format__(self, spec: str) -> str:
        raise OSError(spec)

    def __len__(self) -> int:
        return 1


class Talkative(Exception):
    def __str__(self) -> str:
        return Text("x" * 100_000)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (nameless(), "Nameless, an exception that can't be described"),
        (Mute(), f"{__name__}.Mute: <exception str() failed>"),
        (Talkative(), f"Talkative: {'x' * 1000}… (99,000 more characters)"),
    ],
)
def test_an_exception_that_is_broken_is_described_all_the_same(
    error: BaseException, words: str
) -> None:
    assert describe_error(error) == words


@pytest.mark.parametrize("error", [nameless(), Talkative()])
def test_the_trace_of_an_exception_that_is_broken_ends_with_its_description(
    error: BaseException,
) -> None:
    with pytest.raises(BaseException) as caught:  # noqa: PT011  # none but this one
        raise error
    lines = describe_trace(caught.value).splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[-1] == describe_error(error)
    assert "    raise error" in lines


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (Text("tracker"), "'tracker'"),
        (Mute(), "<Mute that can't be shown>"),
        (10**5000, "<int that can't be shown>"),
        ("x" * 3000, f"'{'x' * 1999}… (1,002 more characters)"),
    ],
    ids=["text", "mute", "digits", "long"],
)
def test_a_value_that_is_broken_is_quoted_all_the_same(value: object, words: str) -> None:
    assert quoted(value) == words
