"""Speech and song from text: intelligibility, onsets, pitch and speed.

``python benchmarks/speech.py [--voice NAME ...] [--db FILE] [--sentences 10] [--melodies 7]``

Ten sentences (IEEE 1969, lists 1 and 2) are said, and seven melodies sung, in the engine's own
voice and in the stored voices named. Phone errors are those of recognisers against the
pronunciations of PocketSphinx's dictionary; what is sung is compared with the same lyrics said.
Onsets of vowels are those of PocketSphinx's forced alignment, in steps of 10 ms. f0 is compared
with the notes from 50 ms after their start to 80 ms before their end. Times are those of a second
run.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence

import arguments
import numpy as np
from numpy.typing import NDArray
from speech_judges import Judges
from speech_texts import MELODIES, SENTENCES, Melody

from autovoice_core import (
    Audio,
    SingingPitchExtractor,
    TTSPipeline,
    VoiceProfile,
    VoiceProfileStorage,
)

WITHIN = 0.0401
"""Seconds off at most: 40 ms, in steps that aren't exact in binary."""


def said(pipeline: TTSPipeline, judges: Judges, sentences: Sequence[str]) -> NDArray[np.float64]:
    """Print how well and how fast ``pipeline`` says sentences; return the phone errors."""
    pipeline.say(sentences[0])
    begun = time.perf_counter()
    parts = []
    first = 0.0
    for part in pipeline.say_sentences(" ".join(sentences)):
        first = first or time.perf_counter() - begun
        parts.append(part)
    seconds = time.perf_counter() - begun
    errors = _rates([judges.errors(*each) for each in zip(parts, sentences, strict=True)])
    length = sum(part.duration for part in parts)
    print(
        f"  said: {_told(judges, errors)}; {seconds / length:.3f} x real time, "
        f"first sample after {first:.2f} s"
    )
    return errors


def sung(pipeline: TTSPipeline, judges: Judges, melodies: Sequence[Melody]) -> None:
    """Print how well ``pipeline`` sings melodies."""
    spoken, errors, onsets, cents, seconds, length = [], [], [], [], 0.0, 0.0
    for melody in melodies:
        spoken.append(judges.errors(pipeline.say(melody.lyrics), melody.lyrics))
        begun = time.perf_counter()
        song = pipeline.sing(melody.lyrics, melody.notes)
        seconds += time.perf_counter() - begun
        length += song.duration
        errors.append(judges.errors(song, melody.lyrics))
        found = judges.vowel_onsets(song, melody.lyrics) or []
        if len(found) == len(melody.notes):
            onsets += [at - note[0] for at, note in zip(found, melody.notes, strict=True)]
        cents += _cents(song, melody)
    before, after = _rates(spoken), _rates(errors)
    off, late = np.abs(cents), np.abs(onsets)
    notes = sum(len(melody.keys) for melody in melodies)
    ratios = ", ".join(f"{ratio:.2f}" for ratio in after / before)
    print(f"  lyrics said: {_told(judges, before)}")
    print(f"  sung: {_told(judges, after)}: {ratios} x said; {seconds / length:.3f} x real time")
    print(
        f"  f0 off by {np.median(off):.1f} cents in the median, by over 50 in "
        f"{np.mean(off > 50):.1%}; vowels off by {1000 * np.median(late):.0f} ms in the median, "
        f"{np.mean(late < WITHIN):.0%} of {late.size} within 40 ms, {notes - late.size} not aligned"
    )


def _rates(errors: Sequence[NDArray[np.int64]]) -> NDArray[np.float64]:
    """Return the phone errors by each judge, as a share of the phones."""
    total = np.sum(errors, axis=0)
    return np.asarray(total[:-1] / total[-1])


def _told(judges: Judges, errors: NDArray[np.float64]) -> str:
    each = [f"{error:.1%} ({name})" for error, name in zip(errors, judges.names, strict=True)]
    return "phone error " + ", ".join(each)


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
    parser.add_argument("--db", type=arguments.existing)
    parser.add_argument("--sentences", type=arguments.count, default=len(SENTENCES))
    parser.add_argument("--melodies", type=arguments.count, default=len(MELODIES))
    options = parser.parse_args()
    voices: dict[str, VoiceProfile | None] = {"the engine's own": None}
    with arguments.usage_errors(parser), VoiceProfileStorage(options.db) as stored:
        voices |= {name: stored.get(name) for name in options.voice}
    judges, own = Judges(), None
    for name, voice in voices.items():
        print(name)
        pipeline = TTSPipeline(voice)
        errors = said(pipeline, judges, SENTENCES[: options.sentences])
        own = errors if own is None else own
        print("  said:", ", ".join(f"{ratio:.2f}" for ratio in errors / own), "x the engine's own")
        sung(pipeline, judges, MELODIES[: options.melodies])


if __name__ == "__main__":
    main()
