"""Voice names: the form they are kept in, and similar names for a misspelt one."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable

from autovoice_core._arguments import as_text
from autovoice_core._errors import InputError

MAX_NAME_LENGTH = 200
"""Longest name, in code points."""

# Unicode general categories
_FORBIDDEN = {"Cc", "Cs", "Zl", "Zp"}
_INVISIBLE = {"Cf", "Zs", "Mn", "Me"}


def clean_name(name: str) -> str:
    """Return ``name`` in the form it is kept and compared in: NFC, without spaces around it.

    Any script will do. Names are compared exactly, so that ``Iona`` and ``iona`` are two voices.

    Raises
    ------
    InputError
        The name has no visible character, is too long, or holds control characters.
    """
    name = as_text("name", name, example="Iona")
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
    if len(cleaned) > MAX_NAME_LENGTH:
        raise InputError(
            f"name: {len(cleaned)} characters are more than the {MAX_NAME_LENGTH} allowed; "
            "give the voice a shorter name"
        )
    return cleaned


def similar_names(name: str, known: Iterable[str], count: int = 3) -> list[str]:
    """Return up to ``count`` of the ``known`` names that are spelt like ``name``, best first.

    Letter case is ignored, so that a name in the wrong case is found.
    """
    folded: dict[str, list[str]] = {}
    for candidate in known:
        folded.setdefault(candidate.casefold(), []).append(candidate)
    close = difflib.get_close_matches(name.casefold(), folded, n=count)
    return [candidate for match in close for candidate in sorted(folded[match])][:count]
