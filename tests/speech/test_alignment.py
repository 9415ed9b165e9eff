from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spoken import CONSONANT_SECONDS, speech_of

from autovoice_core.speech.alignment import CONSONANT_STRETCH, CONSONANT_TAIL, Segment, align
from autovoice_core.speech.lyrics import parse_lyrics
from autovoice_core.speech.score import ScoreNote
from autovoice_core.speech.sing import laid_on
from autovoice_core.speech.syllables import syllables_of


def segments(lyrics: str, notes: list[ScoreNote]) -> list[Segment]:
    words = parse_lyrics(lyrics)[0]
    syllables = syllables_of(speech_of(" ".join(word.text for word in words)), words)
    return align(syllables, laid_on(syllables, notes))


def vowel_starts(found: list[Segment]) -> list[float]:
    following = zip([None, *found], found, strict=False)
    return [
        each.sung.start
        for before, each in following
        if each.is_vowel and not (before and before.is_vowel)
    ]


def test_vowels_begin_with_their_notes_and_consonants_lead_them() -> None:
    notes = [ScoreNote(1.0, 1.5, 60), ScoreNote(1.5, 2.0, 62), ScoreNote(2.5, 3.0, 64)]
    found = segments("mas tel om", notes)
    assert vowel_starts(found) == pytest.approx([1.0, 1.5, 2.5])
    assert found[0].sung.start == pytest.approx(1.0 - CONSONANT_STRETCH * CONSONANT_SECONDS)
    assert found[-1].sung.end == pytest.approx(3.0)


def test_the_end_of_a_consonant_keeps_its_speed() -> None:
    head, tail, *_ = segments("ma", [ScoreNote(1.0, 1.5, 60)])
    assert tail.sung.seconds == pytest.approx(tail.spoken.seconds)
    assert tail.spoken.seconds == pytest.approx(CONSONANT_TAIL * CONSONANT_SECONDS)
    assert head.spoken.end == pytest.approx(tail.spoken.start)
    both = head.sung.seconds + tail.sung.seconds
    assert both == pytest.approx(CONSONANT_STRETCH * CONSONANT_SECONDS)


def test_a_rest_is_silent() -> None:
    found = segments("ma me", [ScoreNote(0.5, 1.0, 60), ScoreNote(2.0, 2.5, 60)])
    gaps = [other.sung.start - one.sung.end for one, other in pairwise(found)]
    assert max(gaps) == pytest.approx(1.0 - CONSONANT_STRETCH * CONSONANT_SECONDS)


def test_a_held_syllable_lasts_over_all_of_its_notes() -> None:
    notes = [ScoreNote(0.5, 1.0, 60), ScoreNote(1.0, 1.5, 62), ScoreNote(1.5, 2.0, 64)]
    found = segments("ma__", notes)
    assert sum(each.sung.seconds for each in found if each.is_vowel) == pytest.approx(1.5)


def test_consonants_before_a_note_at_the_very_beginning_are_short() -> None:
    found = segments("sta", [ScoreNote(0.0, 0.5, 60)])
    assert found[0].sung.start == pytest.approx(0.0)
    assert vowel_starts(found)[0] <= 0.03 + 1e-9


@given(
    st.lists(
        st.tuples(
            st.floats(0.0, 0.6), st.floats(0.05, 1.5), st.sampled_from(["stra", "lal", "mo"])
        ),
        min_size=1,
        max_size=8,
    )
)
def test_segments_never_overlap_and_have_a_length(
    sung: list[tuple[float, float, str]],
) -> None:
    notes, now = [], 0.0
    for rest, length, _ in sung:
        notes.append(ScoreNote(now + rest, now + rest + length, 60))
        now = notes[-1].end
    found = segments(" ".join(word for *_, word in sung), notes)
    assert all(each.sung.seconds > 0 for each in found)
    assert all(other.sung.start > one.sung.end - 1e-9 for one, other in pairwise(found))
    late = [start - note.start for start, note in zip(vowel_starts(found), notes, strict=True)]
    assert late[1:] == pytest.approx([0.0] * (len(notes) - 1))
