"""The reader of notes in MIDI files, with the bars that their time signatures make."""

from __future__ import annotations

import io
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

from attrs import frozen

from autovoice_core._errors import InputError
from autovoice_core.speech.midi_lyrics import syllable_events
from autovoice_core.speech.score import ScoreNote

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
        mido is missing, or the file is damaged.
    """
    if find_spec("mido") is None:
        raise InputError(
            f"{name}: reading MIDI needs mido; install it with `pip install 'autovoice-core[midi]'`"
        )
    from mido import MidiFile, merge_tracks

    # Whatever the parser raises on damaged bytes, the file is no MIDI file.
    try:
        file = MidiFile(file=io.BytesIO(data))
    except Exception as error:
        reason = str(error) or "it ends too early"
        raise InputError(f"{name}: is no MIDI file, or a damaged one ({reason})") from error
    if file.type == 2 or not 0 < file.ticks_per_beat < 0x8000:
        raise InputError(f"{name}: has no common beat; save it as MIDI of type 0 or 1")
    timing = _Timing.of(merge_tracks(file.tracks), file.ticks_per_beat)
    for track in file.tracks:
        if notes := sorted(_notes(track)):
            lyrics = _lyrics(notes, file)
            return [
                ScoreNote(timing.seconds(on), timing.seconds(off), key, timing.bar(on), lyric)
                for (on, off, key), lyric in zip(notes, lyrics, strict=True)
            ]
    return []


def _lyrics(notes: Sequence[tuple[int, int, int]], file: Any) -> list[str]:
    """Return the syllable of each note, or nothing where the file has none for it."""
    starts, found = [on for on, _, _ in notes], [""] * len(notes)
    for event in syllable_events(file.tracks):
        nearest = min(range(len(starts)), key=lambda place: abs(starts[place] - event.tick))
        if abs(starts[nearest] - event.tick) <= file.ticks_per_beat * LYRIC_BEATS:
            found[nearest] = event.text
    return found


def _notes(track: Any) -> list[tuple[int, int, int]]:
    """Return the notes of the first channel of a track: ticks of their start and end, and key."""
    now, channel = 0, None
    sounding: dict[int, int] = {}
    found = []
    for message in track:
        now += message.time
        if message.type not in ("note_on", "note_off") or message.channel == DRUM_CHANNEL:
            continue
        channel = message.channel if channel is None else channel
        if message.channel != channel:
            continue
        begun = sounding.pop(message.note, None)
        if begun is not None and now > begun:
            found.append((begun, now, message.note))
        if message.type == "note_on" and message.velocity > 0:
            sounding[message.note] = now
    # Notes that are never released last until the end of the track.
    return found + [(begun, now, key) for key, begun in sounding.items() if now > begun]


@frozen
class _Timing:
    """The tempo and the bars of a file.

    Attributes
    ----------
    ticks_per_beat
        Ticks of a quarter note.
    tempos
        Ticks and microseconds a beat, in order.
    signatures
        Ticks and the length of a bar in ticks, in order.
    """

    ticks_per_beat: int
    tempos: list[tuple[int, int]]
    signatures: list[tuple[int, int]]

    @classmethod
    def of(cls, messages: Any, ticks_per_beat: int) -> _Timing:
        now = 0
        tempos, signatures = [(0, DEFAULT_TEMPO)], [(0, 4 * ticks_per_beat)]
        for message in messages:
            now += message.time
            if message.type == "set_tempo":
                tempos.append((now, message.tempo))
            elif message.type == "time_signature":
                length = 4 * ticks_per_beat * message.numerator // message.denominator
                signatures.append((now, max(1, length)))
        return cls(ticks_per_beat, tempos, signatures)

    def seconds(self, tick: int) -> float:
        """Return the time of a tick."""
        total, ends = 0.0, [at for at, _ in self.tempos[1:]] + [tick]
        for (begin, tempo), end in zip(self.tempos, ends, strict=True):
            total += max(0, min(end, tick) - begin) * tempo
        return total / (1e6 * self.ticks_per_beat)

    def bar(self, tick: int) -> int:
        """Return the number of the bar that a tick lies in; the first is 1."""
        number, ends = 1, [at for at, _ in self.signatures[1:]] + [tick]
        for (begin, length), end in zip(self.signatures, ends, strict=True):
            if begin >= tick:
                break
            # A change of time within a bar begins a new one.
            bars = -(-(end - begin) // length) if end < tick else (tick - begin) // length
            number += bars
        return number
