"""The reader of notes in MIDI files, with the bars that their time signatures make."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from operator import itemgetter

from attrs import frozen

from autovoice_core._errors import InputError
from autovoice_core.speech.midi_events import MidiFile, MidiTrack, read_midi
from autovoice_core.speech.midi_lyrics import syllable_events
from autovoice_core.speech.score import ScoreNote, check_count

DEFAULT_TEMPO = 500_000
"""Microseconds a beat where the file says nothing."""
LYRIC_BEATS = 0.125
"""Beats by which a syllable may be off its note."""
DRUM_CHANNEL = 9
"""Channel, counted from 0, that holds no melody (General MIDI)."""


def parse_midi(data: bytes, name: str) -> list[ScoreNote]:
    """Return the notes of the first track and channel of a MIDI file that has any.

    Raises
    ------
    InputError
        The file is damaged, or holds too much.
    """
    file = read_midi(data, name)
    if file.kind == 2 or not 0 < file.ticks_per_beat < 0x8000:
        raise InputError(f"{name}: has no common beat; save it as MIDI of type 0 or 1")
    timing = _Timing.of(file)
    for track in file.tracks:
        if notes := sorted(_notes(track)):
            check_count(len(notes), name)
            lyrics = _lyrics(notes, file)
            return [
                ScoreNote(timing.seconds(on), timing.seconds(off), key, timing.bar(on), lyric)
                for (on, off, key), lyric in zip(notes, lyrics, strict=True)
            ]
    return []


def _lyrics(notes: Sequence[tuple[int, int, int]], file: MidiFile) -> list[str]:
    """Return the syllable of each note, or nothing where the file has none for it."""
    starts, found = [on for on, _, _ in notes], [""] * len(notes)
    for event in syllable_events(file.tracks):
        after = bisect_left(starts, event.tick)
        before = max(after - 1, 0)
        is_later = after < len(starts) and starts[after] - event.tick < event.tick - starts[before]
        nearest = after if is_later else before
        if abs(starts[nearest] - event.tick) <= file.ticks_per_beat * LYRIC_BEATS:
            found[nearest] = event.text
    return found


def _notes(track: MidiTrack) -> list[tuple[int, int, int]]:
    """Return the notes of the first channel of a track: ticks of their start and end, and key."""
    sung = None
    sounding: dict[int, int] = {}
    found = []
    for now, channel, key, velocity in track.notes:
        if channel == DRUM_CHANNEL:
            continue
        sung = channel if sung is None else sung
        if channel != sung:
            continue
        begun = sounding.pop(key, None)
        if begun is not None and now > begun:
            found.append((begun, now, key))
        if velocity > 0:
            sounding[key] = now
    # Notes that are never released last until the end of the track.
    return found + [(begun, track.end, key) for key, begun in sounding.items() if track.end > begun]


@frozen
class _Timing:
    """The tempo and the bars of a file, in stretches.

    Attributes
    ----------
    ticks_per_beat
        Ticks of a quarter note.
    tempos
        Of each stretch of one tempo the tick at which it begins, the microseconds up to there times
        the ticks of a beat, and the microseconds of a beat.
    signatures
        Of each stretch of one time signature the tick at which it begins, the number of its first
        bar, and the length of a bar in ticks.
    """

    ticks_per_beat: int
    tempos: list[tuple[int, int, int]]
    signatures: list[tuple[int, int, int]]

    @classmethod
    def of(cls, file: MidiFile) -> _Timing:
        tempos = [(0, 0, DEFAULT_TEMPO)]
        settings = [each for track in file.tracks for each in track.tempos]
        for tick, tempo in sorted(settings, key=itemgetter(0)):
            at, passed, before = tempos[-1]
            tempos.append((tick, passed + (tick - at) * before, tempo))
        whole = 4 * file.ticks_per_beat
        signatures = [(0, 1, whole)]
        changes = [each for track in file.tracks for each in track.signatures]
        for tick, beats, part in sorted(changes, key=itemgetter(0)):
            at, number, length = signatures[-1]
            # A change of time within a bar begins a new one.
            number += -(-(tick - at) // length)
            signatures.append((tick, number, max(1, whole * beats // part)))
        return cls(file.ticks_per_beat, tempos, signatures)

    def seconds(self, tick: int) -> float:
        """Return the time of a tick."""
        at, passed, tempo = _stretch_at(self.tempos, tick)
        return (passed + (tick - at) * tempo) / (1e6 * self.ticks_per_beat)

    def bar(self, tick: int) -> int:
        """Return the number of the bar that a tick lies in; the first is 1."""
        at, number, length = _stretch_at(self.signatures, tick)
        return number + (tick - at) // length


def _stretch_at(stretches: list[tuple[int, int, int]], tick: int) -> tuple[int, int, int]:
    """Return the last of the stretches that begin by a tick; the first begins at 0."""
    return stretches[bisect_right(stretches, tick, key=itemgetter(0)) - 1]
