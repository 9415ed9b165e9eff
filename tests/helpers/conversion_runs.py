"""Conversions of whole songs and in windows, and a voice to convert to."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from conversion_truth import phrase
from numpy.typing import NDArray

from autovoice_core import Audio, PitchTrack
from autovoice_core.audio.reading import as_source
from autovoice_core.audio.windows import crossfade, iter_windows
from autovoice_core.conversion.retrieval.retrieval import Retrieval


def voice_of(converter: Retrieval) -> Any:
    """Return a voice with formants 15 % higher, recorded at 16 kHz."""
    recordings = [phrase(16_000, f0, 1.15, 6.0) for f0 in (180.0, 220.0)]
    return SimpleNamespace(
        name="mara", features=converter.learn(recordings), f0_range=(160.0, 210.0, 260.0)
    )


def convert_whole(
    converter: Retrieval, voice: Any, vocals: Audio, pitch: PitchTrack, key: float
) -> NDArray[np.float32]:
    """Return a song converted in one piece."""
    conversion = converter.begin(voice, pitch, vocals.sample_rate, key=key)
    conversion.observe(vocals, 0)
    return conversion.render(vocals, 0).numpy()


def convert_in_windows(
    converter: Retrieval, voice: Any, vocals: Audio, pitch: PitchTrack, key: float, core: float
) -> NDArray[np.float32]:
    """Return a song converted in windows, with ``core`` seconds between their contexts."""
    rate = vocals.sample_rate
    conversion = converter.begin(voice, pitch, rate, key=key)

    def spans() -> Any:
        context = int(np.ceil((converter.context + 0.05) * rate))
        grid = converter.grid(rate)
        return iter_windows(as_source(vocals), core=int(core * rate), context=context, grid=grid)

    for window in spans():
        conversion.observe(window.audio, window.start)
    rendered = ((w, conversion.render(w.audio, w.start).numpy()) for w in spans())
    return np.concatenate(list(crossfade(rendered, int(0.05 * rate))), axis=1)
