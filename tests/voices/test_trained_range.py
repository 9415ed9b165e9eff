"""The range of a trained voice without recordings, refused in the words of what was given."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from trained_voices import trained_voices

from autovoice_core import InputError, VoiceProfile


@pytest.fixture(autouse=True)
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The plugin is installed, and the working folder holds a model."""
    monkeypatch.chdir(tmp_path)
    Path("ana.pth").write_bytes(b"weights")
    with trained_voices():
        yield


def test_the_middle_of_a_range_may_be_given_too() -> None:
    voice = VoiceProfile.from_rvc("ana.pth", name="ana", f0_range=(110, 200, 330))
    assert tuple(voice.f0_range) == (110, 200, 330)


def test_a_range_may_be_an_array() -> None:
    voice = VoiceProfile.from_rvc("ana.pth", name="ana", f0_range=np.array([110, 440]))  # type: ignore[arg-type]
    assert tuple(voice.f0_range) == (110, 220, 440)


@pytest.mark.parametrize(
    ("f0_range", "message"),
    [
        (("A2", "E4"), "('A2', 'E4') is not two frequencies in Hz; give for example (110, 330)"),
        ((None, 330), "(None, 330) is not two frequencies in Hz; give for example (110, 330)"),
        (220, "220 is not two frequencies in Hz; give for example (110, 330)"),
        (
            np.ones(4),
            "[1.0, 1.0, 1.0, 1.0] is not two frequencies in Hz; give for example (110, 330)",
        ),
        ((330, 110), "(330, 110) goes down; give the lower note first, for example (110, 330)"),
        (
            (196, 196),
            "(196, 196) is one note; give the lowest and the highest usual note, for example "
            "(110, 330)",
        ),
        (
            (-1, 330),
            "(-1, 330) goes beyond what voices sing, 20 to 4000 Hz (E0 to B7); give the lowest and "
            "the highest usual note, for example (110, 330)",
        ),
        (
            (110, 4100.5),
            "(110, 4100.5) goes beyond what voices sing, 20 to 4000 Hz (E0 to B7); give the lowest "
            "and the highest usual note, for example (110, 330)",
        ),
        (
            (330, 220, 110),
            "330, 220, 110 Hz are not the 5th, 50th and 95th percentile of an f0; give three "
            "frequencies from 20 to 4000 Hz in rising order",
        ),
    ],
)
def test_a_range_of_anything_else_is_refused(f0_range: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        VoiceProfile.from_rvc("ana.pth", name="ana", f0_range=f0_range)
    assert str(caught.value) == f"f0_range: {message}"
