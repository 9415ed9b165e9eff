"""Names of voices: which are allowed, and which was probably meant."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable

from autovoice_core._errors import InputError

MAX_LENGTH = 200
"""Longest name, in code points."""

_FORBIDDEN = {"Cc", "Cs", "Zl", "Zp"}
_INVISIBLE = {"Cf", "Zs", "Mn", "Me"}


def clean_name(name: str) -> str:
    """Return ``name`` in the form it is kept and compared in: NFC, without spaces around it.

    Any script will do. Names are compared exactly, so that ``Iona`` and ``iona`` are two voices.

    Raises
    ------
    InputError
        Nothing visible is left, the name is too long, or it holds control characters.
    """
    cleaned = unicodedata.normalize("NFC", name).strip()
    categories = {unicodedata.category(character) for character in cleaned}
    if categories & _FORBIDDEN:
        raise InputError(
            f"name: {name!r} holds a control character or a line break; "
            "give the voice a name of one line of text"
        )
    if not categories - _INVISIBLE:
        raise InputError(
            f"name: {name!r} has no visible character; give the voice a name that can be read"
        )
    if len(cleaned) > MAX_LENGTH:
        raise InputError(
            f"name: {len(cleaned)} characters are more than the {MAX_LENGTH} allowed; "
            "give the voice a shorter name"
        )
    return cleaned


def nearest(name: str, known: Iterable[str], count: int = 3) -> list[str]:
    """Return up to ``count`` of the ``known`` names that ``name`` was probably meant to be.

    Letter case is ignored here, so that a name in the wrong case is found.
    """
    folded: dict[str, list[str]] = {}
    for candidate in known:
        folded.setdefault(candidate.casefold(), []).append(candidate)
    close = difflib.get_close_matches(name.casefold(), folded, n=count)
    return [candidate for match in close for candidate in sorted(folded[match])][:count]
