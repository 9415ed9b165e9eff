"""The writer of pitch tracks as MIDI files: notes, with pitch bends that follow the voice."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np

from autovoice_core._errors import InputError
from autovoice_core._types import PitchTrack
from autovoice_core.audio.atomic import atomic_file
from autovoice_core.pitch.notes import notes

TICKS_PER_BEAT, TEMPO = 500, 500_000
"""Microseconds a beat, so that a tick is a millisecond."""
BEND_RANGE = 12
"""Semitones of the widest bend to either side."""
MAX_BEND = 8191
"""Value of a pitch bend of :data:`BEND_RANGE`."""
VELOCITY = 90


def check_mido(path: str | Path) -> None:
    """Check that the package which writes the MIDI file ``path`` is installed.

    Raises
    ------
    InputError
        It is not.
    """
    if find_spec("mido") is None:
        raise InputError(
            f"{path}: writing MIDI needs mido; install it with `pip install 'autovoice-core[midi]'`"
        )


def write_midi(track: PitchTrack, path: str | Path, *, overwrite: bool = True) -> None:
    """Write the notes of ``track``, one track of one channel, at 120 beats a minute.

    The range of pitch bends is set to an octave (registered parameter number 0).

    Raises
    ------
    InputError
        mido is missing, or the path can't be written to.
    """
    check_mido(path)
    from mido import Message, MetaMessage, MidiFile, MidiTrack

    events: list[tuple[int, int, Message]] = []  # tick, order within a tick, message
    for control, value in ((101, 0), (100, 0), (6, BEND_RANGE), (38, 0)):
        events.append((0, 0, Message("control_change", control=control, value=value)))
    current_bend = 0
    for note in notes(track):
        on, off = _ticks(note.start), _ticks(note.end)
        bends = np.rint(note.bend / BEND_RANGE * MAX_BEND).clip(-MAX_BEND, MAX_BEND).astype(int)
        for index, bend in enumerate(bends.tolist()):
            if bend != current_bend:
                at = _ticks(note.start + index * track.hop)
                events.append((at, 2, Message("pitchwheel", pitch=bend)))
                current_bend = bend
        events.append((on, 3, Message("note_on", note=note.key, velocity=VELOCITY)))
        events.append((off, 1, Message("note_off", note=note.key, velocity=0)))
    midi = MidiFile(type=0, ticks_per_beat=TICKS_PER_BEAT)
    part = MidiTrack([MetaMessage("set_tempo", tempo=TEMPO)])
    now = 0
    for at, _, message in sorted(events, key=lambda event: event[:2]):
        part.append(message.copy(time=at - now))
        now = at
    midi.tracks.append(part)
    with atomic_file(path, overwrite=overwrite) as temporary:
        midi.save(temporary)


def _ticks(seconds: float) -> int:
    return round(seconds * TICKS_PER_BEAT * 1_000_000 / TEMPO)
