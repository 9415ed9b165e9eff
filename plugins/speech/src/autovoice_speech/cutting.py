"""Cutting of texts into sentences, and of long ones into pieces that are spoken at once."""

from __future__ import annotations

import re

from autovoice_core._speech import MAX_SENTENCE_CHARACTERS

_CLAUSE = re.compile(r"(?<=[,;:—])\s+")

_SENTENCE_END = re.compile(r"(?<=[.!?…。！？।])[\"”’)\]]*\s+|\n+|(?<=[。！？])")


def sentences_of(text: str) -> list[str]:
    """Return the sentences of a text, the long ones cut as by :func:`shorten`."""
    return [piece for part in _SENTENCE_END.split(text) for piece in shorten(part)]


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
