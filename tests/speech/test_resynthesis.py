from __future__ import annotations

import numpy as np
import pytest
from attrs import evolve
from spoken import RATE, speech_of

from autovoice_core import Audio, Expression, PitchTrack, SingingPitchExtractor
from autovoice_core.speech.alignment import Segment
from autovoice_core.speech.lyrics import parse_lyrics
from autovoice_core.speech.resynthesis import resynthesise
from autovoice_core.speech.score import ScoreNote
from autovoice_core.speech.sing import sung
from autovoice_core.speech.syllables import Span

NOTES = [ScoreNote(0.4, 1.0, 57), ScoreNote(1.0, 1.6, 61), ScoreNote(2.3, 3.0, 64)]


@pytest.fixture(scope="module")
def song() -> tuple[Audio, PitchTrack]:
    words = parse_lyrics("ma se lo")[0]
    extractor = SingingPitchExtractor()
    return sung(speech_of("ma se lo"), words, NOTES, Expression(), extractor, seed=0)


def test_held_notes_are_in_tune(song: tuple[Audio, PitchTrack]) -> None:
    found = SingingPitchExtractor().extract(song[0])
    for note in NOTES:
        # The s before the second note takes 0.12 s of the first.
        held = (found.times > note.start + 0.1) & (found.times < note.end - 0.16)
        assert found.voiced[held].mean() > 0.95
        cents = 100 * (69 + 12 * np.log2(found.f0[held & found.voiced] / 440) - note.key)
        assert np.median(np.abs(cents)) < 10


def test_the_track_says_what_is_voiced(song: tuple[Audio, PitchTrack]) -> None:
    track = song[1]
    inside = [(track.times > n.start + 0.02) & (track.times < n.end - 0.16) for n in NOTES]
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


def hissed(stretch: float) -> np.ndarray:
    """Return the middle of a hiss sung ``stretch`` times as long as it was spoken."""
    speech, f0 = speech_of("sssa"), np.full(300, 300.0)
    hiss, vowel = Span(0.1, 0.28), Span(0.28, 0.4)
    pitch = SingingPitchExtractor().extract(speech.audio)
    end = 0.5 + stretch * hiss.seconds
    segments = [
        Segment(Span(0.5, end), hiss, is_vowel=False),
        Segment(Span(end, end + 0.3), vowel, is_vowel=True),
    ]
    song, _ = resynthesise(speech, pitch, segments, f0, 1.6, seed=0)
    return np.asarray(song[0.54 : end - 0.06].numpy()[0])


def test_a_hiss_is_as_loud_when_it_lasts_longer() -> None:
    level, longer = (np.sqrt(np.mean(hissed(stretch) ** 2)) for stretch in (1.0, 2.0))
    assert longer == pytest.approx(level, rel=0.15)


@pytest.mark.parametrize("stretch", [1.0, 1.5, 2.0, 3.5])
def test_a_hiss_has_no_pitch_however_long_it_lasts(stretch: float) -> None:
    size, lags = 800, np.arange(RATE // 400, RATE // 60)
    windows = np.lib.stride_tricks.sliding_window_view(hissed(stretch), size)[::40]
    likeness = np.fft.irfft(np.abs(np.fft.rfft(windows, 2048)) ** 2)
    peaks = likeness[:, lags] / (likeness[:, :1] * (1 - lags / size))
    assert peaks.max() < 0.25


def test_the_spoken_pitch_is_not_heard_in_what_is_not_voiced() -> None:
    speech = speech_of("ssma")
    audio, hum = (
        speech.audio.numpy().copy(),
        0.02 * np.sin(2 * np.pi * 120 * np.arange(1920) / RATE),
    )
    audio[0, 1600 : 1600 + hum.size] += hum.astype(np.float32)
    silent = np.zeros(60)
    pitch = PitchTrack(silent, silent > 0, silent.astype(np.float32), 0.01)
    segments = [
        Segment(Span(0.5, 0.62), Span(0.1, 0.22), is_vowel=False),
        Segment(Span(0.62, 1.0), Span(0.28, 0.4), is_vowel=True),
    ]
    hummed = evolve(speech, audio=Audio(audio, RATE))
    song, _ = resynthesise(hummed, pitch, segments, np.full(300, 300.0), 1.4, seed=0)
    hiss = song[0.53:0.59].numpy()[0]
    power = np.abs(np.fft.rfft(hiss * np.hanning(hiss.size))) ** 2
    low = np.fft.rfftfreq(hiss.size, 1 / RATE) < 300
    assert power[low].sum() < 0.01 * power.sum()


def test_a_high_note_has_breath_between_its_harmonics() -> None:
    words, note = parse_lyrics("o")[0], ScoreNote(0.5, 1.5, 76)
    plain = Expression(vibrato_extent=0, overshoot=0)
    song, _ = sung(speech_of("o"), words, [note], plain, SingingPitchExtractor(), seed=0)
    held = song[0.7:1.3].numpy()[0]
    power = np.abs(np.fft.rfft(held * np.hanning(held.size))) ** 2
    turns = np.fft.rfftfreq(held.size, 1 / song.sample_rate) / note_hz(note)
    between = (np.abs(turns - np.rint(turns)) > 0.25) & (turns < 2)
    assert power[between].sum() > 0.003 * power[turns < 2].sum()


def note_hz(note: ScoreNote) -> float:
    return float(440 * 2 ** ((note.key - 69) / 12))


def test_the_same_seed_sings_the_same() -> None:
    words, extractor = parse_lyrics("so")[0], SingingPitchExtractor()
    one, other, third = (
        sung(speech_of("so"), words, NOTES[:1], Expression(), extractor, seed)[0]
        for seed in (1, 1, 2)
    )
    assert one == other
    assert one != third
