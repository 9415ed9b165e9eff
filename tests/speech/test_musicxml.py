from __future__ import annotations

import io
import zipfile

import pytest

from autovoice_core import InputError
from autovoice_core.speech import musicxml
from autovoice_core.speech import score as score_module
from autovoice_core.speech.musicxml import parse_musicxml
from autovoice_core.speech.score import ScoreNote

HEAD = (
    '<?xml version="1.0"?><!DOCTYPE score-partwise PUBLIC "-//Recordare//DTD MusicXML 4.0 '
    'Partwise//EN" "http://www.musicxml.org/dtds/partwise.dtd">'
)
ATTRIBUTES = "<attributes><divisions>4</divisions></attributes>"


def note(step: str, duration: int, more: str = "", alter: int = 0) -> str:
    return (
        f"<note><pitch><step>{step}</step><alter>{alter}</alter><octave>4</octave></pitch>"
        f"<duration>{duration}</duration><voice>1</voice>{more}</note>"
    )


def score(*measures: str) -> bytes:
    inside = "".join(
        f'<measure number="{number}">{measure}</measure>'
        for number, measure in enumerate(measures, start=1)
    )
    return f'{HEAD}<score-partwise><part id="P1">{inside}</part></score-partwise>'.encode()


def compressed(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", compression) as file:
        for member, content in members.items():
            file.writestr(member, content)
    return archive.getvalue()


CONTAINER = b'<container><rootfiles><rootfile full-path="a.xml"/></rootfiles></container>'
REST = "<note><rest/><duration>4</duration><voice>1</voice></note>"
TEMPO = '<direction><sound tempo="60"/></direction>'


def test_syllables_that_share_a_note_are_tied() -> None:
    words = (
        "<lyric><syllabic>end</syllabic><text>ry</text><elision> </elision>"
        "<syllabic>begin</syllabic><text>a</text></lyric>"
    )
    found = parse_musicxml(score(ATTRIBUTES + note("A", 4, words)), "t.musicxml")
    assert [each.lyric for each in found] == ["ry‿a-"]


def test_notes_rests_ties_and_tempo_are_followed() -> None:
    data = score(
        ATTRIBUTES + REST + note("A", 8) + note("C", 4, '<tie type="start"/>', 1),
        TEMPO + note("C", 4, '<tie type="stop"/>', 1) + note("G", 2),
    )
    assert parse_musicxml(data, "t.musicxml") == [
        ScoreNote(0.5, 1.5, 69, 1),
        ScoreNote(1.5, 3.0, 61, 1),
        ScoreNote(3.0, 3.5, 67, 2),
    ]


def test_the_first_voice_is_taken_and_grace_notes_are_left_out() -> None:
    grace = "<note><grace/><pitch><step>B</step><octave>4</octave></pitch></note>"
    second = note("E", 4).replace("<voice>1", "<voice>2")
    data = score(
        ATTRIBUTES + grace + note("C", 4) + "<backup><duration>4</duration></backup>" + second
    )
    assert parse_musicxml(data, "t.xml") == [ScoreNote(0.0, 0.5, 60, 1)]


def test_a_compressed_score_is_unpacked() -> None:
    data = compressed({"META-INF/container.xml": CONTAINER, "a.xml": score(note("C", 4))})
    assert len(parse_musicxml(data, "t.mxl")) == 1


def lyric(text: str, syllabic: str = "single", verse: int = 1) -> str:
    return f'<lyric number="{verse}"><syllabic>{syllabic}</syllabic><text>{text}</text></lyric>'


def test_syllables_are_those_of_the_first_verse() -> None:
    data = score(
        ATTRIBUTES
        + note("C", 4, lyric("other", "single", 2) + lyric("Glo", "begin"))
        + note("D", 4, lyric("ri", "middle"))
        + note("E", 4)
        + note("F", 4, lyric("a", "end"))
    )
    assert [each.lyric for each in parse_musicxml(data, "t.xml")] == ["Glo-", "ri-", "", "a"]


def test_the_part_with_words_is_sung_and_else_the_first_with_notes() -> None:
    drums = note("C", 4).replace("<pitch>", "<unpitched>").replace("</pitch>", "</unpitched>")
    parts = [drums, note("C", 4), note("E", 4, lyric("la"))]
    for count, key in ((2, 60), (3, 64)):
        inside = "".join(
            f"<part><measure>{ATTRIBUTES}{part}</measure></part>" for part in parts[:count]
        )
        data = f"{HEAD}<score-partwise>{inside}</score-partwise>".encode()
        assert [each.key for each in parse_musicxml(data, "t.xml")] == [key]


def test_a_tempo_mark_counts_where_no_sound_says_otherwise() -> None:
    mark = (
        "<direction><direction-type><metronome><beat-unit>quarter</beat-unit><beat-unit-dot/>"
        "<per-minute>40</per-minute></metronome></direction-type>{}</direction>"
    )
    for sound, seconds in (("", 1.0), ('<sound tempo="120"/>', 0.5)):
        (found,) = parse_musicxml(score(ATTRIBUTES + mark.format(sound) + note("C", 4)), "t.xml")
        assert found.end == pytest.approx(seconds)


def test_a_pickup_bar_and_a_change_of_tempo_within_a_tie_are_followed() -> None:
    pickup = score(ATTRIBUTES + note("G", 4, '<tie type="start"/>')).replace(
        b'number="1"', b'number="0"'
    )
    end = note("G", 4, '<tie type="stop"/>')
    tied = f'<measure number="1">{TEMPO}{end}</measure>'
    (found,) = parse_musicxml(pickup.replace(b"</part>", tied.encode() + b"</part>"), "t.xml")
    assert (found.start, found.end, found.bar) == (0.0, 1.5, 0)


def test_more_notes_than_are_sung_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(score_module, "MAX_NOTES", 2)
    with pytest.raises(InputError) as caught:
        parse_musicxml(score(ATTRIBUTES + note("C", 4) * 3), "t.xml")
    assert str(caught.value) == "t.xml: holds more than 2 notes; sing it in parts"


def test_a_bar_whose_number_is_none_of_a_bar_is_counted() -> None:
    data = score(ATTRIBUTES + note("C", 4)).replace(b'number="1"', b'number="1000000"')
    assert parse_musicxml(data, "t.xml")[0].bar == 1


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            b"<score-partwise>",
            "t.xml: is no XML, or damaged (no element found: line 1, column 16); save it again",
        ),
        (
            b'<?xml version="1.0" encoding="' + b"x" * 60_000 + b'"?><score-partwise/>',
            f"t.xml: is no XML, or damaged (unknown encoding: {'x' * 182}… "
            "(59,818 more characters)); save it again",
        ),
        (b"<html></html>", "t.xml: is no MusicXML of parts; save it as score-partwise"),
        (
            score(ATTRIBUTES + note("C", 4, "<chord/>").join([note("E", 4), ""])),
            "t.xml: bar 1 holds a chord; give a melody of one voice",
        ),
        (
            score(ATTRIBUTES, '<barline><repeat direction="backward"/></barline>'),
            "t.xml: bar 2 is repeated, which is not followed; write repeats out",
        ),
        (
            score("<attributes><divisions>0</divisions></attributes>"),
            "t.xml: bar 1: divisions is '0'; it must be above 0",
        ),
        (
            score(ATTRIBUTES + note("H", 4)),
            "t.xml: bar 1: 'H' is no step of a pitch; write C to B",
        ),
        (
            score(ATTRIBUTES + note("H" * 100, 4)),
            f"t.xml: bar 1: '{'H' * 60}…' is no step of a pitch; write C to B",
        ),
        (
            score(ATTRIBUTES + note("C", 4).replace(">4</dur", ">x</dur")),
            "t.xml: bar 1: duration is 'x', which is no number; save the score again",
        ),
    ],
)
def test_what_can_t_be_followed_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_musicxml(data, "t.xml")
    assert str(caught.value) == message


def test_a_score_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = compressed({"META-INF/container.xml": CONTAINER, "a.xml": b"\n" * 100})
    monkeypatch.setattr(musicxml, "MAX_XML_BYTES", 99)
    with pytest.raises(InputError) as caught:
        parse_musicxml(data, "t.mxl")
    assert str(caught.value) == "t.mxl: unpacks to more than 99 bytes; give a melody alone"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (compressed({}), "what it should hold is not in it"),
        (
            compressed({"META-INF/container.xml": CONTAINER}),
            "what it should hold is not in it",
        ),
        (
            compressed({"META-INF/container.xml": CONTAINER}, zipfile.ZIP_LZMA),
            "its compression is none of MusicXML's",
        ),
    ],
)
def test_an_archive_that_holds_no_score_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_musicxml(data, "t.mxl")
    assert str(caught.value) == f"t.mxl: is no compressed MusicXML ({reason}); save it again"


def test_what_is_no_archive_is_refused() -> None:
    with pytest.raises(InputError, match=r"^t\.mxl: is no compressed MusicXML \(.*\); save it"):
        parse_musicxml(b"PK nonsense", "t.mxl")
