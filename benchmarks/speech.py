"""Speech and song from text: intelligibility, onsets, pitch and speed.

``python benchmarks/speech.py [--voice NAME ...] [--db FILE] [--sentences 10] [--melodies 3]``

Ten sentences (IEEE 1969, lists 1 and 2) are said, and three melodies sung, in the engine's own
voice and in the stored voices named. PocketSphinx judges: its phone loop gives the phone error
against the pronunciations of its dictionary, and its forced alignment the onsets of vowels. f0 is
compared with the notes from 50 ms after their start to 80 ms before their end. Times are those of a
second run.
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pocketsphinx
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core import (
    Audio,
    SingingPitchExtractor,
    TTSPipeline,
    VoiceProfile,
    VoiceProfileStorage,
)
from autovoice_core.metrics.phones import PhoneRecogniser, edit_distance

SENTENCES = (
    "The birch canoe slid on the smooth planks.",
    "Glue the sheet to the dark blue background.",
    "It's easy to tell the depth of a well.",
    "These days a chicken leg is a rare dish.",
    "Rice is often served in round bowls.",
    "The juice of lemons makes fine punch.",
    "The box was thrown beside the parked truck.",
    "The hogs were fed chopped corn and garbage.",
    "Four hours of steady work faced us.",
    "A large size in stockings is hard to sell.",
)
VOWELS = frozenset(re.findall("[A-Z]+", "AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW"))
BEAT = 0.5
START = 0.5


@frozen
class Melody:
    """Lyrics, and the MIDI number and the beats of each note."""

    lyrics: str
    keys: tuple[int, ...]
    beats: tuple[float, ...]

    @property
    def notes(self) -> list[tuple[float, float, float]]:
        """Start and end in seconds, and MIDI number."""
        ends = START + BEAT * np.cumsum(self.beats)
        starts = ends - BEAT * np.asarray(self.beats)
        return [(float(s), float(e), k) for s, e, k in zip(starts, ends, self.keys, strict=True)]


MELODIES = (
    Melody(
        "Twinkle twinkle little star how I wonder what you are",
        (60, 60, 67, 67, 69, 69, 67, 65, 65, 64, 64, 62, 62, 60),
        (1, 1, 1, 1, 1, 1, 2) * 2,
    ),
    Melody(
        "Mary had a little lamb its fleece was white as snow",
        (64, 62, 60, 62, 64, 64, 64, 62, 62, 62, 64, 67, 67),
        (1, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1, 1, 2),
    ),
    Melody(
        "Row row row your boat gently down the stream",
        (60, 60, 60, 62, 64, 64, 62, 64, 65, 67),
        (1.5, 1.5, 1, 0.5, 1.5, 1, 0.5, 1, 0.5, 3),
    ),
)


class Judge:
    """PocketSphinx, as a recogniser and as an aligner."""

    def __init__(self) -> None:
        self._recogniser = PhoneRecogniser()
        self._dictionary = pocketsphinx.Decoder(loglevel="FATAL", lm=None)

    def pronunciation(self, text: str) -> list[str]:
        """Return the phones of a text."""
        words = text.lower().replace(".", "").split()
        return [p for word in words for p in self._dictionary.lookup_word(word).split()]

    def errors(self, audio: Audio, text: str) -> tuple[int, int]:
        """Return the edit distance to the phones of a text, and their number."""
        expected = self.pronunciation(text)
        return edit_distance(expected, self._recogniser.phones(_at_16_khz(audio))), len(expected)

    def vowel_onsets(self, audio: Audio, text: str) -> list[float]:
        """Return when each vowel of a text begins, seconds."""
        decoder = pocketsphinx.Decoder(loglevel="FATAL", lm=None)
        decoder.set_align_text(text.lower())
        data = np.rint(np.clip(_at_16_khz(audio), -1, 1) * 32767).astype("<i2").tobytes()
        for last in (False, True):  # words first, then their phones
            decoder.start_utt()
            decoder.process_raw(data, full_utt=True)
            decoder.end_utt()
            if not last:
                decoder.set_alignment()
        phones = [phone for word in decoder.get_alignment() for phone in word]
        return [0.01 * phone.start for phone in phones if phone.name in VOWELS]


def _at_16_khz(audio: Audio) -> NDArray[np.float32]:
    return audio.mono().resample(16_000).numpy()[0]


def said(pipeline: TTSPipeline, judge: Judge, sentences: Sequence[str]) -> float:
    """Print how well and how fast ``pipeline`` says sentences; return the phone error."""
    text = " ".join(sentences)
    pipeline.say(sentences[0])
    begun = time.perf_counter()
    parts = []
    first = 0.0
    for part in pipeline.say_sentences(text):
        first = first or time.perf_counter() - begun
        parts.append(part)
    seconds = time.perf_counter() - begun
    wrong, total = np.sum(
        [judge.errors(*each) for each in zip(parts, sentences, strict=True)], axis=0
    )
    length = sum(part.duration for part in parts)
    print(
        f"  said: phone error {wrong / total:.1%}, {seconds / length:.3f} x real time, "
        f"first sample after {first:.2f} s"
    )
    return float(wrong / total)


def sung(pipeline: TTSPipeline, judge: Judge, melodies: Sequence[Melody]) -> float:
    """Print how well ``pipeline`` sings melodies; return the phone error."""
    errors, onsets, cents, seconds, length = [], [], [], 0.0, 0.0
    for melody in melodies:
        begun = time.perf_counter()
        song = pipeline.sing(melody.lyrics, melody.notes)
        seconds += time.perf_counter() - begun
        length += song.duration
        errors.append(judge.errors(song, melody.lyrics))
        found = judge.vowel_onsets(song, melody.lyrics)
        if len(found) == len(melody.notes):
            onsets += [at - note[0] for at, note in zip(found, melody.notes, strict=True)]
        cents += _cents(song, melody)
    wrong, total = np.sum(errors, axis=0)
    off, late = np.abs(cents), np.abs(onsets)
    print(
        f"  sung: phone error {wrong / total:.1%}, f0 off by {np.median(off):.1f} cents in the "
        f"median, by over 50 in {np.mean(off > 50):.1%}; vowels off by "
        f"{1000 * np.median(late):.0f} ms in the median, {np.mean(late <= 0.04):.0%} of "
        f"{late.size} within 40 ms; {seconds / length:.3f} x real time"
    )
    return float(wrong / total)


def _cents(song: Audio, melody: Melody) -> list[float]:
    track = SingingPitchExtractor(hop=0.005).extract(song)
    found: list[float] = []
    for start, end, key in melody.notes:
        held = track.voiced & (track.times > start + 0.05) & (track.times < end - 0.08)
        found += (1200 * np.log2(track.f0[held] / 440) - 100 * (key - 69)).tolist()
    return found


def main() -> None:
    """Run it from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--voice", action="append", default=[])
    parser.add_argument("--db", type=Path)
    parser.add_argument("--sentences", type=int, default=len(SENTENCES))
    parser.add_argument("--melodies", type=int, default=len(MELODIES))
    options = parser.parse_args()
    voices: dict[str, VoiceProfile | None] = {"the engine's own": None}
    with VoiceProfileStorage(options.db) as stored:
        voices |= {name: stored.get(name) for name in options.voice}
    judge, own = Judge(), 0.0
    for name, voice in voices.items():
        print(name)
        pipeline = TTSPipeline(voice)
        speech = said(pipeline, judge, SENTENCES[: options.sentences])
        own = own or speech
        song = sung(pipeline, judge, MELODIES[: options.melodies])
        print(
            f"  phone error: {speech / own:.2f} x the engine's own, sung {song / speech:.2f} x said"
        )


if __name__ == "__main__":
    main()
