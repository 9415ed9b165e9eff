from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from autovoice_core import Audio
from autovoice_core.audio.equaliser import octave_powers
from autovoice_core.audio.source import AudioInMemory
from autovoice_core.songs.balance import MAX_EXCESS_DB, MAX_VOCALS_CUT_DB, balanced

RATE = 22_050
BASS, HIGH = 2, 7
"""Places of the octaves of 250 Hz and of 8 kHz."""


def source_of(**tones: float) -> AudioInMemory:
    time = np.arange(4 * RATE) / RATE
    hertz = {"low": 250.0, "middle": 1000.0, "high": 8000.0}
    sound = sum(level * np.sin(2 * np.pi * hertz[name] * time) for name, level in tones.items())
    return AudioInMemory(Audio(np.float32(sound)[None], RATE))


def excess(song: AudioInMemory, *parts: object) -> np.ndarray:
    power = sum(octave_powers(part) for part in parts)
    return 10 * np.log10((power + 1e-20) / (octave_powers(song) + 1e-20))


def test_a_voice_that_is_stronger_than_the_song_in_an_octave_is_turned_down_there(
    tmp_path: Path,
) -> None:
    song, vocals = source_of(low=0.1, middle=0.3), source_of(low=0.01, middle=0.3)
    rest, new = source_of(low=0.09), source_of(low=0.3, middle=0.3)
    found, same = balanced(song, vocals, new, rest, vocals_gain=1.0, folder=tmp_path)
    assert same is rest
    assert excess(song, new, rest)[BASS] > 9
    assert excess(song, found, rest)[BASS] == pytest.approx(MAX_EXCESS_DB, abs=0.3)
    ratio = octave_powers(found)[4] / octave_powers(new)[4]
    assert 10 * np.log10(ratio) == pytest.approx(0, abs=0.1)


def test_what_a_key_carries_beyond_the_song_is_turned_down(tmp_path: Path) -> None:
    song, vocals = source_of(middle=0.3, high=0.001), source_of(middle=0.2)
    moved = source_of(middle=0.1, high=0.003)
    new, found = balanced(song, vocals, vocals, moved, vocals_gain=1.0, folder=tmp_path)
    assert new is vocals
    assert excess(song, found)[HIGH] == pytest.approx(MAX_EXCESS_DB, abs=0.3)


def test_the_new_vocals_may_be_as_strong_as_the_old_ones_and_are_never_cut_by_more_than_12_db(
    tmp_path: Path,
) -> None:
    song = source_of(middle=0.3, low=0.3)
    vocals = source_of(middle=0.3, low=0.3)
    rest = source_of(low=0.9)
    new, _ = balanced(song, vocals, vocals, rest, vocals_gain=1.0, folder=tmp_path)
    assert new is vocals
    far = source_of(middle=0.3, low=9.0)
    found, _ = balanced(song, vocals, far, source_of(low=0.0), vocals_gain=1.0, folder=tmp_path)
    cut = 10 * np.log10(octave_powers(found)[BASS] / octave_powers(far)[BASS])
    assert cut == pytest.approx(-MAX_VOCALS_CUT_DB, abs=0.3)


def test_a_balance_like_the_songs_stays_as_it_is(tmp_path: Path) -> None:
    song, half = source_of(middle=0.4, low=0.2), source_of(middle=0.2, low=0.1)
    new, rest = balanced(song, half, half, half, vocals_gain=1.0, folder=tmp_path)
    assert (new, rest) == (half, half)
    assert not list(tmp_path.iterdir())
