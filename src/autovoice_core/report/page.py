"""The report as one HTML file: the template, filled."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from importlib.resources import files
from itertools import groupby
from math import log
from string import Template

from autovoice_core._provenance import Provenance
from autovoice_core._style import Style
from autovoice_core.metrics import Metrics
from autovoice_core.metrics.perceptual import Vocals
from autovoice_core.report.drawing import (
    HIGHEST,
    LOWEST,
    columns_of,
    notes,
    pitch_path,
    range_of,
    spectrogram_image,
)
from autovoice_core.report.figures import LEFT_OUT, Figure, figures
from autovoice_core.report.listening import LONGEST, playable

_TICKS = (100, 200, 500, 1000, 2000, 5000)
_TICK_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)
_MOST_TICKS = 40


class Page:
    """Pictures, sound and figures of the vocals before and after, to fill the template with."""

    def __init__(self, metrics: Metrics, before: Vocals, after: Vocals) -> None:
        self._rows = figures(metrics)
        self._before, self._after = before, after
        self._key = metrics.key or 0.0
        self._seconds = before.source.frames / before.source.sample_rate
        self._columns = columns_of(self._seconds)

    def filled(
        self,
        *,
        source: str,
        result: str,
        voice: str,
        made_by: tuple[Provenance, ...],
        style: Style | None,
        data: Mapping[str, object],
    ) -> str:
        """Return the page; ``data`` is kept in it as JSON."""
        template = files("autovoice_core.report").joinpath("page.html").read_text("utf-8")
        # "<" alone could end the element that holds the data.
        kept = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
        return Template(template).substitute(
            source=escape(source),
            result=escape(result),
            voice=escape(voice),
            length=_clock(self._seconds),
            rows="\n".join(_rows(self._rows)),
            width=self._columns,
            before_image=spectrogram_image(self._before.source, self._columns),
            after_image=spectrogram_image(self._after.source, self._columns),
            before_path=self._path(self._before),
            after_path=self._path(self._after),
            hertz="".join(_label(*tick) for tick in _hertz(self._after.source.sample_rate)),
            notes=self._notes(),
            seconds="".join(_ticks(self._seconds)),
            before_sound=playable(self._before.source),
            after_sound=playable(self._after.source),
            cut=f"The first {LONGEST / 60:.0f} minutes." if self._seconds > LONGEST else "",
            made_by="<br>".join(escape(str(made)) for made in made_by),
            style="" if style is None else f"<h2>Sung with</h2><p>{escape(str(style))}</p>",
            data=kept,
            **self._overlay(),
        )

    def _path(self, of: Vocals) -> str:
        highest = min(HIGHEST, of.source.sample_rate / 2)
        return pitch_path(of.pitch, self._columns, lowest=LOWEST, highest=highest)

    @property
    def _range(self) -> tuple[float, float]:
        return range_of((self._before.pitch, self._key), (self._after.pitch, 0.0))

    def _notes(self) -> str:
        return "".join(_label(height, name) for height, name in notes(*self._range))

    def _overlay(self) -> dict[str, str]:
        low, high = self._range
        lines = (1000 * (1 - height) for height, _ in notes(low, high))
        return {
            "note_lines": "".join(f"M0 {y:.0f}H1000" for y in lines),
            "moved_path": pitch_path(
                self._before.pitch, self._columns, lowest=low, highest=high, semitones=self._key
            ),
            "heard_path": pitch_path(self._after.pitch, self._columns, lowest=low, highest=high),
            "moved": f", moved by {self._key:+.2f} semitones" if abs(self._key) >= 0.005 else "",
        }


def _rows(rows: tuple[Figure, ...]) -> list[str]:
    lines = []
    for group, members in groupby(rows, key=lambda row: row.group):
        lines.append(
            f'<tr class="group"><th colspan="4" scope="rowgroup">{escape(group)}</th></tr>'
        )
        for row in members:
            what = f'<th scope="row">{escape(row.what)}</th>'
            if row.left_out:
                reason = f'<td class="absent" colspan="3">{LEFT_OUT}: {escape(row.left_out)}</td>'
                lines.append(f"<tr>{what}{reason}</tr>")
                continue
            own = "" if row.source is None else escape(row.shown(row.source))
            lines.append(
                f'<tr>{what}<td class="number">{escape(row.shown(row.value))}</td>'
                f'<td class="number own">{own}</td>'
                f'<td class="meaning">{escape(row.meaning)}</td></tr>'
            )
    return lines


def _hertz(sample_rate: int) -> list[tuple[float, str]]:
    highest = min(HIGHEST, sample_rate / 2)
    return [
        (log(hz / LOWEST) / log(highest / LOWEST), f"{hz // 1000}k" if hz >= 1000 else f"{hz}")
        for hz in _TICKS
        if hz < highest
    ]


def _label(height: float, text: str) -> str:
    return f'<span style="bottom:{100 * height:.2f}%">{escape(text)}</span>'


def _ticks(seconds: float) -> list[str]:
    step = next((s for s in _TICK_STEPS if seconds / s <= _MOST_TICKS), _TICK_STEPS[-1])
    return [
        f'<span style="left:{100 * at / seconds:.3f}%">{_clock(at)}</span>'
        for at in range(0, int(seconds) + 1, step)
        if at <= 0.98 * seconds
    ]


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
