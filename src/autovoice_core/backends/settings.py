"""Settings: the knobs of one backend, which its offer declares as an attrs class.

Nothing heavy is imported here, as plugins import it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import attrs
from attrs import Attribute, field, frozen

from autovoice_core._arguments import describe, is_number, plain_number
from autovoice_core._errors import ArgumentError
from autovoice_core.backends.fields import MAX_NAMES, fault_of_length
from autovoice_core.backends.wording import describe_error, did_you_mean

Value = bool | int | float | str
"""A value of a setting; of which type is told by its default."""

_RANGE = "autovoice"
_TRUTH = {"true": True, "false": False}


@frozen
class Range:
    """The values that a setting may have: from ``low`` to ``high``, or one of ``choices``."""

    low: float = -math.inf
    high: float = math.inf
    choices: tuple[str, ...] = ()


def setting(
    default: Any,
    *,
    help: str,  # noqa: A002  # as argparse and click call it
    low: float = -math.inf,
    high: float = math.inf,
    choices: tuple[str, ...] = (),
) -> Any:
    """Return the field of a setting, for an attrs class.

    Parameters
    ----------
    default
        A truth value, a whole number, a number or text: the setting is of that type.
    help
        What it does, as a phrase.
    low, high
        The range of a number, ends included.
    choices
        The texts that it may be.
    """

    def check(_: Any, attribute: Attribute[Any], value: Any) -> None:
        converted(attribute, value, attribute.name)

    metadata = {_RANGE: Range(low, high, choices), "help": help}
    return field(default=default, metadata=metadata, validator=check, kw_only=True)


def converted(attribute: Attribute[Any], value: Any, name: str, origin: str = "") -> Value:
    """Return a value, perhaps given as text, as one of the setting's type and range.

    Raises
    ------
    InputError
        It is none; the message begins with ``name`` and says ``origin``, where it came from.
    """
    kind, allowed = _kind(attribute), _range(attribute)
    plain = _TRUTH.get(value.lower(), value) if isinstance(value, str) else value
    if kind in (int, float):
        plain = plain_number(value)
        good = is_number(plain) and allowed.low <= plain <= allowed.high
        good = good and (kind is float or plain == int(plain))
    elif kind is bool:
        good = isinstance(plain, bool)
    else:
        plain, good = value, isinstance(value, str) and value in (allowed.choices or (value,))
    if good:
        result: Value = kind(plain)
        return result
    given = f", {origin}," if origin else ""
    raise ArgumentError(
        f"{name}: {describe(value)}{given} is not {meaning(attribute)}; "
        f"{_written(attribute.default)} is the default"
    )


def meaning(attribute: Attribute[Any]) -> str:
    """Return what a setting may be, in words, e.g. ``"a whole number from 1 to 20"``."""
    kind, allowed = _kind(attribute), _range(attribute)
    if kind is bool:
        return "true or false"
    if kind is str:
        return f"one of {', '.join(allowed.choices)}" if allowed.choices else "text"
    words = "a whole number" if kind is int else "a number"
    if math.isfinite(allowed.low) and math.isfinite(allowed.high):
        return f"{words} from {allowed.low:g} to {allowed.high:g}"
    if math.isfinite(allowed.low):
        return f"{words} of {allowed.low:g} or more"
    return f"{words} of {allowed.high:g} or less" if math.isfinite(allowed.high) else words


def configured(declared: type[Any] | None, given: Mapping[str, Any], backend: str) -> Any:
    """Return an object of the class that an offer declares, with what is given; None for None.

    ``given`` holds a :class:`~autovoice_core.backends.choice.given_settings.Given` for each name.

    Raises
    ------
    InputError
        A name is unknown, or a value is of the wrong type or out of range.
    """
    known = {} if declared is None else {item.name: item for item in attrs.fields(declared)}
    values: dict[str, Value] = {}
    for name, item in given.items():
        if name not in known:
            has = f"it has {', '.join(known)}" if known else "it has none"
            raise ArgumentError(
                f"{item.label}: {backend} has no such setting{did_you_mean(name, known)}, "
                f"{item.origin}; {has}"
            )
        values[name] = converted(known[name], item.value, item.label, item.origin)
    if declared is None:
        return None
    try:
        return declared(**values)
    except Exception as error:  # a validator of the plugin's own
        labels = ", ".join(item.label for item in given.values())
        raise ArgumentError(
            f"{labels or 'settings'}: {backend} refuses the values: {describe_error(error)}"
        ) from error


def described(declared: type[Any] | None) -> list[dict[str, Any]]:
    """Return the settings of a class as plain data: name, default, meaning and help."""
    if declared is None:
        return []
    return [
        {
            "name": item.name,
            "default": item.default,
            "meaning": meaning(item),
            "help": str(item.metadata.get("help", "")),
        }
        for item in attrs.fields(declared)
    ]


def as_values(settings: Any) -> dict[str, Value]:
    """Return the values of an object that :func:`configured` returned."""
    return {} if settings is None else attrs.asdict(settings, recurse=False)


def fault_of(declared: Any) -> str | None:
    """Return what is wrong with a class of settings, which may be anything, or None."""
    if not isinstance(declared, type) or not attrs.has(declared):
        return f"settings {declared!r} is not an attrs class"
    fields = attrs.fields(declared)
    if len(fields) > MAX_NAMES:
        return f"settings has {len(fields):,} entries, more than the {MAX_NAMES} allowed"
    for item in fields:
        texts = {
            "the name": item.name,
            "the default": item.default,
            "the help": str(item.metadata.get("help", "")),
            "choices": tuple(_range(item).choices),
        }
        if fault := fault_of_length(texts):
            return f"setting {item.name!r}: {fault}"
        if type(item.default) not in (bool, int, float, str):
            return (
                f"setting {item.name!r} has no default that is a truth value, a number or text; "
                "write it with setting()"
            )
        if not item.init or item.alias != item.name:
            return f"setting {item.name!r} can't be given by its name; write it with setting()"
    try:
        declared()
    except Exception as error:  # noqa: BLE001  # a class of the plugin's own
        return f"settings {declared.__name__} refuses its defaults: {describe_error(error)}"
    return None


def _kind(attribute: Attribute[Any]) -> type[Any]:
    return type(attribute.default)


def _range(attribute: Attribute[Any]) -> Range:
    found: Range = attribute.metadata.get(_RANGE, Range())
    return found


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
