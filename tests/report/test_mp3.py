from __future__ import annotations

import base64
import io
from collections.abc import Iterator

import numpy as np
import pytest
import soundfile

from autovoice_core.report import mp3


class Endless:
    """More sound than a page holds."""

    name, sample_rate, channels, frames = "endless", 96_000, 1, 1 << 40

    def blocks(self, size: int) -> Iterator[np.ndarray]:
        while True:
            yield np.zeros((1, size), np.float32)


def test_a_page_holds_no_more_sound_than_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mp3, "MAX_SECONDS", 2.0)
    sound = base64.b64decode(mp3.mp3_data_uri(Endless()).split(",")[1])
    samples, rate = soundfile.read(io.BytesIO(sound))
    assert rate == 48_000
    assert len(samples) / rate == pytest.approx(2, abs=0.1)
