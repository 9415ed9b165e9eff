"""The picture of the demo: the mixture, the separated vocals, and the converted ones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from autovoice_core._types import PitchTrack
from autovoice_core.demo.measurements import DemoSong, Measurement
from autovoice_core.demo.panels import (
    AFTER_COLOUR,
    BEFORE_COLOUR,
    MIXTURE_COLOUR,
    draw_curve,
    draw_spectrogram,
    draw_title,
    draw_waveforms,
    magnitude,
    new_figure,
    save,
)
from autovoice_core.demo.summary import format_value


def draw(
    song: DemoSong, converted_pitch: PitchTrack, measured: Sequence[Measurement], path: Path
) -> None:
    """Draw the demo and write it as a PNG file of 1320 by 1100 pixels."""
    mixture = song.reference.mixture
    figure, axes = new_figure([0.8, 2, 2, 2])
    found = {(each.stage, each.what): format_value(each.value, each.unit) for each in measured}

    draw_waveforms(
        axes[0],
        (mixture, MIXTURE_COLOUR, "mixture"),
        (song.vocals, BEFORE_COLOUR, "vocals"),
    )
    draw_title(
        axes[0],
        f"A {song.singer.name} over a band, and the separated {song.singer.name}",
        "",
    )
    full = float(magnitude(mixture).max())
    draw_spectrogram(axes[1], mixture, full)
    draw_title(axes[1], "The mixture", "before.wav")
    draw_spectrogram(axes[2], song.vocals, full)
    draw_curve(axes[2], song.pitch, BEFORE_COLOUR, "f0 before")
    draw_title(
        axes[2],
        "The vocals, separated",
        f"SDR {found['separation', 'SDR of the vocals']}, "
        f"f0 within {found['pitch', 'median f0 error']} of the truth",
    )
    draw_spectrogram(axes[3], song.converted, full)
    draw_curve(axes[3], song.pitch, BEFORE_COLOUR, "f0 before", style=(0, (1, 1.5)))
    draw_curve(axes[3], converted_pitch, AFTER_COLOUR, "f0 after")
    draw_title(
        axes[3],
        f"The vocals, converted to the {song.target_singer.name}",
        f"shifted by {found['conversion', 'key, moved by']}, "
        f"f0 within {found['conversion', 'median f0 error']}",
    )
    save(figure, axes, mixture.duration, path)
