"""The figures of a demo as files: ``measured.json`` for programs, ``measured.md`` for people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import asdict

from autovoice_core.audio.atomic import atomic_file
from autovoice_core.demo.measurements import Measurement

if TYPE_CHECKING:
    from autovoice_core.demo.result import Demo


def as_dict(demo: Demo) -> dict[str, object]:
    """Return the demo for JSON; paths are relative to its folder."""
    return {
        "measured": [asdict(figure) for figure in demo.measured],
        "seconds": {stage: round(value, 2) for stage, value in demo.seconds.items()},
        "made_by": [asdict(made) for made in demo.made_by],
        "files": [str(path.relative_to(demo.folder)) for path in demo.files],
    }


def write_summary(demo: Demo) -> None:
    """Write ``measured.json`` and ``measured.md`` into the demo's folder."""
    _write(demo.folder / "measured.json", json.dumps(as_dict(demo), indent=2) + "\n")
    lines = ["| stage | measured | result | before |", "|---|---|---|---|"]
    lines += [
        f"| {f.stage} | {f.what} | {format_value(f.value, f.unit)} | {format_baseline(f)} |"
        for f in demo.measured
    ]
    lines += ["", "| stage | seconds |", "|---|---|"]
    lines += [f"| {stage} | {value:.1f} |" for stage, value in demo.seconds.items()]
    lines += ["", *(f"- {made}" for made in demo.made_by)]
    _write(demo.folder / "measured.md", "\n".join(lines) + "\n")


def format_value(value: float | None, unit: str) -> str:
    """Return a figure with its unit."""
    if value is None:
        return "–"
    return f"{value:+g} {unit}" if unit == "semitones" else f"{_rounded(value, unit)} {unit}"


def format_baseline(figure: Measurement) -> str:
    """Return the figure of the operation's input with its unit, or nothing where there is none."""
    return "" if figure.compare is None else format_value(figure.compare, figure.unit)


def _rounded(value: float, unit: str) -> str:
    return f"{value:,.0f}" if unit == "samples" else f"{value:.1f}"


def _write(path: Path, text: str) -> None:
    with atomic_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
