"""Quality and cost of conversion: every source to every voice, in octave keys.

``python benchmarks/conversion.py [--sources FILE ...] [--voices FOLDER ...] [--json FILE]
[--picture FILE] [--baseline]``

A voice is a folder of recordings. Similarity is the cosine of speaker embeddings, by Resemblyzer
and by CAM++, at the loudness of the target's recordings; the margin is that to the target less
that to the source. Words lost are those of Whisper's transcript of the source, where it was
certain of one; of a source ``NAME.flac`` with its lyrics beside it, ``NAME.txt``, the letters are
counted too that Whisper spells otherwise. Pitch is judged by SwiftF0 on source and result after
the key is removed; DNSMOS is the difference from the source. A judge whose packages are missing
is named and left out. ``--baseline`` also measures WORLD with MFCC matching (:mod:`world`), pair
by pair. ``compare_runs.py`` tells whether two runs differ by more than chance.
"""

from __future__ import annotations

import argparse
import json
import time
from functools import cache
from pathlib import Path
from typing import Any

import arguments
import numpy as np
import soundfile
from figures import line
from judges import Dnsmos, PitchJudge, Signal, Words, installed
from likeness import COLUMNS as LIKENESS
from likeness import ENCODERS, Likeness
from world import Baseline

from autovoice_core import (
    Audio,
    PitchTrack,
    SingingPitchExtractor,
    SingingVoiceConverter,
    VoiceProfile,
)
from autovoice_core.conversion.key import choose_key

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
SOURCES = ("singing/vocadito_1.flac", "singing/smstools_singing-female.flac")
COLUMNS = {
    **LIKENESS,
    "words_lost": "words lost %",
    "misspelt": "letters off %",
    "cents": "f0 cents",
    "gross": "off > 50 c %",
    "voicing": "voicing",
    "dnsmos": "DNSMOS +-",
    "real_time": "x real time",
}


def mono(path: Path) -> tuple[Signal, int]:
    """Return a file's channels averaged, and its rate."""
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return samples.mean(axis=1), rate


def first_minute(folder: Path) -> tuple[Signal, int]:
    """Return the first minute of a voice's recordings, and their rate."""
    signals, rates = zip(*map(mono, sorted(folder.iterdir())), strict=True)
    return np.concatenate(signals)[: 60 * rates[0]], rates[0]


@cache
def pitch_of(path: Path) -> PitchTrack:
    """Return the pitch of a recording."""
    signal, rate = mono(path)
    return SingingPitchExtractor().extract(Audio(signal[None], rate))


def measure(
    source: Path,
    voice: VoiceProfile,
    folder: Path,
    by: dict[str, Any],
    baseline: Baseline | None = None,
) -> dict[str, Any]:
    """Convert one source to one voice, by ``baseline`` if it is given, and judge the result."""
    before, rate = mono(source)
    vocals = Audio(before[None], rate)
    pitch = pitch_of(source)
    key = choose_key(pitch, voice).semitones
    began = time.perf_counter()
    if baseline is None:
        after = SingingVoiceConverter().convert(vocals, voice, pitch=pitch, key=key).numpy()[0]
    else:
        after = baseline.convert(before, rate, key)
    method = "ours" if baseline is None else "baseline"
    row: dict[str, Any] = {"source": source.stem, "voice": voice.name, "key": key, "by": method}
    row["real_time"] = (time.perf_counter() - began) / vocals.duration
    target, target_rate = first_minute(folder)
    likeness = Likeness(by, target, before, (target_rate, rate))
    row |= likeness.of(after, rate)
    row |= {f"source_{name}": value for name, value in likeness.of(before, rate).items()}
    if "Words" in by:
        said = list(by["Words"].hear(before, rate))
        row["words_lost"] = by["Words"].lost(said, after, rate)
        if (lyrics := source.with_suffix(".txt")).is_file():
            row["misspelt"] = by["Words"].misspelt(lyrics.read_text("utf-8"), after, rate)
    if "PitchJudge" in by:
        cents, gross, voicing = by["PitchJudge"].compare(before, after, rate, key)
        row.update(cents=cents, gross=100 * gross, voicing=voicing)
    if "Dnsmos" in by:
        row["dnsmos"] = by["Dnsmos"].score(after, rate) - by["Dnsmos"].score(before, rate)
    return row


def summary(rows: list[dict[str, Any]], method: str) -> None:
    """Print the figures of all pairs, of those in the original key, and of the transposed."""
    parts = {"all": rows, "0": [row for row in rows if row["key"] == 0]}
    parts["moved"] = [row for row in rows if row["key"] != 0]
    for key, part in parts.items():
        if part:
            print(line((f"{method}, mean", key), part, COLUMNS))
    worst = {c: max(row[c] for row in rows) for c in ("cents", "gross") if c in rows[0]}
    print(line((f"{method}, worst", "all"), [worst], COLUMNS))


def draw(rows: list[dict[str, Any]], path: Path) -> None:
    """Draw every pair by its similarity to source and target."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 6), layout="constrained")
    axes = figure.subplots()
    for method, mark in (("ours", "o"), ("baseline", "x")):
        for moved in (False, True):
            part = [r for r in rows if r["by"] == method and (r["key"] != 0) == moved]
            if part:
                places = [r["to_source"] for r in part], [r["to_target"] for r in part]
                label = f"{method}, key {'moved' if moved else '0'}"
                axes.plot(*places, mark, color=f"C{int(moved)}", label=label)
    axes.axline((0.5, 0.5), slope=1, color="0.7", linewidth=1)
    axes.set(xlabel="similarity to the source", ylabel="similarity to the target")
    axes.legend()
    figure.savefig(path)


def main() -> None:
    """Measure the grid and print it as a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sources", type=arguments.sound, nargs="+", metavar="FILE")
    parser.add_argument("--voices", type=arguments.recordings, nargs="+", metavar="FOLDER")
    parser.add_argument("--json", type=arguments.output, help="a file for the rows as data")
    parser.add_argument("--picture", type=arguments.output, help="a PNG or SVG file for the pairs")
    parser.add_argument("--baseline", action="store_true", help="measure WORLD with MFCC too")
    options = parser.parse_args()
    with arguments.usage_errors(parser):
        sources = options.sources or [arguments.sound(DATA / name) for name in SOURCES]
        folders = options.voices or sorted(
            map(arguments.recordings, arguments.folder(DATA / "voices").iterdir())
        )
    by = installed(*ENCODERS, Words, PitchJudge, Dnsmos)
    print("| source, voice | key |", " | ".join(COLUMNS.values()), "|")
    print("| --- | --- |", " | ".join("---" for _ in COLUMNS), "|")
    rows = []
    for of_voice in folders:
        files = sorted(of_voice.iterdir())
        with arguments.usage_errors(parser):
            voice = VoiceProfile.from_recordings(files, name=of_voice.name)
        methods: dict[str, Baseline | None] = {"ours": None}
        if options.baseline:
            methods["baseline"] = Baseline([mono(path) for path in files])
        for source in sources:
            for method, baseline in methods.items():
                rows.append(measure(source, voice, of_voice, by, baseline))
                row = rows[-1]
                name = f"{method}: {row['source']}, {row['voice']}"
                print(line((name, str(row["key"])), [row], COLUMNS), flush=True)
    for method in ("ours", "baseline"):
        if part := [row for row in rows if row["by"] == method]:
            summary(part, method)
    if rows and options.picture and "to_target" in rows[0]:
        draw(rows, options.picture)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1, default=float))


if __name__ == "__main__":
    main()
