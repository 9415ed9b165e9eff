"""Lyrics sung on notes: spoken by an engine, and sung anew when and how the melody says."""

from __future__ import annotations

from collections.abc import Sequence

from autovoice_core._errors import ArgumentError
from autovoice_core._speech import Speech
from autovoice_core._types import Audio, PitchTrack
from autovoice_core.pitch.extractor import SingingPitchExtractor
from autovoice_core.speech.alignment import align
from autovoice_core.speech.breathing import with_breaths
from autovoice_core.speech.lyrics import LyricWord
from autovoice_core.speech.melody import Expression, melody_f0
from autovoice_core.speech.resynthesis import resynthesise
from autovoice_core.speech.score import ScoreNote
from autovoice_core.speech.syllables import Syllable, syllables_of
from autovoice_core.speech.voicing import with_voiced_vowels

TAIL_SECONDS = 0.3
"""Seconds of silence after the last note."""


def sung(
    speech: Speech,
    words: Sequence[LyricWord],
    notes: Sequence[ScoreNote],
    expression: Expression,
    extractor: SingingPitchExtractor,
    seed: int,
    breath_gain: float = 0.0,
) -> tuple[Audio, PitchTrack]:
    """Return ``speech``, which says ``words``, sung on ``notes``, with its exact pitch.

    Breaths are taken in rests, as loud as ``breath_gain`` times their usual level.

    Raises
    ------
    InputError
        Syllables and notes don't agree in number, or a word can't be sung.
    """
    spoken_pitch = extractor.extract(speech.audio)
    syllables = with_voiced_vowels(syllables_of(speech, words), spoken_pitch)
    segments = align(syllables, laid_on(syllables, notes))
    seconds = notes[-1].end + TAIL_SECONDS
    f0 = melody_f0(notes, expression, seconds)
    song, pitch = resynthesise(speech, spoken_pitch, segments, f0, seconds, seed)
    return with_breaths(song, segments, breath_gain, seed), pitch


def laid_on(syllables: Sequence[Syllable], notes: Sequence[ScoreNote]) -> list[Sequence[ScoreNote]]:
    """Return the notes of each syllable.

    Raises
    ------
    InputError
        There are more syllables than notes, or notes than syllables; names the bar and the word.
    """
    needed = sum(syllable.notes for syllable in syllables)
    counts = f"the syllables need {needed} note{'' if needed == 1 else 's'}, but the melody has"
    groups, done = [], 0
    for syllable in syllables:
        group = notes[done : done + syllable.notes]
        if len(group) < syllable.notes:
            raise ArgumentError(
                f"lyrics: {counts} {len(notes)}: the last one, at {notes[-1].place}, is reached "
                f"before the end of {syllable.word!r}; add notes, shorten the lyrics, or join "
                "syllables on one note by ~, as in heav~en"
            )
        groups.append(group)
        done += syllable.notes
    if done < len(notes):
        raise ArgumentError(
            f"lyrics: {counts} {len(notes)}: from the note at {notes[done].place} on, after "
            f"{syllables[-1].word!r}, there is nothing to sing; add words, or hold a syllable over "
            "more notes by _"
        )
    return groups
