"""Scores of any bytes are melodies that can be sung, or are refused in one line."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fuzzing import require_line
from hypothesis import strategies as st
from mutations import mutated

from autovoice_core import InputError
from autovoice_core.speech.reading import MAX_SCORE_SECONDS, as_notes
from autovoice_core.speech.score_lyrics import as_lyrics

mido = pytest.importorskip("mido")

Fuzz = Callable[..., None]

_TABLE = b"start,end,note,bar,lyric\n0,0.5,A4,1,twin-\n0.5,1,69.5,1,kle\n1,1.5,Bb3,2,\n"
_CONTAINER = b'<container><rootfiles><rootfile full-path="a.xml"/></rootfiles></container>'

_odd_texts = st.sampled_from(
    [
        *("", "0", "-1", "1e308", "nan", "-inf", "9" * 5000, "1_000", "١", "0x10", " 4 ", "C", "b"),
        *("H", "quarter", "begin", "middle", "start", "stop", "none", "1.5.2", "\x85", "\u2028"),
    ]
)
_tags = st.sampled_from(
    [
        *("note", "pitch", "step", "octave", "alter", "duration", "voice", "lyric", "text", "tie"),
        *("syllabic", "measure", "part", "attributes", "divisions", "transpose", "chromatic"),
        *("backup", "forward", "chord", "grace", "cue", "rest", "sound", "metronome", "direction"),
        *("beat-unit", "per-minute", "octave-change", "beat-unit-dot", "repeat", "ending"),
    ]
)
_names = st.sampled_from(["type", "number", "tempo", "id", "x"])
_cells = (
    _odd_texts | st.sampled_from(["A4", "69", "0.5", "1", "F#3", "twin-"]) | st.text(max_size=3)
)


def written(file: Any) -> bytes:
    data = io.BytesIO()
    file.save(file=data)
    return data.getvalue()


def karaoke() -> bytes:
    """A file of MIDI with a tempo, a time signature, notes and syllables."""
    track = mido.MidiTrack()
    track += [
        mido.MetaMessage("time_signature", numerator=3, denominator=4),
        mido.MetaMessage("set_tempo", tempo=400_000),
    ]
    for key, syllable in ((60, "twin-"), (62, "kle"), (64, " star")):
        track.append(mido.MetaMessage("lyrics", text=syllable))
        track.append(mido.Message("note_on", note=key, velocity=80))
        track.append(mido.Message("note_on", note=key, velocity=0, time=480))
    file = mido.MidiFile(type=1, ticks_per_beat=480)
    file.tracks.append(track)
    return written(file)


def xml_of(inside: str) -> bytes:
    notes = "".join(
        f"<note><pitch><step>{step}</step><octave>4</octave></pitch><duration>4</duration>"
        f"<voice>1</voice><lyric><syllabic>single</syllabic><text>la</text></lyric></note>"
        for step in "CDE"
    )
    head = "<attributes><divisions>4</divisions></attributes>"
    part = f'<part id="P1"><measure number="1">{head}{notes}{inside}</measure></part>'
    return f'<?xml version="1.0"?><score-partwise>{part}</score-partwise>'.encode()


def compressed(content: bytes) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("META-INF/container.xml", _CONTAINER)
        file.writestr("a.xml", content)
    return archive.getvalue()


MIDI, XML = karaoke(), xml_of("")
FILES = {
    ".mid": MIDI,
    ".kar": MIDI,
    ".musicxml": XML,
    ".mxl": compressed(XML),
    ".csv": _TABLE,
}


@st.composite
def elements(draw: st.DrawFn, depth: int = 3) -> str:
    """Return an element of MusicXML, anywhere and with anything in it."""
    tag = draw(_tags)
    attributes = draw(st.dictionaries(_names, _odd_texts, max_size=2))
    written_out = "".join(f' {name}="{value}"' for name, value in attributes.items())
    inner = draw(st.lists(elements(depth - 1), max_size=3)) if depth else []
    return f"<{tag}{written_out}>{''.join(inner) or draw(_odd_texts)}</{tag}>"


@st.composite
def events(draw: st.DrawFn) -> bytes:
    """Return a file of MIDI whose events are in order, but say anything."""
    file = mido.MidiFile(type=draw(st.sampled_from([0, 1])), ticks_per_beat=480)
    file.ticks_per_beat = draw(st.sampled_from([1, 24, 480, 0x7FFF]))
    times = st.sampled_from([0, 1, 480, 1 << 20, (1 << 28) - 1])
    for _ in range(1 if file.type == 0 else draw(st.integers(1, 3))):
        track = mido.MidiTrack()
        for _ in range(draw(st.integers(0, 12))):
            kind = draw(st.sampled_from(["on", "on", "off", "off", "tempo", "time", "text", "la"]))
            key = draw(st.sampled_from([0, 60, 61, 62, 127]))
            channel, time = draw(st.sampled_from([0, 0, 1, 9])), draw(times)
            text = draw(st.sampled_from(["la", " la", "la-", "", "\\la", "/la ", "@T x", "é" * 99]))
            track.append(
                {
                    "on": mido.Message("note_on", note=key, channel=channel, time=time),
                    "off": mido.Message("note_off", note=key, channel=channel, time=time),
                    "tempo": mido.MetaMessage("set_tempo", tempo=draw(st.integers(0, 0xFFFFFF))),
                    "time": mido.MetaMessage(
                        "time_signature",
                        numerator=draw(st.integers(0, 255)),
                        denominator=draw(st.sampled_from([1, 2, 4, 8, 64])),
                    ),
                    "text": mido.MetaMessage("text", text=text, time=time),
                    "la": mido.MetaMessage("lyrics", text=text, time=time),
                }[kind]
            )
        file.tracks.append(track)
    return written(file)


@st.composite
def tables(draw: st.DrawFn) -> bytes:
    """Return a table with other columns, cells and quotes."""
    delimiter = draw(st.sampled_from([",", ";", "\t"]))
    columns = draw(st.permutations(["start", "end", "note", "bar", "lyric"]))
    rows = draw(st.lists(st.lists(_cells, max_size=6), max_size=4))
    lines = [delimiter.join(row) for row in [columns, *rows]]
    return "\n".join(lines).encode("utf-8", "surrogatepass")


@st.composite
def scores(draw: st.DrawFn) -> tuple[str, bytes]:
    """Return a suffix, and the content of such a file."""
    suffix = draw(st.sampled_from(sorted(FILES)))
    if draw(st.booleans()):
        content = FILES[suffix]
        return suffix, draw(mutated([content], [range(len(content))]))
    made = {
        ".mid": events(),
        ".kar": events(),
        ".musicxml": elements().map(xml_of),
        ".mxl": elements().map(xml_of).map(compressed),
        ".csv": tables(),
    }
    return suffix, draw(made[suffix])


def test_a_score_of_any_bytes_is_sung_or_refused_in_one_line(fuzz: Fuzz, tmp_path: Path) -> None:
    read: list[bool] = []

    def check(score: tuple[str, bytes]) -> None:
        path = tmp_path / f"song{score[0]}"
        path.write_bytes(score[1])
        try:
            notes = as_notes(path)
            read.append(True)
            assert all(0 <= note.start <= note.end <= MAX_SCORE_SECONDS for note in notes)
            assert all(word.text for line in as_lyrics(path) for word in line)
        except InputError as error:
            read.append(False)
            require_line(error)

    fuzz(scores(), check, examples=150)
    assert {True, False} == set(read)
