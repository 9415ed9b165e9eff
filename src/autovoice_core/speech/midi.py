"""The reader of notes in MIDI files, with the bars that their time signatures make."""

from __future__ import annotations

import io
import re
from bisect import bisect_left, bisect_right
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from operator import itemgetter
from typing import Any

from attrs import frozen

from autovoice_core._errors import InputError
from autovoice_core.speech.midi_lyrics import syllable_events, timed
from autovoice_core.speech.score import ScoreNote, check_count

MAX_BYTES = 512_000
"""Largest file that is read, several times one of karaoke: mido takes 1.7 s for the worst of it."""
DEFAULT_TEMPO = 500_000
"""Microseconds a beat where the file says nothing."""
LYRIC_BEATS = 0.125
"""Beats by which a syllable may be off its note."""
DRUM_CHANNEL = 9
"""Channel, counted from 0, that holds no melody (General MIDI)."""
_MAX_NUMBER = (1 << 28) - 1
"""Largest number of a file, of four bytes of seven bits."""
_ENDLESS = re.compile(rb"[\x80-\xff]{1024}")
"""Bytes that mido would read as one very long number, in time that grows with the square of its
length."""


def parse_midi(data: bytes, name: str) -> list[ScoreNote]:
    """Return the notes of the first track and channel of a MIDI file that has any.

    Raises
    ------
    InputError
        mido is missing, the file is damaged, or it holds too much.
    """
    file = _read(data, name)
    if file.type == 2 or not 0 < file.ticks_per_beat < 0x8000:
        raise InputError(f"{name}: has no common beat; save it as MIDI of type 0 or 1")
    timing = _Timing.of(file)
    for track in file.tracks:
        if notes := sorted(_notes(track)):
            check_count(len(notes), name)
            lyrics = _lyrics(notes, file, track)
            return [
                ScoreNote(timing.seconds(on), timing.seconds(off), key, timing.bar(on), lyric)
                for (on, off, key), lyric in zip(notes, lyrics, strict=True)
            ]
    return []


def _read(data: bytes, name: str) -> Any:
    """Return the ``mido.MidiFile`` of bytes within the bounds."""
    if find_spec("mido") is None:
        raise InputError(
            f"{name}: reading MIDI needs mido; install it with `pip install 'autovoice-core[midi]'`"
        )
    if len(data) > MAX_BYTES:
        raise InputError(f"{name}: holds more than {MAX_BYTES} bytes; give a melody alone")
    from mido import MidiFile

    endless = "a number has more than 4 bytes"
    if _ENDLESS.search(data):
        raise _damaged(name, endless)
    # Whatever the parser raises on damaged bytes, the file is no MIDI file.
    try:
        file = MidiFile(file=io.BytesIO(data))
    except IndexError as error:
        raise _damaged(name, "an event is cut off") from error
    except Exception as error:
        raise _damaged(name, str(error) or "it ends too early") from error
    if any(message.time > _MAX_NUMBER for track in file.tracks for message in track):
        raise _damaged(name, endless)
    return file


def _damaged(name: str, reason: str) -> InputError:
    return InputError(f"{name}: is no MIDI file, or a damaged one ({reason})")


def _lyrics(notes: Sequence[tuple[int, int, int]], file: Any, sung: Any) -> list[str]:
    """Return the syllable of each note, or nothing where the file has none for it."""
    starts, found = [on for on, _, _ in notes], [""] * len(notes)
    for event in syllable_events(file.tracks, sung):
        after = bisect_left(starts, event.tick)
        before = max(after - 1, 0)
        is_later = after < len(starts) and starts[after] - event.tick < event.tick - starts[before]
        nearest = after if is_later else before
        if abs(starts[nearest] - event.tick) <= file.ticks_per_beat * LYRIC_BEATS:
            found[nearest] = event.text
    return found


def _notes(track: Any) -> Iterator[tuple[int, int, int]]:
    """Yield the notes of the first channel of a track: ticks of their start and end, and key."""
    now, sung = 0, None
    sounding: defaultdict[int, deque[int]] = defaultdict(deque)
    for now, message in timed(track):
        if message.type not in ("note_on", "note_off") or message.channel == DRUM_CHANNEL:
            continue
        sung = message.channel if sung is None else sung
        if message.channel != sung:
            continue
        if message.type == "note_on" and message.velocity > 0:
            sounding[message.note].append(now)
        elif sounding[message.note]:
            # Of two that overlap, the first to begin is the first to end.
            yield sounding[message.note].popleft(), now, message.note
    for key, begun in sounding.items():  # what is never released lasts until the end of the track
        for start in begun:
            yield start, now, key


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
    def of(cls, file: Any) -> _Timing:
        changes = [each for track in file.tracks for each in timed(track) if each[1].is_meta]
        changes.sort(key=itemgetter(0))
        tempos = [(0, 0, DEFAULT_TEMPO)]
        for tick, message in changes:
            if message.type == "set_tempo":
                at, passed, before = tempos[-1]
                tempos.append((tick, passed + (tick - at) * before, message.tempo))
        whole = 4 * file.ticks_per_beat
        signatures = [(0, 1, whole)]
        for tick, message in changes:
            if message.type == "time_signature":
                at, number, length = signatures[-1]
                # A change of time within a bar begins a new one.
                number += -(-(tick - at) // length)
                length = max(1, whole * message.numerator // message.denominator)
                signatures.append((tick, number, length))
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
