"""Pictures of pitch tracks in notebooks."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from autovoice_core import PitchTrack, Provenance


def track(f0: object, **others: object) -> PitchTrack:
    f0 = np.asarray(f0, np.float64)
    values = {"hop": 0.01, **others}
    return PitchTrack(f0, ~(f0 == 0), np.ones(len(f0), np.float32), **values)


def shown(pitch: PitchTrack) -> ElementTree.Element:
    """Return the elements, which are well-formed."""
    return ElementTree.fromstring(pitch._repr_html_().replace("<br>", "<br/>"))


def labels(pitch: PitchTrack) -> list[str | None]:
    return [text.text for text in shown(pitch).iter("text")]


def test_a_track_shows_a_line_over_notes_and_seconds() -> None:
    pitch = track(np.linspace(220, 440, 301))
    assert "A3" in labels(pitch)
    assert labels(pitch)[-4:] == ["1.5 s", "2 s", "2.5 s", "3 s"]
    lines = [path.get("d", "") for path in shown(pitch).iter("path")]
    assert re.sub(r"[\d. -]", "", lines[-1]) == "M" + "L" * 300
    assert shown(pitch).findtext("figcaption") == repr(pitch)


def test_times_are_those_of_the_track() -> None:
    assert labels(track(np.full(101, 220.0), start=7.0))[-1] == "8 s"


def test_a_long_track_shows_some_of_its_frames() -> None:
    pitch = track(np.full(360_000, 220.0))
    html = pitch._repr_html_()
    assert len(html) < 60_000
    assert "The picture has 4000 of them." in html


@pytest.mark.parametrize("f0", [[], [0.0, 0.0], [np.nan] * 3, [np.inf] * 3, [1e-300, 1e300]])
def test_a_track_without_a_pitch_shows_what_it_is(f0: list[float]) -> None:
    assert shown(track(f0)).find("svg") is None
    assert shown(track(f0)).findtext("figcaption") == repr(track(f0))


def test_frames_that_are_no_pitch_are_gaps() -> None:
    lines = [path.get("d", "") for path in shown(track([220, 221, np.nan, 222, 223])).iter("path")]
    assert re.sub(r"[\d. ]", "", lines[-1]) == "MLML"


@pytest.mark.parametrize("hop", [1e-9, 1e9])
def test_a_track_of_an_absurd_length_is_drawn_all_the_same(hop: float) -> None:
    assert shown(track([220.0, 221.0], hop=hop)).find("svg") is not None


def test_what_made_a_track_is_text() -> None:
    made = Provenance("pitch", "acme/<script>", "acme 1", "cpu", "float32")
    html = track([220.0, 221.0], made_by=(made,))._repr_html_()
    assert "acme/&lt;script&gt; (acme 1)" in html
