from __future__ import annotations

import io
import struct
from typing import Any

import pytest

from autovoice_core import InputError
from autovoice_core.speech import midi, score
from autovoice_core.speech.midi import parse_midi
from autovoice_core.speech.score import ScoreNote

mido = pytest.importorskip("mido")


def file_of(*tracks: list[Any]) -> bytes:
    file = mido.MidiFile(type=1, ticks_per_beat=480)
    file.tracks.extend(mido.MidiTrack(track) for track in tracks)
    data = io.BytesIO()
    file.save(file=data)
    return data.getvalue()


def note(key: int, ticks: int, *, after: int = 0, channel: int = 0) -> list[Any]:
    return [
        mido.Message("note_on", note=key, velocity=80, time=after, channel=channel),
        mido.Message("note_on", note=key, velocity=0, time=ticks, channel=channel),
    ]


def test_times_follow_changes_of_tempo_and_bars_those_of_the_signature() -> None:
    conductor = [
        mido.MetaMessage("time_signature", numerator=3, denominator=4),
        mido.MetaMessage("set_tempo", tempo=500_000),
        mido.MetaMessage("set_tempo", tempo=1_000_000, time=3 * 480),
        mido.MetaMessage("time_signature", numerator=2, denominator=4),
    ]
    melody = note(60, 480) + note(62, 960) + note(64, 480) + note(65, 960, after=480)
    assert parse_midi(file_of(conductor, melody), "t.mid") == [
        ScoreNote(0.0, 0.5, 60, 1),
        ScoreNote(0.5, 1.5, 62, 1),
        ScoreNote(1.5, 2.5, 64, 2),
        ScoreNote(3.5, 5.5, 65, 3),
    ]


def test_the_first_channel_that_sings_is_taken_and_drums_are_not() -> None:
    drums, melody = note(36, 480, channel=9), note(60, 480, channel=2)
    others = note(72, 480, channel=3)
    (found,) = parse_midi(file_of(drums, melody + others), "t.mid")
    assert found.key == 60


def test_a_note_that_is_never_released_lasts_to_the_end() -> None:
    held = [mido.Message("note_on", note=64, velocity=80, time=0)]
    (one, last) = parse_midi(
        file_of(note(60, 480) + held + [mido.MetaMessage("end_of_track", time=960)]), "t.mid"
    )
    assert (one.end, last.start, last.end) == (0.5, 0.5, 1.5)


def test_of_two_notes_of_a_pitch_that_overlap_the_first_ends_first() -> None:
    def at(time: int, velocity: int) -> Any:
        return mido.Message("note_on", note=60, velocity=velocity, time=time)

    legato = [at(0, 80), at(480, 80), at(48, 0), at(432, 80), at(0, 0), at(480, 0)]
    found = parse_midi(file_of(legato), "t.mid")
    assert [(each.start, each.end) for each in found] == [(0, 0.55), (0.5, 1.0), (1.0, 1.5)]


def test_a_note_without_length_is_told_of() -> None:
    found = parse_midi(file_of(note(60, 480) + note(62, 0) + note(64, 480)), "t.mid")
    assert [(each.start, each.end) for each in found] == [(0, 0.5), (0.5, 0.5), (0.5, 1.0)]


def test_words_at_the_very_beginning_are_sung_and_titles_are_not() -> None:
    conductor = [mido.MetaMessage("text", text="Sequenced by nobody", time=0)]
    karaoke = words("@TA title", kind="text") + words("Hel", "lo", " sun", kind="text")
    melody = note(60, 480) + note(62, 480) + note(64, 480)
    found = parse_midi(file_of(conductor, karaoke, melody, conductor), "t.mid")
    assert [each.lyric for each in found] == ["Hel-", "lo", "sun"]


def test_each_part_of_a_choir_has_words_of_its_own() -> None:
    soprano = mido.merge_tracks([note(60, 480) + note(62, 480), words("high", "er")])
    alto = mido.merge_tracks([note(50, 480) + note(52, 480), words("low", "down", "down")])
    found = parse_midi(file_of(soprano, alto), "t.mid")
    assert [each.lyric for each in found] == ["high", "er"]


def words(*texts: str, kind: str = "lyrics") -> list[Any]:
    first, *others = texts
    return [mido.MetaMessage(kind, text=first, time=0)] + [
        mido.MetaMessage(kind, text=text, time=480) for text in others
    ]


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        (("Hel-", "lo", "_", "sun"), "lyrics"),  # hyphens
        (("Hel", "lo ", "", "sun"), "lyrics"),  # a space ends a word
        (("Hel", "lo", "", "/sun", " so"), "lyrics"),  # karaoke: a space or mark begins one
        (("\\Hel", "lo", "", "/sun ", "so "), "lyrics"),  # where a space ends one, too
        (("Hel-", "lo", "/", "sun"), "lyrics"),
        (("Hel", "lo", "\r", "sun "), "lyrics"),  # a mark of its own
    ],
)
def test_syllables_are_found_by_the_habit_of_the_file(texts: tuple[str, ...], kind: str) -> None:
    melody = [message for _ in texts for message in note(60, 480)]
    found = parse_midi(file_of(words(*texts, kind=kind), melody), "t.mid")
    assert [each.lyric for each in found[:4]] == ["Hel-", "lo", "", "sun"]


