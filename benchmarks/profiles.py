"""What to record for a voice: profiles of more and less, of noisy and of reverberant recordings.

``python benchmarks/profiles.py FOLDER [FOLDER ...] [--sources FILE ...] [--seconds COUNT ...]
[--worse COUNT] [--json FILE]``

A folder holds the recordings of one voice. Its first 20 s are set aside, for the speaker encoders
to compare with; sources whose sentences the voice reads too should be among these. Profiles are
made of pieces of 5 s, spread evenly over all others: ``--seconds`` of them, pauses included, and
with ``--worse`` so many seconds in noise and in rooms. Every source is converted to each, in the
octave key that the profile asks for.

Noise is so far below the RMS level of the recordings. A room is decaying noise, 10 dB below the
voice as near a microphone, or as loud as the voice as metres away. Less than the 8 s of voiced
sound that a profile needs are measured too, to see what the limit forbids. Similarity, margin,
lost words and DNSMOS are as in ``conversion.py``; a judge whose package is missing is named and
left out. The other columns are of the profiles: seconds of voiced sound found, dB from it down to
the noise between sounds, megabytes, seconds of processor time to make one, and warnings.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import arguments
import numpy as np
from conversion import DATA, SOURCES, mono, pitch_of
from figures import line
from judges import Dnsmos, Signal, Words, installed
from likeness import COLUMNS as LIKENESS
from likeness import ENCODERS, Likeness

from autovoice_core import (
    Audio,
    SingingVoiceConverter,
    VoiceProfile,
)
from autovoice_core.conversion.key import choose_key
from autovoice_core.synthetic.degradations import add_noise, add_reverb
from autovoice_core.voices import enrol

ASIDE_SECONDS, PIECE_SECONDS = 20, 5
LEAST_VOICED_SECONDS = 1.0
NEAR, FAR = 10.0, 0.0  # direct to reverberant energy, dB
WORSE: dict[str, partial[Audio]] = {
    f"{color} noise, {snr} dB": partial(add_noise, snr=snr, color=color)
    for color in ("white", "pink")
    for snr in (30, 20, 10)
} | {
    f"room, {seconds} s, {place}": partial(add_reverb, seconds=seconds, ratio=ratio)
    for place, ratio in (("near", NEAR), ("far", FAR))
    for seconds in (0.3, 0.8, 1.5)
}
COLUMNS = {
    "voiced": "voiced s",
    "noise": "noise, dB below",
    **LIKENESS,
    "words_lost": "words lost %",
    "dnsmos": "DNSMOS +-",
    "megabytes": "MB",
    "made_in": "made in s",
    "doubts": "warnings",
}


def pieces(signal: Signal, rate: int, seconds: float) -> list[Audio]:
    """Return pieces of a signal, spread evenly over it: together ``seconds``, at most all of it."""
    size = PIECE_SECONDS * rate
    count = min(max(1, round(seconds / PIECE_SECONDS)), len(signal) // size)
    starts = np.linspace(0, len(signal) - size, count).astype(int)
    return [Audio(signal[None, start : start + size], rate) for start in starts]


def profiled(recordings: list[Audio], name: str) -> tuple[VoiceProfile, dict[str, float]]:
    """Return a profile, and its columns."""
    began = time.process_time()
    with warnings.catch_warnings(record=True) as doubts:
        warnings.simplefilter("always")
        voice = VoiceProfile.from_recordings(recordings, name=name)
    return voice, {
        "voiced": voice.voiced_seconds,
        "noise": voice.heard.noise if voice.heard else np.nan,
        "megabytes": sum(values.nbytes for values in voice.features.values()) / 1e6,
        "made_in": time.process_time() - began,
        "doubts": len(doubts),
    }


def judge(
    source: Path, aside: Signal, rate: int, by: dict[str, Any]
) -> Callable[[Signal], dict[str, Any]]:
    """Return what judges a converted source; ``aside`` are recordings of the voice."""
    before, source_rate = mono(source)
    likeness = Likeness(by, aside, before, (rate, source_rate))
    words, quality = by.get("Words"), by.get("Dnsmos")
    said = list(words.hear(before, source_rate)) if words else []
    best = quality.score(before, source_rate) if quality else 0.0

    def columns(after: Signal) -> dict[str, Any]:
        row: dict[str, Any] = likeness.of(after, source_rate)
        if words:
            row["words_lost"] = words.lost(said, after, source_rate)
        if quality:
            row["dnsmos"] = quality.score(after, source_rate) - best
        return row

    return columns


def converted(source: Path, voice: VoiceProfile) -> tuple[Signal, float]:
    """Return a source with another voice, and the key in semitones."""
    signal, rate = mono(source)
    pitch = pitch_of(source)
    key = choose_key(pitch, voice).semitones
    made = SingingVoiceConverter().convert(Audio(signal[None], rate), voice, pitch=pitch, key=key)
    return made.numpy()[0], key


def recorded(
    signal: Signal, rate: int, amounts: list[float], worse: float
) -> Iterator[tuple[str, list[Audio]]]:
    """Yield recordings to make profiles of, and what they are."""
    for seconds in amounts:
        yield f"{seconds:g} s", pieces(signal, rate, seconds)
    for name, spoil in WORSE.items() if worse else ():
        spoilt = spoil(Audio(signal[None], rate)).numpy()[0]
        yield f"{worse:g} s, {name}", pieces(spoilt, rate, worse)


def main() -> None:
    """Measure the profiles of all voices and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("voices", type=arguments.recordings, nargs="+", metavar="FOLDER")
    parser.add_argument("--sources", type=arguments.sound, nargs="+", metavar="FILE")
    parser.add_argument("--seconds", type=arguments.seconds, nargs="*", default=[5, 10, 20, 40, 80])
    parser.add_argument(
        "--worse",
        type=arguments.seconds,
        default=0.0,
        metavar="COUNT",
        help="seconds in noise and in rooms",
    )
    parser.add_argument("--json", type=arguments.output, help="a file for the rows as data")
    options = parser.parse_args()
    with arguments.usage_errors(parser):
        sources = options.sources or [arguments.sound(DATA / name) for name in SOURCES]
    by = installed(*ENCODERS, Words, Dnsmos)
    enrol.MIN_ENROLLED_SECONDS = LEAST_VOICED_SECONDS
    rows: list[dict[str, Any]] = []
    for folder in options.voices:
        signals, rates = zip(*map(mono, sorted(folder.iterdir())), strict=True)
        signal, rate = np.concatenate(signals), rates[0]
        if len(signal) < (ASIDE_SECONDS + PIECE_SECONDS) * rate:
            parser.error(
                f"FOLDER: {folder} holds {len(signal) / rate:.0f} s; "
                f"{ASIDE_SECONDS} s are set aside, so give at least "
                f"{ASIDE_SECONDS + PIECE_SECONDS} s"
            )
        aside, others = np.split(signal, [ASIDE_SECONDS * rate])
        judges = {source: judge(source, aside, rate, by) for source in sources}
        for name, recordings in recorded(others, rate, options.seconds, options.worse):
            voice, columns = profiled(recordings, folder.name)
            for source, judged in judges.items():
                made, key = converted(source, voice)
                row: dict[str, Any] = {
                    "voice": folder.name,
                    "recorded": name,
                    "source": source.stem,
                    "key": key,
                }
                rows.append(row | columns | judged(made))
    print("| recorded | n |", " | ".join(COLUMNS.values()), "|")
    print("| --- | --- |", " | ".join("---" for _ in COLUMNS), "|")
    for name in dict.fromkeys(row["recorded"] for row in rows):
        here = [row for row in rows if row["recorded"] == name]
        print(line((name, str(len(here))), here, COLUMNS))
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1, default=float))


if __name__ == "__main__":
    main()
