"""The reader of notes in MusicXML: the first voice of the part that sings."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from itertools import chain
from xml.etree.ElementTree import Element

from attrs import evolve

from autovoice_core._errors import InputError
from autovoice_core._printable import shortened
from autovoice_core.speech.score import STEPS, ScoreNote, check_count, key_of, quoted
from autovoice_core.speech.xml_tree import PIECE_BYTES, parse_xml

MAX_XML_BYTES = 50_000_000
"""Largest text that a compressed file may unpack to."""
DEFAULT_TEMPO = 120.0
"""Quarter notes a minute where the file says nothing."""
BEAT_UNITS = {"whole": 4.0, "half": 2.0, "quarter": 1.0, "eighth": 0.5, "16th": 0.25}
"""Quarter notes of the beats that tempo marks are written in."""
MAX_BAR_DIGITS = 6
"""Digits of the number of a bar; where one has more, bars are counted."""
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Those of the standard; others can ask for gigabytes to unpack anything."""


def parse_musicxml(data: bytes, name: str) -> list[ScoreNote]:
    """Return the notes of MusicXML, plain or compressed.

    Of several parts, the first with words is read, else the first with notes. Grace notes are left
    out.

    Raises
    ------
    InputError
        It is damaged, not divided into parts, or holds declarations, too much, repeats or chords.
    """
    root = parse_xml(_unpacked(data, name) if data[:2] == b"PK" else _cut(data), name)
    parts = root.findall("part")
    if root.tag != "score-partwise" or not parts:
        raise InputError(f"{name}: is no MusicXML of parts; save it as score-partwise")
    with_words = (part for part in parts if _holds(part, "lyric"))
    with_notes = (part for part in parts if _holds(part, "pitch"))
    return _Reader(name).notes(next(chain(with_words, with_notes, parts)))


def _cut(data: bytes) -> Iterator[bytes]:
    return (data[at : at + PIECE_BYTES] for at in range(0, len(data), PIECE_BYTES))


