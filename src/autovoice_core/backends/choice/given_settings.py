"""Settings that a caller gives: by an argument, :func:`using`, the environment or ``--set``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from attrs import frozen

from autovoice_core._arguments import describe
from autovoice_core._errors import ArgumentError
from autovoice_core._variables import variable_text
from autovoice_core.backends.offer import OPERATIONS, Operation

VARIABLE = "AUTOVOICE_SETTINGS"
"""Environment variable of settings, ``operation.name=value`` with commas between."""


@frozen
class Given:
    """A value as it was given, the name that messages call it by, and who gave it."""

    value: Any
    label: str
    origin: str


Settings = Mapping[Operation, Mapping[str, Given]]
"""Values by operation and name."""

_in_force: ContextVar[Settings | None] = ContextVar("autovoice_settings", default=None)


def parse_settings(texts: Iterable[str], origin: str) -> Settings:
    """Return settings that are written as ``operation.name=value``.

    Raises
    ------
    InputError
        One is written otherwise, or there is no such operation.
    """
    pairs = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not value.strip():
            raise _malformed(text, origin)
        pairs[name.strip()] = value.strip()
    return by_operation(pairs, origin)


def by_operation(pairs: Any, origin: str) -> Settings:
    """Return settings of which each key is ``operation.name``.

    Raises
    ------
    InputError
        A key is written otherwise, or there is no such operation.
    """
    found: dict[Operation, dict[str, Given]] = {}
    for key, value in _as_mapping(pairs, "{'separation.overlap': 0.5}").items():
        operation, dot, name = str(key).partition(".")
        if operation not in OPERATIONS or not dot or not name:
            raise _malformed(str(key), origin)
        given = Given(value, str(key), f"given by {origin}")
        found.setdefault(operation, {})[name] = given
    return found


def of_argument(pairs: Any) -> Mapping[str, Given]:
    """Return the settings of one operation, as an engine is given them.

    Raises
    ------
    InputError
        They are not a mapping from names to values.
    """
    if pairs is None:
        return {}
    return {
        str(name): Given(value, str(name), "given by the argument settings")
        for name, value in _as_mapping(pairs, "{'overlap': 0.5}").items()
    }


def in_force(operation: Operation) -> Mapping[str, Given]:
    """Return the settings of an operation that :func:`using_settings` put in force."""
    return (_in_force.get() or {}).get(operation, {})


@contextmanager
def using_settings(settings: Settings, *, beneath: bool = False) -> Iterator[None]:
    """Put settings in force inside a ``with`` block, over those in force outside or beneath."""
    merged = {}
    for operation in OPERATIONS:
        outer, inner = in_force(operation), settings.get(operation, {})
        merged[operation] = {**inner, **outer} if beneath else {**outer, **inner}
    token = _in_force.set(merged)
    try:
        yield
    finally:
        _in_force.reset(token)


def settings_for(operation: Operation, argument: Mapping[str, Given]) -> Mapping[str, Given]:
    """Return the settings of an operation: the argument's, then ``using()``'s, the environment's.

    Raises
    ------
    InputError
        Those of the environment are malformed.
    """
    text = variable_text(VARIABLE)
    inner = in_force(operation)
    if text is None:
        return {**inner, **argument} if argument else inner
    origin = f"the environment variable {VARIABLE}"
    outer = parse_settings([part for part in text.split(",") if part.strip()], origin)
    return {**outer.get(operation, {}), **inner, **argument}


def _as_mapping(pairs: Any, example: str) -> Mapping[Any, Any]:
    if not isinstance(pairs, Mapping):
        raise ArgumentError(
            f"settings: {describe(pairs)} is not a mapping from names to values; give for example "
            f"{example}"
        )
    return pairs


def _malformed(text: str, origin: str) -> ArgumentError:
    return ArgumentError(
        f"settings: {describe(text)}, given by {origin}, is not OPERATION.NAME=VALUE with "
        f"OPERATION one of {', '.join(OPERATIONS)}; write separation.overlap=0.5 for example"
    )
