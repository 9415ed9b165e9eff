"""The demo's figures as files: ``measured.json`` for programs, ``measured.md`` for people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import asdict

from autovoice_core.audio.atomic import moved_into_place
from autovoice_core.demo.measuring import Measured

if TYPE_CHECKING:
    from autovoice_core.demo.result import Demo


def as_dict(demo: Demo) -> dict[str, object]:
    """Return the demo's findings for JSON; paths are relative to its folder."""
    return {
        "measured": [asdict(figure) for figure in demo.measured],
        "seconds": {stage: round(value, 2) for stage, value in demo.seconds.items()},
        "made_by": [asdict(made) for made in demo.made_by],
        "files": [str(path.relative_to(demo.folder)) for path in demo.files],
    }


def write_report(demo: Demo) -> None:
    """Write ``measured.json`` and ``measured.md`` into the demo's folder."""
    _write(demo.folder / "measured.json", json.dumps(as_dict(demo), indent=2) + "\n")
    lines = ["| stage | measured | result | before |", "|---|---|---|---|"]
    lines += [
        f"| {f.stage} | {f.what} | {shown(f.value, f.unit)} | {before(f)} |" for f in demo.measured
    ]
    lines += ["", "| stage | seconds |", "|---|---|"]
    lines += [f"| {stage} | {value:.1f} |" for stage, value in demo.seconds.items()]
    lines += ["", *(f"- {made}" for made in demo.made_by)]
    _write(demo.folder / "measured.md", "\n".join(lines) + "\n")


def shown(value: float | None, unit: str) -> str:
    """Return a figure with its unit."""
    if value is None:
        return "–"
    return f"{value:+g} {unit}" if unit == "semitones" else f"{_digits(value, unit)} {unit}"


def before(figure: Measured) -> str:
    """Return what the figure was before the operation, where there is one."""
    return "" if figure.compare is None else shown(figure.compare, figure.unit)


def _digits(value: float, unit: str) -> str:
    return f"{value:,.0f}" if unit == "samples" else f"{value:.1f}"


def _write(path: Path, text: str) -> None:
    with moved_into_place(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
