"""Cutting of long sentences into pieces that an engine can speak at once."""

from __future__ import annotations

import re

from autovoice_core._speech import MAX_SENTENCE_CHARACTERS

_CLAUSE = re.compile(r"(?<=[,;:—])\s+")


def shorten(sentence: str, limit: int = MAX_SENTENCE_CHARACTERS) -> list[str]:
    """Return a sentence in pieces of ``limit`` characters at most.

    It is cut between clauses if that suffices, else between words, else anywhere.
    """
    pieces = [sentence]
    for separator in (_CLAUSE, re.compile(r"\s+")):
        pieces = [part for piece in pieces for part in _merged(separator.split(piece), limit)]
    return [
        piece[start : start + limit] for piece in pieces for start in range(0, len(piece), limit)
    ]


def _merged(parts: list[str], limit: int) -> list[str]:
    """Return parts joined by spaces as long as they stay within ``limit`` characters."""
    pieces = parts[:1]
    for part in parts[1:]:
        if len(pieces[-1]) + 1 + len(part) <= limit:
            pieces[-1] = f"{pieces[-1]} {part}"
        else:
            pieces.append(part)
    return pieces
