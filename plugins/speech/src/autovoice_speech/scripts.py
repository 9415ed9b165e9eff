"""The languages of espeak-ng, with the scripts in which they are written, and their digits."""

from __future__ import annotations

import unicodedata

from autovoice_core import InputError

_LATIN = (
    "af az bs ca cs cy da de en eo es et eu fi fr ga gn hr ht hu id is it ku la lt lv mi ms mt nb "
    "nl om pl pt qu ro sk sl sq sr sv sw tn tr uz vi"
)
_CYRILLIC = "ba bg be kk ky mk ru tt uk"
_OTHERS = {
    "am": "ETHIOPIC", "ar": "ARABIC", "as": "BENGALI", "bn": "BENGALI", "el": "GREEK",
    "fa": "ARABIC", "gu": "GUJARATI", "hi": "DEVANAGARI", "hy": "ARMENIAN", "ka": "GEORGIAN",
    "kn": "KANNADA", "ko": "HANGUL", "ml": "MALAYALAM", "mr": "DEVANAGARI", "my": "MYANMAR",
    "or": "ORIYA", "pa": "GURMUKHI", "sd": "ARABIC", "si": "SINHALA",
    "ta": "TAMIL", "te": "TELUGU", "ur": "ARABIC",
}  # fmt: skip
SCRIPTS: dict[str, str] = (
    dict.fromkeys(_LATIN.split(), "LATIN") | dict.fromkeys(_CYRILLIC.split(), "CYRILLIC") | _OTHERS
)
"""The script of each language, as the names of its letters in Unicode begin."""


def check_script(text: str, language: str) -> None:
    """Refuse letters of another script.

    Raises
    ------
    InputError
        The text holds some, which would be spelt out by name or left out.
    """
    script = SCRIPTS[language]
    for letter in filter(str.isalpha, text):
        name = unicodedata.name(letter, "unnamed")
        if not name.startswith((script, "MODIFIER", "FEMININE ORDINAL", "MASCULINE ORDINAL")):
            raise InputError(
                f"text: {letter!r} ({name.lower()}) is not of the script of {language!r}, "
                f"{script.capitalize()}; give the text in that, or name its language"
            )


def with_plain_digits(text: str) -> str:
    """Return a text of the same length whose digits are 0 to 9, the only ones not left out.

    Raises
    ------
    InputError
        It holds other numerals than digits and fractions.
    """
    return "".join(map(_with_plain_digit, text))


def _with_plain_digit(character: str) -> str:
    if not character.isnumeric():
        return character
    digit = unicodedata.digit(character, None)
    if digit is not None:
        return str(digit)
    name = unicodedata.name(character, "unnamed")
    if "FRACTION" not in name:
        raise InputError(
            f"text: {character!r} ({name.lower()}) is a number that espeak-ng leaves out; write it "
            "in digits"
        )
    return character
