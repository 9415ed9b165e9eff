"""Types and ranges of the fields of a voice, whoever made it.

A voice comes from files and databases of others too. What its fields may be is checked here alone,
whenever a record is made, and so both before a voice is kept and when it is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sized
from datetime import datetime
from typing import Any

from attrs import Attribute

from autovoice_core._arguments import as_text, describe, is_number, plain_number
from autovoice_core._errors import ArgumentError
from autovoice_core._printable import printable

MAX_PROFILE_BYTES = 1 << 29
"""Largest profile that is written or read: a trained voice takes 55 MB, and an index 300 more."""
MAX_AUDIO_BYTES = 1 << 28
"""Most bytes of recordings that are kept with a voice."""
MAX_TEXT_LENGTH = 20_000
"""Longest text on consent or provenance, in code points."""
MAX_LABEL_LENGTH = 1000
"""Longest id, version or name of a file, a feature or a setting, in code points."""
MAX_RECORDINGS = 10_000
"""Most recordings that a voice is made from."""
MAX_ENTRIES = 1000
"""Most features in a set, sets of features, settings, and operations that made a voice."""
MAX_DIMENSIONS = 10_000
"""Most values of a speaker embedding."""
MIN_F0_HZ, MAX_F0_HZ = 20.0, 4000.0
"""The range of a voice lies in here, a little beyond what is ever tracked."""
MAX_LEVEL_DB = 1000.0
"""Largest level or distance of levels."""
MAX_SECONDS = 1e9
"""Longest duration: 30 years."""

_SHA256 = re.compile("[0-9a-f]{64}")


def as_stored_text(name: str, value: Any, longest: int = MAX_LABEL_LENGTH) -> str:
    """Return ``value`` if it is text that can be stored, of at most ``longest`` code points.

    Raises
    ------
    InputError
        It is none, or longer.
    """
    text = as_text(name, value, example="iona")
    require_few(name, text, longest, "characters")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ArgumentError(
            f"{name}: holds bytes that are not text, {describe(text[error.start])}; "
            "give text of Unicode characters"
        ) from error
    return text


def as_feature_id(name: str, value: Any) -> str:
    """Return ``value`` if it can be the id of a kind of features, which listings and messages show.

    Raises
    ------
    InputError
        It is no text that can be stored, or holds control characters.
    """
    text = as_stored_text(name, value)
    if text != printable(text):
        raise ArgumentError(
            f"{name}: {describe(text)} holds control characters; give an id such as 'retrieval/1'"
        )
    return text


def is_feature_id(_: Any, attribute: Attribute[str], value: Any) -> None:
    """Refuse what can't be the id of a kind of features: a validator of attrs."""
    as_feature_id(attribute.name, value)


def is_label(_: Any, attribute: Attribute[str], value: Any) -> None:
    """Refuse what is not a short text: a validator of attrs."""
    as_stored_text(attribute.name, value)


def is_text(_: Any, attribute: Attribute[str], value: Any) -> None:
    """Refuse what is not text: a validator of attrs."""
    as_stored_text(attribute.name, value, MAX_TEXT_LENGTH)


def is_sha256(_: Any, attribute: Attribute[str], value: Any) -> None:
    """Refuse what is not a SHA-256 in hexadecimal digits: a validator of attrs."""
    if not isinstance(value, str) or not _SHA256.fullmatch(value):
        raise ArgumentError(
            f"{attribute.name}: {describe(value)} is not a SHA-256; give 64 hexadecimal digits"
        )


def is_date(_: Any, attribute: Attribute[str], value: Any) -> None:
    """Refuse what is not a date and time of ISO 8601: a validator of attrs."""
    try:
        datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise ArgumentError(
            f"{attribute.name}: {describe(value)} is not a date and time of ISO 8601; "
            "give for example '2026-01-02T03:04:05+00:00'"
        ) from error


def as_float(value: Any) -> Any:
    """Return a number of any library as Python's own; else ``value`` itself."""
    number = plain_number(value)
    return float(number) if is_number(number) else value


def is_between(low: float, high: float, unit: str) -> Callable[..., None]:
    """Return a validator that refuses what is not a number of ``unit`` in that range."""

    def check(_: Any, attribute: Attribute[float], value: Any) -> None:
        if not is_number(value) or not low <= value <= high:
            raise ArgumentError(
                f"{attribute.name}: {describe(value)} is not a number of {unit} from {low:g} to "
                f"{high:g}; give one"
            )

    return check


is_duration = is_between(0, MAX_SECONDS, "seconds")
is_loudness = is_between(-MAX_LEVEL_DB, MAX_LEVEL_DB, "LUFS")


def require_few(name: str, values: Sized, most: int, what: str) -> None:
    """Refuse more than ``most`` values.

    Raises
    ------
    InputError
        There are more.
    """
    if len(values) > most:
        raise ArgumentError(
            f"{name}: {len(values)} {what} are more than the {most} allowed; give fewer"
        )
