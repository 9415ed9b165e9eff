"""The rows of a report's table: figures, and what they mean."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from attrs import frozen

from autovoice_core._printable import html_text
from autovoice_core.metrics import Metrics
from autovoice_core.metrics.sung_share import SungShare

LEFT_OUT = "left out"

TWO_READERS_PHONE_ERROR, TWO_READERS_WORDS_LOST = 62, 6
"""Percent, between two people who read the same sentences.

Two readers of VCTK, seven sentences, each way: by sentence 49 to 77 of the phones, and 0 to 15 of
the words.
"""


@frozen
class Row:
    """A row of the table.

    Attributes
    ----------
    name
        As in ``Metrics`` or ``SungShare``.
    group, label
        What it is about, and what people call it.
    value, source
        The figure of the result, and that of the source where it is meaningful; None where it
        is not defined.
    unit, digits
        Its unit, and the number of decimals to show.
    meaning
        How to read it, with reference values.
    left_out
        Why there is no figure, and what to do; empty where there is one.
    """

    name: str
    group: str
    label: str
    value: float | None
    source: float | None
    unit: str
    digits: int
    meaning: str
    left_out: str

    def format(self, value: float | None) -> str:
        """Return ``value`` with its unit."""
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
        "similarity to voice",
        "",
        2,
        "cosine: 0.90 between two halves of one recording, 0.56 between two people",
    ),
    (
        "similarity_to_source",
        "Speaker",
        "similarity to source",
        "",
        2,
        "should be lower than the line above; 1 is the source itself",
    ),
    (
        "words_lost",
        "Words",
        "words lost",
        "%",
        0,
        "by a recogniser of English: 0 is a copy, "
        f"{TWO_READERS_WORDS_LOST} two people reading the same sentences, over 80 other words",
    ),
    (
        "phone_error",
        "Words",
        "phone error",
        "%",
        0,
        "by a recogniser of English: 0 is a copy, 20 to 55 a resynthesis, "
        f"{TWO_READERS_PHONE_ERROR} two people reading the same sentences, over 85 other words",
    ),
    ("key", "Pitch", "key change", "semitones", 2, "removed before the lines below"),
    ("f0_error", "Pitch", "median f0 error", "cents", 1, "5 is barely audible, 100 is a semitone"),
    ("gross_errors", "Pitch", "f0 off by over 50 cents", "%", 1, "of voiced frames: wrong notes"),
    (
        "octave_errors",
        "Pitch",
        "f0 off by octaves",
        "%",
        1,
        "of voiced frames: a voice that breaks",
    ),
    (
        "voicing_agreement",
        "Pitch",
        "voicing agreement",
        "%",
        1,
        "of all frames; the rest are sung consonants or whispered notes",
    ),
    (
        "loudness_difference",
        "Loudness",
        "loudness change",
        "LU",
        1,
        "1 LU is barely audible (BS.1770)",
    ),
    (
        "dnsmos",
        "Quality",
        "DNSMOS, trained on speech",
        "",
        2,
        "1 to 5; for singing only the difference from the source counts",
    ),
)
_SOURCE_FIGURES = {"similarity_to_target": "source_to_target", "dnsmos": "dnsmos_reference"}


_SUNG_ROWS = (
    ("converted", "converted", "%", 0, "of the singing time: a pitch was found, the voice is new"),
    (
        "shifted",
        "shifted as sound",
        "%",
        0,
        "several voices at once, growls, reverberation: in the new key, with the old timbre",
    ),
    ("unvoiced", "unvoiced", "%", 0, "consonants, breaths, remains of the accompaniment"),
    (
        "residue_lu",
        "loudness of the unconverted rest",
        "LU",
        1,
        "against the vocals, BS.1770 without gates: -15 or less for solo singing, -13 to -15 for "
        "songs",
    ),
)


def table_rows(metrics: Metrics, sung: SungShare | None = None) -> tuple[Row, ...]:
    """Return a row for each figure of ``metrics``, including those that are left out.

    Before them, where it is known, how much of the vocals was converted.
    """
    return (*_sung_rows(sung), *_metric_rows(metrics))


def _sung_rows(sung: SungShare | None) -> Iterator[Row]:
    if sung is None:
        return
    for name, label, unit, digits, meaning in _SUNG_ROWS:
        value = getattr(sung, name)
        if value is not None:
            value = 100 * value if unit == "%" else value
            yield Row(name, "Singing", label, value, None, unit, digits, meaning, left_out="")


def _metric_rows(metrics: Metrics) -> tuple[Row, ...]:
    return tuple(
        Row(
            name=name,
            group=group,
            label=label,
            value=getattr(metrics, name),
            source=getattr(metrics, _SOURCE_FIGURES[name]) if name in _SOURCE_FIGURES else None,
            unit=unit,
            digits=digits,
            meaning=meaning,
            left_out=metrics.left_out.get(name, ""),
        )
        for name, group, label, unit, digits, meaning in _ROWS
    )


def html_rows(rows: tuple[Row, ...]) -> list[str]:
    """Return the rows of an HTML table, with a heading for each group."""
    lines = []
    for group, members in groupby(rows, key=lambda row: row.group):
        lines.append(
            f'<tr class="group"><th colspan="4" scope="rowgroup">{html_text(group)}</th></tr>'
        )
        for row in members:
            label = f'<th scope="row">{html_text(row.label)}</th>'
            if row.left_out:
                reason = (
                    f'<td class="absent" colspan="3">{LEFT_OUT}: {html_text(row.left_out)}</td>'
                )
                lines.append(f"<tr>{label}{reason}</tr>")
                continue
            source = "" if row.source is None else html_text(row.format(row.source))
            lines.append(
                f'<tr>{label}<td class="number">{html_text(row.format(row.value))}</td>'
                f'<td class="number source">{source}</td>'
                f'<td class="meaning">{html_text(row.meaning)}</td></tr>'
            )
    return lines