def _unpacked(data: bytes, name: str) -> Iterator[bytes]:
    """Yield the score within a compressed file in pieces."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            container = parse_xml(_member(archive, "META-INF/container.xml", name), name)
            rootfile = container.find(".//rootfile")
            path = "" if rootfile is None else rootfile.get("full-path", "")
            yield from _member(archive, path, name)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError) as error:
        fault = shortened(str(error), 200)  # it may quote the file
        raise InputError(f"{name}: is no compressed MusicXML ({fault}); save it again") from error


def _member(archive: zipfile.ZipFile, member: str, name: str) -> Iterator[bytes]:
    try:
        compression = archive.getinfo(member).compress_type
    except KeyError:
        raise zipfile.BadZipFile("what it should hold is not in it") from None
    if compression not in _COMPRESSIONS:
        raise zipfile.BadZipFile("its compression is none of MusicXML's")
    passed = 0
    with archive.open(member) as file:
        while piece := file.read(PIECE_BYTES):
            passed += len(piece)
            if passed > MAX_XML_BYTES:
                raise InputError(
                    f"{name}: unpacks to more than {MAX_XML_BYTES} bytes; give a melody alone"
                )
            yield piece


def _holds(element: Element, tag: str) -> bool:
    return next(element.iter(tag), None) is not None


class _Reader:
    """Reads one part, measure by measure."""

    def __init__(self, name: str) -> None:
        self._name, self._voice = name, ""
        self._divisions, self._tempo, self._transposition = 1.0, DEFAULT_TEMPO, 0.0
        self._now = 0.0
        self._tied: dict[float, ScoreNote] = {}
        self._found: list[ScoreNote] = []

    def notes(self, part: Element) -> list[ScoreNote]:
        """Return the notes of a part."""
        for count, measure in enumerate(part.findall("measure"), start=1):
            number = measure.get("number", "")
            self._measure(measure, int(number) if _is_bar(number) else count)
        return self._found + list(self._tied.values())

    def _measure(self, measure: Element, bar: int) -> None:
        place = f"{self._name}: bar {bar}"
        if _holds(measure, "repeat") or _holds(measure, "ending"):
            raise InputError(f"{place} is repeated, which is not followed; write repeats out")
        for element in measure:
            self._tempo = _tempo_of(element, place) or self._tempo
            if element.tag == "attributes":
                self._attributes(element, place)
            elif element.tag in ("backup", "forward"):
                seconds = self._seconds(element, place)
                self._now += seconds if element.tag == "forward" else -seconds
            elif element.tag == "note" and element.find("grace") is None:
                self._note(element, bar, place)

    def _attributes(self, element: Element, place: str) -> None:
        if divisions := element.findtext("divisions"):
            self._divisions = _positive(divisions, f"{place}: divisions")
        if (transpose := element.find("transpose")) is not None:
            octaves = _number(transpose.findtext("octave-change", "0"), f"{place}: transposition")
            self._transposition = 12.0 * octaves + _number(
                transpose.findtext("chromatic", "0"), f"{place}: transposition"
            )

    def _seconds(self, element: Element, place: str) -> float:
        duration = _number(element.findtext("duration", ""), f"{place}: duration")
        return duration / self._divisions * 60.0 / self._tempo

    def _note(self, element: Element, bar: int, place: str) -> None:
        seconds = self._seconds(element, place)
        voice = element.findtext("voice", "1")
        pitch = element.find("pitch")
        if element.find("chord") is not None:
            if voice == self._voice:
                raise InputError(f"{place} holds a chord; give a melody of one voice")
            return  # it begins with the note before
        start, self._now = self._now, self._now + seconds
        if pitch is None or element.find("cue") is not None:
            return
        self._voice = self._voice or voice
        if voice != self._voice:
            return
        key = self._key(pitch, place)
        ties = {tie.get("type") for tie in element.findall("tie")}
        begun = self._tied.pop(key, None) if "stop" in ties else None
        end = start + seconds
        note = evolve(begun, end=end) if begun else ScoreNote(start, end, key, bar, _lyric(element))
        if "start" in ties:
            self._tied[key] = note
        else:
            self._found.append(note)
            check_count(len(self._found), self._name)

    def _key(self, pitch: Element, place: str) -> float:
        step = pitch.findtext("step", "").strip()
        if step not in STEPS:
            raise InputError(f"{place}: {quoted(step)} is no step of a pitch; write C to B")
        octave = _number(pitch.findtext("octave", ""), f"{place}: octave")
        alter = _number(pitch.findtext("alter", "0"), f"{place}: alter")
        return key_of(step, octave, alter) + self._transposition


def _tempo_of(element: Element, place: str) -> float | None:
    """Return the quarter notes a minute that an element sets, by its sound or its mark, or None."""
    for sound in element.iter("sound"):
        if "tempo" in sound.attrib:
            return _positive(sound.attrib["tempo"], f"{place}: tempo")
    for mark in element.iter("metronome"):
        beat = BEAT_UNITS.get(mark.findtext("beat-unit", ""))
        a_minute = mark.findtext("per-minute", "")
        if beat and a_minute.replace(".", "", 1).isdecimal():
            dotted = beat * (2.0 - 0.5 ** len(mark.findall("beat-unit-dot")))
            return _positive(a_minute, f"{place}: tempo") * dotted
    return None


def _lyric(element: Element) -> str:
    """Return the syllable of a note in the first verse; between two there is a tie, ``‿``."""
    verses = element.findall("lyric")
    if not verses:
        return ""
    verse = min(verses, key=lambda each: each.get("number", "1"))
    texts = [(each.text or "").strip().strip("-_") for each in verse.iter("text")]
    text = "‿".join(filter(None, texts))
    syllabic = [each.text for each in verse.iter("syllabic")]
    goes_on = syllabic[-1:] in (["begin"], ["middle"])
    return f"{text}-" if text and goes_on else text


def _is_bar(number: str) -> bool:
    return number.isdecimal() and len(number) <= MAX_BAR_DIGITS


def _number(text: str, what: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise InputError(
            f"{what} is {quoted(text)}, which is no number; save the score again"
        ) from error


def _positive(text: str, what: str) -> float:
    number = _number(text, what)
    if not 0 < number < 1e6:
        raise InputError(f"{what} is {quoted(text)}; it must be above 0")
    return number
