from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from autovoice_core import InputError, PitchTrack
from autovoice_core.pitch.plot import write_plot


def example(frames: int = 200, low: float = 220.0, start: float = 0.0) -> PitchTrack:
    f0 = low * 2 ** np.sin(np.arange(frames) / 30)
    f0[:10] = 0
    f0[50:60] = 0
    return PitchTrack(f0, f0 > 0, np.where(f0 > 0, 0.9, 0.1), 0.01, start)


@pytest.fixture
def axes() -> Any:
    figure = pytest.importorskip("matplotlib.figure")
    return figure.Figure().add_subplot()


def test_f0_is_a_line_with_gaps_on_an_axis_of_notes_and_hertz(axes: Any) -> None:
    track = example()
    assert track.plot(axes) is axes
    (line,) = axes.lines
    np.testing.assert_array_equal(np.isnan(line.get_ydata()), ~track.voiced)
    np.testing.assert_array_equal(line.get_xdata(), track.times)
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert "C3  131" in labels
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("time (s)", "note, Hz")
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["f0"]


def test_a_second_track_leaves_the_first_in_sight(axes: Any) -> None:
    example().plot(axes)
    example(low=600.0, start=3.0).plot(axes)
    assert len(axes.lines) == 2
    assert len(axes.get_figure().axes) == 2  # one of them the colours of the first
    (low, high), (start, end) = axes.get_ylim(), axes.get_xlim()
    assert low < 115
    assert high > 1190
    assert (start, end) == pytest.approx((0.0, 4.99))


def test_without_axes_there_is_a_new_figure() -> None:
    pyplot = pytest.importorskip("matplotlib.pyplot")
    pyplot.switch_backend("Agg")
    ax = example().plot()
    assert ax.get_figure() is pyplot.gcf()
    pyplot.close(ax.get_figure())


def test_what_are_no_axes_is_refused() -> None:
    with pytest.raises(InputError) as refusal:
        example().plot("left")
    assert str(refusal.value) == ("ax: 'left' is not matplotlib's Axes; omit it for a new figure")


@pytest.mark.parametrize("frames", [1, 10, 200, 20000])
@pytest.mark.parametrize("suffix", [".png", ".svg"])
def test_the_picture_is_drawn(tmp_path: Path, frames: int, suffix: str) -> None:
    pytest.importorskip("matplotlib")
    path = tmp_path / f"f0{suffix}"
    write_plot(example(frames), path, title="A song")
    head = path.read_bytes()[:8]
    assert head == b"\x89PNG\r\n\x1a\n" if suffix == ".png" else head.startswith(b"<?xml")
    assert [item.name for item in tmp_path.iterdir()] == [path.name]


def test_a_suffix_that_is_not_a_picture_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    path = tmp_path / "f0.csv"
    with pytest.raises(InputError) as refusal:
        write_plot(example(), path)
    assert str(refusal.value) == (
        f"{path}: the suffix is not a picture format; use .png, .svg or .pdf"
    )
    assert not list(tmp_path.iterdir())


def test_without_matplotlib_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    monkeypatch.setitem(sys.modules, "matplotlib.backends.backend_agg", None)
    with pytest.raises(InputError) as refusal:
        write_plot(example(), tmp_path / "f0.png")
    assert str(refusal.value) == (
        f"{tmp_path / 'f0.png'}: drawing needs matplotlib; install it with "
        "`pip install 'autovoice-core[plot]'`"
    )


def test_control_characters_of_a_title_leave_a_drawing_that_can_be_read(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    write_plot(example(), tmp_path / "a.svg", title="a\x00\x1b[31m$\x9b\u202e_^{")
    assert ElementTree.parse(tmp_path / "a.svg").getroot().tag.endswith("svg")
