"""Voice names: the form they are kept in, similar names for a misspelt one, and errors of both."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path

from autovoice_core._arguments import as_text
from autovoice_core._errors import ArgumentError, StorageError

MAX_NAME_LENGTH = 200
"""Longest name, in code points."""

_LONGEST_COMPOSED = 4
"""Most code points that one may be composed of."""
# Unicode general categories
_FORBIDDEN = {"Cc", "Cs", "Zl", "Zp"}
_DIRECTIONS = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Overrides and embeddings of the direction of reading, which hide what a name is."""
_UNSEEN = set("\u00ad\u180e\u200b\u2060\u2061\u2062\u2063\u2064\ufeff")
"""Characters of no width that no script needs, by which two names would look the same."""
_INVISIBLE = {"Cf", "Zs", "Mn", "Me"}

_MOST_COMPARED = 2000


def clean_name(name: str, argument: str = "name") -> str:
    """Return ``name`` in the form it is kept and compared in: NFC, without spaces around it.

    Any script will do. Names are compared exactly, so that ``Iona`` and ``iona`` are two voices.
    Errors call the name ``argument``.

    Raises
    ------
    InputError
        The name has no visible character, is too long, or holds characters that control the line
        or that nobody can see.
    """
    stripped = as_text(argument, name, example="Iona").strip()
    # Normalising takes time that grows with the square of the length.
    if len(stripped) > _LONGEST_COMPOSED * MAX_NAME_LENGTH:
        raise _too_long(argument, stripped)
    cleaned = unicodedata.normalize("NFC", stripped)
    categories = {unicodedata.category(character) for character in cleaned}
    if categories & _FORBIDDEN or _DIRECTIONS & set(cleaned):
        raise ArgumentError(
            f"{argument}: {name!r} holds a control character or a line break; "
            "give the voice a name of one line of text"
        )
    if not categories - _INVISIBLE:
        raise ArgumentError(
            f"{argument}: {name!r} has no visible character; give the voice a name that can be read"
        )
    if _UNSEEN & set(cleaned):
        raise ArgumentError(
            f"{argument}: {name!r} holds a character that nobody can see; "
            "give the voice a name without it"
        )
    if len(cleaned) > MAX_NAME_LENGTH:
        raise _too_long(argument, cleaned)
    return cleaned


def _too_long(argument: str, name: str) -> ArgumentError:
    return ArgumentError(
        f"{argument}: {len(name)} characters are more than the {MAX_NAME_LENGTH} allowed; "
        "give the voice a shorter name"
    )


def similar_names(name: str, known: Iterable[str], count: int = 3) -> list[str]:
    """Return up to ``count`` of the ``known`` names that are spelt like ``name``, best first.

    Letter case is ignored, so that a name in the wrong case is found.
    """
    folded: dict[str, list[str]] = {}
    for candidate in islice(known, _MOST_COMPARED):
        folded.setdefault(candidate.casefold(), []).append(candidate)
    close = difflib.get_close_matches(name.casefold(), folded, n=count)
    return [candidate for match in close for candidate in sorted(folded[match])][:count]


def unknown_name(name: str, known: Sequence[str], path: Path) -> StorageError:
    """Return the error that none of the ``known`` voices in ``path`` is called ``name``."""
    if not known:
        return StorageError(
            f"unknown voice {name!r}: there are none in {path} yet; "
            "add one with `autovoice voices add NAME FILE...`"
        )
    similar = " or ".join(map(repr, similar_names(name, known)))
    remedy = f"did you mean {similar}?" if similar else "`autovoice voices list` shows all voices"
    return StorageError(f"unknown voice {name!r}; {remedy}")


def taken_name(name: str, remedy: str) -> StorageError:
    """Return the error that there is a voice called ``name`` already."""
    return StorageError(f"a voice called {name!r} already exists; {remedy} or choose another name")
