from __future__ import annotations

import io
from typing import Any

import pytest

from autovoice_core import InputError
from autovoice_core.speech import midi
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


def test_a_damaged_file_is_refused() -> None:
    with pytest.raises(InputError, match=r"^t\.mid: is no MIDI file, or a damaged one \("):
        parse_midi(b"MThd nonsense", "t.mid")


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        parse_midi(b"", "t.mid")
    assert str(caught.value) == ("t.mid: is no MIDI file, or a damaged one (it ends too early)")


def test_without_mido_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(midi, "find_spec", lambda _: None)
    with pytest.raises(InputError) as caught:
        parse_midi(b"", "t.mid")
    assert str(caught.value) == (
        "t.mid: reading MIDI needs mido; install it with `pip install 'autovoice-core[midi]'`"
    )
