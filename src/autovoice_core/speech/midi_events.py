"""The events of MIDI files that a melody is made of (Standard MIDI Files 1.0, RP-001).

A file is read once from its start to its end, and no further than the number of events allowed:
libraries make an object of each, and take minutes for what is no melody.
"""

from __future__ import annotations

import struct

from attrs import Factory, define, frozen

from autovoice_core._errors import InputError

MAX_EVENTS = 300_000
"""Most events of a file, of all its tracks."""
TEXT, LYRIC = 0x01, 0x05
"""Kinds of meta events that hold words."""

_TEMPO, _SIGNATURE = 0x51, 0x58
_META = 0xFF
_EXCLUSIVE = (0xF0, 0xF7)
_SYSTEM_BYTES = {0xF1: 1, 0xF2: 2, 0xF3: 1, 0xF6: 0, 0xF8: 0, 0xFA: 0, 0xFB: 0, 0xFC: 0, 0xFE: 0}
"""Data bytes of system messages, which don't belong into files but occur."""
_MAX_NUMBER_BYTES = 4
_TOO_EARLY = "it ends too early"


@define
class MidiTrack:
    """What a track holds, in order of time.

    Attributes
    ----------
    notes
        Tick, channel from 0, key and velocity, which is 0 where a note ends.
    texts
        Tick, :data:`TEXT` or :data:`LYRIC`, and the bytes.
    tempos
        Tick and microseconds a beat.
    signatures
        Tick, beats of a bar, and the part of a whole note that a beat is.
    end
        Tick of the last event.
    """

    notes: list[tuple[int, int, int, int]] = Factory(list)
    texts: list[tuple[int, int, bytes]] = Factory(list)
    tempos: list[tuple[int, int]] = Factory(list)
    signatures: list[tuple[int, int, int]] = Factory(list)
    end: int = 0


@frozen
class MidiFile:
    """A file: 0 to 2 by its header, the ticks of a quarter note, and its tracks."""

    kind: int
    ticks_per_beat: int
    tracks: list[MidiTrack]


def read_midi(data: bytes, name: str) -> MidiFile:
    """Return the events of a file; ``name`` is what messages call it.

    Raises
    ------
    InputError
        It is no MIDI file, a damaged one, or holds more than :data:`MAX_EVENTS`.
    """
    try:
        return _file(data, name)
    except (IndexError, struct.error):
        raise _damaged(name, _TOO_EARLY) from None


def _file(data: bytes, name: str) -> MidiFile:
    magic, size, kind, count, ticks = struct.unpack_from(">4sLHHH", data)
    if magic != b"MThd":
        raise _damaged(name, "it doesn't begin with MThd")
    position, events = 8 + size, 0
    tracks: list[MidiTrack] = []
    while len(tracks) < count:
        magic, size = struct.unpack_from(">4sL", data, position)
        start, position = position + 8, position + 8 + size
        if position > len(data):
            raise _damaged(name, _TOO_EARLY)
        if magic == b"MTrk":
            track = MidiTrack()
            events = _read_track(track, data, range(start, position), events, name)
            tracks.append(track)
    return MidiFile(kind, ticks, tracks)


def _read_track(track: MidiTrack, data: bytes, place: range, events: int, name: str) -> int:
    """Read the track at ``place`` of the file; return the number of events up to its end."""
    position, now, running = place.start, 0, 0
    while position < place.stop:
        events += 1
        if events > MAX_EVENTS:
            raise InputError(f"{name}: holds more than {MAX_EVENTS} events; give a melody alone")
        ticks, position = _number(data, position, name)
        now += ticks
        status = data[position]
        if status >= 0x80:
            position += 1
        else:  # as of the event before
            status = running
        if status == _META:
            size, begin = _number(data, position + 1, name)
            _meta(track, now, data[position], data[begin : begin + size], name)
            position = begin + size
        elif status in _EXCLUSIVE:
            size, position = _number(data, position, name)
            position += size
        elif status in _SYSTEM_BYTES:
            position += _SYSTEM_BYTES[status]
        elif not 0x80 <= status < 0xF0:
            raise _damaged(name, "an event is of no kind")
        else:
            running = status
            size = 1 if 0xC0 <= status < 0xE0 else 2
            one, other = data[position], data[position + size - 1]
            if (one | other) & 0x80:
                raise _damaged(name, "an event is cut off")
            if status < 0xA0:
                velocity = other if status >= 0x90 else 0
                track.notes.append((now, status & 0x0F, one, velocity))
            position += size
    if position > place.stop:
        raise _damaged(name, "a track ends within an event")
    track.end = now
    return events


def _meta(track: MidiTrack, now: int, kind: int, content: bytes, name: str) -> None:
    if kind in (TEXT, LYRIC):
        track.texts.append((now, kind, content))
    elif kind in (_TEMPO, _SIGNATURE) and len(content) < (3 if kind == _TEMPO else 2):
        raise _damaged(name, "a tempo or a time signature is cut off")
    elif kind == _TEMPO:
        track.tempos.append((now, int.from_bytes(content[:3], "big")))
    elif kind == _SIGNATURE:
        track.signatures.append((now, content[0], 1 << content[1]))


def _number(data: bytes, position: int, name: str) -> tuple[int, int]:
    """Return the number at a position, of seven bits a byte, and where it ends."""
    value = 0
    for at in range(position, position + _MAX_NUMBER_BYTES):
        value = value << 7 | data[at] & 0x7F
        if data[at] < 0x80:
            return value, at + 1
    raise _damaged(name, f"a number has more than {_MAX_NUMBER_BYTES} bytes")


def _damaged(name: str, reason: str) -> InputError:
    return InputError(f"{name}: is no MIDI file, or a damaged one ({reason})")
