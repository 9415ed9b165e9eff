"""Quality and cost of conversion: every source to every voice, in octave keys.

``python benchmarks/conversion.py [--sources FILE ...] [--voices FOLDER ...] [--json FILE]
[--picture FILE] [--baseline]``

A voice is a folder of recordings. Similarity is the cosine of Resemblyzer embeddings; pitch is
judged by SwiftF0 on source and result after the key is removed; DNSMOS is the difference from the
source. A judge whose packages are missing is named and left out. ``--baseline`` also measures
WORLD with MFCC matching (:mod:`world`), pair by pair.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from judges import Dnsmos, PitchJudge, Resemblyzer, Signal, installed
from world import Baseline

from autovoice_core import (
    Audio,
    SingingPitchExtractor,
    SingingVoiceConverter,
    VoiceProfile,
)
from autovoice_core.conversion.key import choose_key

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
SOURCES = ("singing/vocadito_1.flac", "singing/smstools_singing-female.flac")
COLUMNS = {
    "to_target": "to target",
    "to_source": "to source",
    "source_to_target": "source itself",
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


def embedding_of(folder: Path, encoder: Resemblyzer, seconds: float = 60.0) -> Any:
    """Return the embedding of the first minute of a voice's recordings."""
    parts, rate = [], 0
    for path in sorted(folder.iterdir()):
        samples, rate = mono(path)
        parts.append(samples)
    return encoder.embed(np.concatenate(parts)[: int(seconds * rate)], rate)


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
    pitch = SingingPitchExtractor().extract(vocals)
    key = choose_key(pitch, voice).semitones
    began = time.perf_counter()
    if baseline is None:
        after = SingingVoiceConverter().convert(vocals, voice, pitch=pitch, key=key).numpy()[0]
    else:
        after = baseline.convert(before, rate, key)
    method = "ours" if baseline is None else "baseline"
    row: dict[str, Any] = {"source": source.stem, "voice": voice.name, "key": key, "by": method}
    row["real_time"] = (time.perf_counter() - began) / vocals.duration
    if "Resemblyzer" in by:
        encoder = by["Resemblyzer"]
        target = embedding_of(folder, encoder)
        own, new = encoder.embed(before, rate), encoder.embed(after, rate)
        row.update(to_target=new @ target, to_source=new @ own, source_to_target=own @ target)
    if "PitchJudge" in by:
        cents, gross, voicing = by["PitchJudge"].compare(before, after, rate, key)
        row.update(cents=cents, gross=100 * gross, voicing=voicing)
    if "Dnsmos" in by:
        row["dnsmos"] = by["Dnsmos"].score(after, rate) - by["Dnsmos"].score(before, rate)
    return row


def line(name: str, key: str, row: dict[str, Any]) -> str:
    """Return a row of the Markdown table."""
    values = " | ".join(f"{row[c]:.3f}" if c in row else "-" for c in COLUMNS)
    return f"| {name} | {key} | {values} |"


def summary(rows: list[dict[str, Any]], method: str) -> None:
    """Print the means of all pairs, of those in the original key, and of the transposed."""
    parts = {"all": rows, "0": [row for row in rows if row["key"] == 0]}
    parts["moved"] = [row for row in rows if row["key"] != 0]
    for key, part in parts.items():
        if part:
            mean = {c: float(np.mean([row[c] for row in part])) for c in COLUMNS if c in part[0]}
            print(line(f"{method}, mean", key, mean))
    worst = {c: max(row[c] for row in rows) for c in ("cents", "gross") if c in rows[0]}
    print(line(f"{method}, worst", "all", worst))


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
    parser.add_argument("--sources", type=Path, nargs="*", default=[DATA / s for s in SOURCES])
    voices = sorted((DATA / "voices").glob("*"))
    parser.add_argument("--voices", type=Path, nargs="*", default=voices)
    parser.add_argument("--json", type=Path, help="a file for the rows as data")
    parser.add_argument("--picture", type=Path, help="a PNG or SVG file for the pairs")
    parser.add_argument("--baseline", action="store_true", help="measure WORLD with MFCC too")
    options = parser.parse_args()
    by = installed(Resemblyzer, PitchJudge, Dnsmos)
    print("| source, voice | key |", " | ".join(COLUMNS.values()), "|")
    print("| --- | --- |", " | ".join("---" for _ in COLUMNS), "|")
    rows = []
    for folder in options.voices:
        files = sorted(folder.iterdir())
        voice = VoiceProfile.from_recordings(files, name=folder.name)
        methods: dict[str, Baseline | None] = {"ours": None}
        if options.baseline:
            methods["baseline"] = Baseline([mono(path) for path in files])
        for source in options.sources:
            for method, baseline in methods.items():
                rows.append(measure(source, voice, folder, by, baseline))
                row = rows[-1]
                name = f"{method}: {row['source']}, {row['voice']}"
                print(line(name, str(row["key"]), row), flush=True)
    for method in ("ours", "baseline"):
        if part := [row for row in rows if row["by"] == method]:
            summary(part, method)
    if rows and options.picture and "to_target" in rows[0]:
        draw(rows, options.picture)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1, default=float))


if __name__ == "__main__":
    main()
