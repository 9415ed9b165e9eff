"""Profiles of voices whose recordings are in memory."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from attrs import evolve

from autovoice_core import Audio, InputError, VoiceProfile, using
from autovoice_core.testing import truth


@pytest.fixture(autouse=True)
def correlation():
    """The tracker without a network: quicker to open."""
    with using(pitch="reference/nccf"):
        yield


@pytest.fixture(scope="module")
def take() -> Audio:
    return truth.sing(truth.ALTO, seconds=12, sample_rate=16_000, seed=4).audio


def test_a_recording_in_memory_makes_the_voice_that_its_file_makes(
    take: Audio, tmp_path: Path
) -> None:
    take.save(tmp_path / "take.wav")
    take = Audio.load(tmp_path / "take.wav")
    of_file = VoiceProfile.from_recordings(tmp_path / "take.wav", name="alto")
    in_memory = VoiceProfile.from_recordings(take, name="alto")
    assert evolve(of_file, recordings=(), created="2026-01-02") == evolve(
        in_memory, recordings=(), created="2026-01-02"
    )
    (recording,) = in_memory.recordings
    assert (recording.name, recording.seconds) == ("recordings[0]", 12.0)


def test_a_recording_given_twice_counts_once(take: Audio, tmp_path: Path) -> None:
    take.save(tmp_path / "take.wav")
    opened = io.BytesIO((tmp_path / "take.wav").read_bytes())
    profile = VoiceProfile.from_recordings(
        (sound for sound in (take, Audio(take.numpy().copy(), 16_000), opened)), name="alto"
    )
    assert [recording.name for recording in profile.recordings] == [
        *("recordings[0]", "recordings[2]")
    ]


@pytest.mark.parametrize(
    ("recordings", "refusal"),
    [
        (
            5,
            "recordings: 5 is not a list of recordings; give sound files or Audio of the voice "
            "alone",
        ),
        (
            [np.zeros(9)],
            "recordings[0]: an array has no sample rate; give Audio(samples, sample_rate)",
        ),
        (
            [None],
            "recordings[0]: None is not sound; give Audio(samples, sample_rate) or the path of a "
            "sound file",
        ),
        ((), "recordings: none were given; give sound files of the voice alone"),
    ],
)
def test_what_are_no_recordings_is_refused(recordings: Any, refusal: str) -> None:
    with pytest.raises(InputError) as caught:
        VoiceProfile.from_recordings(recordings, name="alto")
    assert str(caught.value) == refusal
