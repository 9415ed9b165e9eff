"""The report as one HTML page, from a template."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from math import log
from string import Template

from autovoice_core._printable import html_text, json_safe
from autovoice_core._provenance import Provenance
from autovoice_core._style import Style
from autovoice_core.audio.mono import MonoMix
from autovoice_core.audio.mp3_uri import mp3_data_uri
from autovoice_core.metrics import Metrics
from autovoice_core.metrics.perceptual import Vocals
from autovoice_core.metrics.sung_share import SungShare
from autovoice_core.pitch.svg import f0_range, note_ticks, pitch_path
from autovoice_core.report.charts import (
    FREQUENCY_TICKS,
    MAX_HZ,
    MIN_HZ,
    columns_of,
    frequency_label,
    spectrogram_image,
)
from autovoice_core.report.table import html_rows, table_rows

MAX_SECONDS = 600.0
"""Seconds of a recording that a page holds, 9 MB."""
_TIME_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)  # seconds
_MAX_TIME_TICKS = 40


class Page:
    """Charts, audio and figures of the vocals before and after, to fill the template with."""

    def __init__(
        self, metrics: Metrics, before: Vocals, after: Vocals, sung: SungShare | None = None
    ) -> None:
        self._rows = table_rows(metrics, sung)
        self._before, self._after = before, after
        self._key = metrics.key or 0.0
        self._seconds = before.source.frames / before.source.sample_rate
        self._columns = columns_of(self._seconds)

    def render(
        self,
        *,
        source: str,
        result: str,
        voice: str,
        made_by: tuple[Provenance, ...],
        style: Style | None,
        data: Mapping[str, object],
    ) -> str:
        """Return the page as HTML; it holds ``data`` as JSON."""
        template = files("autovoice_core.report").joinpath("page.html").read_text("utf-8")
        # A "</script>" in the data would end its element.
        embedded = json_safe(json.dumps(data, ensure_ascii=False)).replace("<", "\\u003c")
        return Template(template).substitute(
            source=html_text(source),
            result=html_text(result),
            voice=html_text(voice),
            length=_minutes(self._seconds),
            rows="\n".join(html_rows(self._rows)),
            width=self._columns,
            before_image=spectrogram_image(self._before.source, self._columns),
            after_image=spectrogram_image(self._after.source, self._columns),
            before_path=self._path(self._before),
            after_path=self._path(self._after),
            hertz=_frequency_labels(self._after.source.sample_rate),
            notes=self._notes(),
            seconds="".join(_time_ticks(self._seconds)),
            before_sound=_sound(self._before),
            after_sound=_sound(self._after),
            cut=f"The first {MAX_SECONDS / 60:.0f} minutes." if self._seconds > MAX_SECONDS else "",
            made_by="<br>".join(html_text(str(made)) for made in made_by),
            style="" if style is None else f"<h2>Style</h2><p>{html_text(str(style))}</p>",
            data=embedded,
            **self._overlay(),
        )

    def _path(self, vocals: Vocals) -> str:
        highest = min(MAX_HZ, vocals.source.sample_rate / 2)
        return pitch_path(vocals.pitch, self._columns, lowest=MIN_HZ, highest=highest)

    @property
    def _range(self) -> tuple[float, float]:
        return f0_range((self._before.pitch, self._key), (self._after.pitch, 0.0))

    def _notes(self) -> str:
        return "".join(_tick_label(height, name) for height, name in note_ticks(*self._range))

    def _overlay(self) -> dict[str, str]:
        low, high = self._range
        lines = (1000 * (1 - height) for height, _ in note_ticks(low, high))
        return {
            "note_lines": "".join(f"M0 {y:.0f}H1000" for y in lines),
            "shifted_path": pitch_path(
                self._before.pitch, self._columns, lowest=low, highest=high, semitones=self._key
            ),
            "result_path": pitch_path(self._after.pitch, self._columns, lowest=low, highest=high),
            "shift": f", shifted by {self._key:+.2f} semitones" if abs(self._key) >= 0.005 else "",
        }


def _sound(vocals: Vocals) -> str:
    return mp3_data_uri(MonoMix(vocals.source), MAX_SECONDS)


def _frequency_labels(sample_rate: int) -> str:
    highest = min(MAX_HZ, sample_rate / 2)
    return "".join(
        _tick_label(log(hz / MIN_HZ) / log(highest / MIN_HZ), frequency_label(hz))
        for hz in FREQUENCY_TICKS
        if hz < highest
    )


def _tick_label(height: float, text: str) -> str:
    return f'<span style="bottom:{100 * height:.2f}%">{html_text(text)}</span>'


def _time_ticks(seconds: float) -> list[str]:
    step = next((s for s in _TIME_STEPS if seconds / s <= _MAX_TIME_TICKS), _TIME_STEPS[-1])
    return [
        f'<span style="left:{100 * at / seconds:.3f}%">{_minutes(at)}</span>'
        for at in range(0, int(seconds) + 1, step)
        if at <= 0.98 * seconds
    ]


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
