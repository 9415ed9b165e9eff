"""Pictures of pitch tracks for notebooks: SVG within HTML, without matplotlib."""

from __future__ import annotations

import math
from collections.abc import Iterator

from attrs import evolve

from autovoice_core._printable import html_text
from autovoice_core._types import PitchTrack
from autovoice_core.pitch.svg import f0_range, note_ticks, pitch_path

MAX_POINTS = 4000
"""Points of the line at most: those of a longer track are some of its frames."""
DRAWN_HZ = (20.0, 5000.0)
"""Ends of what is drawn as a voice."""

_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM = 800, 260, 44, 8, 22
_TIME_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600)
_MAX_TIME_TICKS = 10


def picture(track: PitchTrack) -> str:
    """Return a track as a picture of its f0, with a caption; without a pitch, only the caption."""
    low, high = DRAWN_HZ
    sung = evolve(track, voiced=track.voiced & (track.f0 >= low) & (track.f0 <= high))
    lines = [repr(track)]
    if len(track) > MAX_POINTS:
        lines.append(f"The picture has {MAX_POINTS} of them.")
    lines += map(str, track.made_by)
    drawn = _svg(sung) if sung.voiced.any() else ""
    caption = "<br>".join(map(html_text, lines))
    return f"<figure>{drawn}<figcaption>{caption}</figcaption></figure>"


def _svg(track: PitchTrack) -> str:
    lowest, highest = f0_range((track, 0.0))
    width, height = _WIDTH - _LEFT, _HEIGHT - _TOP - _BOTTOM
    line = pitch_path(track, MAX_POINTS, lowest=lowest, highest=highest)
    notes = [(_TOP + height * (1 - at), name) for at, name in note_ticks(lowest, highest)]
    times = [(_LEFT + width * at, name) for at, name in _time_ticks(track)]
    grid = "".join(f"M{_LEFT} {y:.1f}H{_WIDTH}" for y, _ in notes)
    labels = [f'<text x="{_LEFT - 6}" y="{y + 4:.1f}">{name}</text>' for y, name in notes]
    labels += [f'<text x="{x:.1f}" y="{_HEIGHT - 6}">{name}</text>' for x, name in times]
    # The colour of the text is that of the notebook, light or dark.
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" width="100%" style="max-width:{_WIDTH}px" '
        f'role="img" aria-label="f0 over time" font-family="sans-serif" font-size="11">'
        f'<path d="{grid}" stroke="currentColor" stroke-opacity="0.2"/>'
        f'<g fill="currentColor" text-anchor="end">{"".join(labels)}</g>'
        f'<svg x="{_LEFT}" y="{_TOP}" width="{width}" height="{height}" '
        f'viewBox="0 0 1000 1000" preserveAspectRatio="none">'
        f'<path d="{line}" fill="none" stroke="#3b82f6" stroke-width="2" stroke-linecap="round" '
        'vector-effect="non-scaling-stroke"/></svg></svg>'
    )


def _time_ticks(track: PitchTrack) -> Iterator[tuple[float, str]]:
    """Yield round times as fractions of the width, and their labels; none of an absurd length."""
    span = max(len(track) - 1, 1) * track.hop
    step = next((s for s in _TIME_STEPS if span / s <= _MAX_TIME_TICKS), None)
    if step is None:
        return
    for i in range(math.ceil(track.start / step), math.floor((track.start + span) / step) + 1):
        yield (i * step - track.start) / span, f"{i * step:g} s"