def test_karaoke_without_lyric_events_has_its_words_as_texts() -> None:
    title = [mido.MetaMessage("text", text="@TTitle", time=0)]
    rest = [
        mido.MetaMessage("text", text=text, time=480) for text in ("Hel", "lo", " Stra\xc3\x9fe")
    ]
    melody = [*note(60, 480, after=480), *note(60, 480), *note(60, 480)]
    found = parse_midi(file_of(title + rest, melody), "t.mid")
    assert [each.lyric for each in found] == ["Hel-", "lo", "Straße"]


def track_of(*events: bytes) -> bytes:
    """Return a file of one track with the bytes of ``events``."""
    content = b"".join(events)
    header = b"MThd" + struct.pack(">LHHH", 6, 1, 1, 480)
    return header + b"MTrk" + struct.pack(">L", len(content)) + content


NOTE = bytes((0, 0x90, 60, 80, 0x60, 60, 0))  # the second by running status


def test_what_a_melody_does_not_need_is_skipped() -> None:
    others = (
        b"\0\xc0\x05",  # a program
        b"\0\xb0\x07\x7f",  # a controller
        b"\0\xf0\x03\x01\x02\xf7",  # system exclusive
        b"\0\xf8",  # a clock
        b"\0\xff\x7f\x02ab",  # of the sequencer
        b"\0\xff\x01\x87\x68" + b"a" * 1000,  # a long text
    )
    assert parse_midi(track_of(*others, NOTE), "t.mid") == [ScoreNote(0.0, 0.1, 60, 1)]


def test_each_of_many_changes_of_tempo_and_signature_counts() -> None:
    count = 2000
    tempos = [mido.MetaMessage("set_tempo", tempo=500_000 + at, time=480) for at in range(count)]
    signatures = [
        mido.MetaMessage("time_signature", numerator=1 + at % 2, denominator=4, time=480)
        for at in range(count)
    ]
    found = parse_midi(file_of(tempos, signatures, note(60, 480, after=480 * count)), "t.mid")
    lasted = (count * 500_000 + sum(range(count - 1))) / 1e6
    assert (found[0].start, found[0].bar) == (pytest.approx(lasted), 1 + count)


def test_a_change_of_time_begins_a_bar_for_the_note_at_it() -> None:
    change = [mido.MetaMessage("time_signature", numerator=3, denominator=4, time=480)]
    found = parse_midi(file_of(change, note(60, 480) + note(62, 480)), "t.mid")
    assert [each.bar for each in found] == [1, 2]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "it ends too early"),
        (b"RIFF nonsense in place of notes", "MThd not found. Probably not a MIDI file"),
        (track_of(NOTE)[:-1], "it ends too early"),
        (track_of(b"\0\x3c\x50"), "running status without last_status"),
        (track_of(b"\0\x90\x3c\xff"), "data byte must be in range 0..127"),
        (track_of(b"\0\xff\x51\x01\x07"), "an event is cut off"),
        (track_of(b"\x81" * 6 + NOTE), "a number has more than 4 bytes"),
        (track_of(b"\0\xff\x05" + b"\xff" * 100_000), "a number has more than 4 bytes"),
    ],
)
def test_a_damaged_file_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_midi(data, "t.mid")
    assert str(caught.value) == f"t.mid: is no MIDI file, or a damaged one ({reason})"


@pytest.mark.parametrize("at", [9, 12])
def test_a_file_without_a_common_beat_is_refused(at: int) -> None:
    data = bytearray(track_of(NOTE))
    data[at] = 0x80 if at == 12 else 2
    with pytest.raises(InputError) as caught:
        parse_midi(bytes(data), "t.mid")
    assert str(caught.value) == "t.mid: has no common beat; save it as MIDI of type 0 or 1"


def test_a_file_too_large_for_a_melody_is_not_parsed() -> None:
    with pytest.raises(InputError) as caught:
        parse_midi(bytes(midi.MAX_BYTES + 1), "t.mid")
    assert str(caught.value) == "t.mid: holds more than 512000 bytes; give a melody alone"


def test_without_mido_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(midi, "find_spec", lambda _: None)
    with pytest.raises(InputError) as caught:
        parse_midi(b"", "t.mid")
    assert str(caught.value) == (
        "t.mid: reading MIDI needs mido; install it with `pip install 'autovoice-core[midi]'`"
    )


def test_more_notes_than_are_sung_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(score, "MAX_NOTES", 3)
    with pytest.raises(InputError) as caught:
        parse_midi(track_of(NOTE * 4), "t.mid")
    assert str(caught.value) == "t.mid: holds more than 3 notes; sing it in parts"
