from __future__ import annotations

import numpy as np
import pytest
from spoken import speech_of

from autovoice_core import Audio, Expression, PitchTrack, SingingPitchExtractor
from autovoice_core.speech.lyrics import parse_lyrics
from autovoice_core.speech.score import ScoreNote
from autovoice_core.speech.sing import sung

NOTES = [ScoreNote(0.4, 1.0, 57), ScoreNote(1.0, 1.6, 61), ScoreNote(2.3, 3.0, 64)]


@pytest.fixture(scope="module")
def song() -> tuple[Audio, PitchTrack]:
    words = parse_lyrics("ma se lo")[0]
    extractor = SingingPitchExtractor()
    return sung(speech_of("ma se lo"), words, NOTES, Expression(), extractor, seed=0)


def test_held_notes_are_in_tune(song: tuple[Audio, PitchTrack]) -> None:
    found = SingingPitchExtractor().extract(song[0])
    for note in NOTES:
        held = (found.times > note.start + 0.1) & (found.times < note.end - 0.1)
        assert found.voiced[held].mean() > 0.95
        cents = 100 * (69 + 12 * np.log2(found.f0[held & found.voiced] / 440) - note.key)
        assert np.median(np.abs(cents)) < 10


def test_the_track_says_what_is_voiced(song: tuple[Audio, PitchTrack]) -> None:
    track = song[1]
    inside = [(track.times > n.start + 0.02) & (track.times < n.end - 0.12) for n in NOTES]
    assert all(track.voiced[each].all() for each in inside)
    assert not track.voiced[(track.times > 1.8) & (track.times < 2.1)].any()


def test_rests_are_silent_and_consonants_that_hiss_do_so_before_their_note(
    song: tuple[Audio, PitchTrack],
) -> None:
    audio = song[0]
    assert np.abs(audio[1.75:2.1].numpy()).max() < 1e-3
    hiss = audio[0.93:0.98].numpy()[0]
    spectrum = np.abs(np.fft.rfft(hiss)) ** 2
    assert spectrum[len(spectrum) // 2 :].sum() > 0.2 * spectrum.sum()


def test_the_same_seed_sings_the_same() -> None:
    words, extractor = parse_lyrics("so")[0], SingingPitchExtractor()
    one, other, third = (
        sung(speech_of("so"), words, NOTES[:1], Expression(), extractor, seed)[0]
        for seed in (1, 1, 2)
    )
    assert one == other
    assert one != third
