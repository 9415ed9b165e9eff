"""The rows of a report: what was measured, and what the figure means."""

from __future__ import annotations

from attrs import frozen

from autovoice_core.metrics import Metrics

LEFT_OUT = "left out"

TWO_READERS = 62
"""Percent of speech sounds in which two people differ who read the same sentences.

Two readers of VCTK, seven sentences, each way: 49 to 77 by sentence.
"""


@frozen
class Figure:
    """A row.

    Attributes
    ----------
    name
        As in ``Metrics``.
    group, what
        What it tells of, and what it is.
    value, source
        The figure of the result, and the same of the source where that says something; None
        where it is not defined.
    unit, digits
        Its unit, and how many digits behind the point are worth a look.
    meaning
        How to read it, with the figures of known cases.
    left_out
        Why nobody judged it, and what to do; empty where somebody did.
    """

    name: str
    group: str
    what: str
    value: float | None
    source: float | None
    unit: str
    digits: int
    meaning: str
    left_out: str

    def shown(self, value: float | None) -> str:
        """Return ``value`` as people read it."""
        if value is None:
            return "–"
        sign = "+" if self.unit in ("semitones", "LU") else ""
        number = f"{value + 0.0:{sign}.{self.digits}f}"
        # A rounded zero has no sign.
        number = number[1:] if number[0] in "+-" and not float(number) else number
        return f"{number} {self.unit}".strip()


_ROWS = (
    (
        "similarity_to_target",
        "Speaker",
        "like the voice",
        "",
        2,
        "a cosine: 0.90 between two halves of one recording, 0.56 between two people",
    ),
    (
        "similarity_to_source",
        "Speaker",
        "like the source",
        "",
        2,
        "should be lower than the line above; 1 is the source itself",
    ),
    (
        "phone_error",
        "Words",
        "speech sounds changed",
        "%",
        0,
        "by a recogniser of English: 0 is a copy, 20 to 55 a resynthesis, "
        f"{TWO_READERS} two people reading the same sentences, over 85 other words",
    ),
    ("key", "Pitch", "moved by", "semitones", 2, "taken out before the lines below"),
    ("f0_error", "Pitch", "median f0 error", "cents", 1, "5 is barely audible, 100 is a semitone"),
    ("gross_errors", "Pitch", "off by over 50 cents", "%", 1, "of what is voiced: wrong notes"),
    ("octave_errors", "Pitch", "off by octaves", "%", 1, "of what is voiced: a voice that breaks"),
    (
        "voicing_agreement",
        "Pitch",
        "voiced alike",
        "%",
        1,
        "of all moments; the rest are consonants sung or notes whispered",
    ),
    ("loudness_difference", "Loudness", "louder by", "LU", 1, "1 LU is barely audible (BS.1770)"),
    (
        "dnsmos",
        "Quality",
        "DNSMOS, trained on speech",
        "",
        2,
        "1 to 5; of singing only the difference from the source counts",
    ),
)
_OF_SOURCE = {"similarity_to_target": "source_to_target", "dnsmos": "dnsmos_reference"}


def figures(metrics: Metrics) -> tuple[Figure, ...]:
    """Return the rows of ``metrics``, those left out too."""
    return tuple(
        Figure(
            name=name,
            group=group,
            what=what,
            value=getattr(metrics, name),
            source=getattr(metrics, _OF_SOURCE[name]) if name in _OF_SOURCE else None,
            unit=unit,
            digits=digits,
            meaning=meaning,
            left_out=metrics.left_out.get(name, ""),
        )
        for name, group, what, unit, digits, meaning in _ROWS
    )
