from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from autovoice_core import InputError, PitchTrack
from autovoice_core.pitch.midi import BEND_RANGE, write_midi
from autovoice_core.pitch.notes import midi_note_name, midi_number, nearest_note_name, notes

HOP = 0.01


def track(keys: NDArray[np.float64]) -> PitchTrack:
    """Return a track of MIDI numbers, 0 where unvoiced."""
    f0 = np.where(keys > 0, 440 * 2 ** ((keys - 69) / 12), 0.0)
    return PitchTrack(f0, keys > 0, np.where(keys > 0, 0.9, 0).astype(np.float32), HOP)


def held(*parts: tuple[float, int]) -> NDArray[np.float64]:
    return np.concatenate([np.full(frames, key, float) for key, frames in parts])


def test_held_notes_are_found_at_their_times() -> None:
    found = notes(track(held((0, 10), (60, 50), (64, 40), (0, 5), (64, 30))))
    assert [note.key for note in found] == [60, 64, 64]
    np.testing.assert_allclose([note.start for note in found], [0.1, 0.6, 1.05], atol=0.02)
    np.testing.assert_allclose([note.end for note in found], [0.6, 1.0, 1.35], atol=0.02)
    assert found[0].confidence == pytest.approx(0.9)


def test_vibrato_is_one_note_whose_bend_follows_it() -> None:
    time = np.arange(150) * HOP
    vibrato = 0.9 * np.sin(2 * np.pi * 5.5 * time)
    (note,) = notes(track(67 + vibrato))
    assert note.key == 67
    np.testing.assert_allclose(note.bend, vibrato, atol=1e-9)


def test_a_glide_belongs_to_the_note_it_leads_to() -> None:
    keys = np.concatenate([np.full(60, 57.0), np.linspace(57, 69, 12), np.full(60, 69.0)])
    found = notes(track(keys))
    assert [note.key for note in found] == [57, 69]
    assert found[0].end == found[1].start


def test_a_sour_note_has_the_nearest_key_and_a_bend() -> None:
    (note,) = notes(track(held((60.3, 80))))
    assert note.key == 60
    np.testing.assert_allclose(note.bend, 0.3)


def test_a_repeated_note_is_two() -> None:
    assert [note.key for note in notes(track(held((60, 30), (0, 3), (60, 30))))] == [60, 60]


def test_blips_and_silence_are_no_notes() -> None:
    assert notes(track(held((0, 20), (60, 2), (0, 20)))) == []
    assert notes(track(np.zeros(0))) == []


def test_notes_do_not_overlap_at_any_hop() -> None:
    rng = np.random.default_rng(0)
    keys = 60 + np.cumsum(rng.normal(0, 0.3, 2000))
    keys[rng.random(2000) < 0.02] = 0
    for hop in (0.002, 0.01, 0.1, 0.5):
        made = track(keys)
        found = notes(PitchTrack(made.f0, made.voiced, made.confidence, hop))
        assert found
        for one, other in pairwise(found):
            assert one.start < one.end <= other.start + 1e-9


def test_midi_holds_the_notes_and_their_bends(tmp_path: Path) -> None:
    mido = pytest.importorskip("mido")
    time = np.arange(100) * HOP
    vibrato = 0.6 * np.sin(2 * np.pi * 5 * time)
    path = tmp_path / "notes.mid"
    write_midi(track(np.concatenate([held((0, 20), (60, 40)), 64 + vibrato, held((0, 9))])), path)
    midi = mido.MidiFile(path)
    now, bend, sounding, heard, width = 0.0, 0, None, [], []
    for message in midi:
        now += message.time
        if message.type == "pitchwheel":
            bend = message.pitch
            if sounding is not None:
                heard.append((now, sounding + bend / 8191 * BEND_RANGE))
        elif message.type == "note_on":
            sounding = message.note
            heard.append((now, sounding + bend / 8191 * BEND_RANGE))
        elif message.type == "note_off":
            assert message.note == sounding
            sounding = None
        elif message.type == "control_change":
            width.append((message.control, message.value))
    assert width == [(101, 0), (100, 0), (6, BEND_RANGE), (38, 0)]
    assert heard[0] == pytest.approx((0.2, 60))
    assert now == pytest.approx(1.6, abs=0.002)
    assert sounding is None
    for at, key in heard:
        if at > 0.7:
            assert key == pytest.approx(64 + vibrato[round((at - 0.6) / HOP)], abs=0.01)
    assert len(heard) > 50


def test_a_track_without_a_voice_is_a_file_without_notes(tmp_path: Path) -> None:
    mido = pytest.importorskip("mido")
    write_midi(track(np.zeros(30)), tmp_path / "none.mid")
    assert not any(message.type == "note_on" for message in mido.MidiFile(tmp_path / "none.mid"))


def test_without_mido_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mido", None)
    path = tmp_path / "notes.mid"
    with pytest.raises(InputError) as refusal:
        write_midi(track(held((60, 30))), path)
    assert str(refusal.value) == (
        f"{path}: writing MIDI needs mido; install it with `pip install 'autovoice-core[midi]'`"
    )
    assert not path.exists()


def test_notes_have_names() -> None:
    assert [nearest_note_name(hertz) for hertz in (440.0, 261.6, 27.5)] == ["A4", "C4", "A0"]
    assert midi_note_name(61) == "C♯4"
    assert midi_number(440.0 * 2 ** (1 / 24)) == pytest.approx(69.5)
