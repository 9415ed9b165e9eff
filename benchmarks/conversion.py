"""How near conversion comes to the target, and what it costs: sources x voices, octave keys.

``python benchmarks/conversion.py [--sources FILE ...] [--voices FOLDER ...] [--json FILE]``

A voice is a folder of recordings. Similarity is the cosine of Resemblyzer embeddings; pitch is
judged by SwiftF0 on source and result after the key is removed; DNSMOS is told as the difference
to the source. A judge whose packages are missing is named and left out.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from judges import Dnsmos, PitchJudge, Resemblyzer, Signal, available

from autovoice_core import (
    Audio,
    SingingPitchExtractor,
    SingingVoiceConverter,
    VoiceProfile,
)
from autovoice_core.conversion import auto_key

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


def judges() -> dict[str, Any]:
    """Return the judges whose packages are installed, and name the others."""
    found = {}
    for judge in (Resemblyzer, PitchJudge, Dnsmos):
        if available(*judge.needs):
            found[judge.__name__] = judge()
        else:
            print(f"left out: {judge.__name__} (needs {', '.join(judge.needs)})")
    return found


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


def measure(source: Path, voice: VoiceProfile, folder: Path, by: dict[str, Any]) -> dict[str, Any]:
    """Convert one source to one voice and judge the result."""
    before, rate = mono(source)
    vocals = Audio(before[None], rate)
    pitch = SingingPitchExtractor().extract(vocals)
    key = auto_key(pitch, voice)
    began = time.perf_counter()
    converted = SingingVoiceConverter().convert(vocals, voice, pitch=pitch, key=key)
    row: dict[str, Any] = {"source": source.stem, "voice": voice.name, "key": key}
    row["real_time"] = (time.perf_counter() - began) / vocals.duration
    after = converted.numpy()[0]
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


def main() -> None:
    """Measure the grid and print it as a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sources", type=Path, nargs="*", default=[DATA / s for s in SOURCES])
    voices = sorted((DATA / "voices").glob("*"))
    parser.add_argument("--voices", type=Path, nargs="*", default=voices)
    parser.add_argument("--json", type=Path, help="a file for the rows as data")
    options = parser.parse_args()
    by = judges()
    print("| source, voice | key |", " | ".join(COLUMNS.values()), "|")
    print("| --- | --- |", " | ".join("---" for _ in COLUMNS), "|")
    rows = []
    for folder in options.voices:
        files = sorted(folder.iterdir())
        voice = VoiceProfile.from_recordings(files, name=folder.name)
        for source in options.sources:
            rows.append(measure(source, voice, folder, by))
            row = rows[-1]
            print(line(f"{row['source']}, {row['voice']}", str(row["key"]), row), flush=True)
    if not rows:
        return
    stayed = [row for row in rows if row["key"] == 0]
    moved = [row for row in rows if row["key"] != 0]
    for name, part in (("mean", rows), ("mean", stayed), ("mean", moved)):
        if part:
            mean = {c: float(np.mean([row[c] for row in part])) for c in COLUMNS if c in part[0]}
            key = "all" if part is rows else "0" if part is stayed else "moved"
            print(line(name, key, mean))
    worst = {c: max(row[c] for row in rows) for c in ("cents", "gross") if c in rows[0]}
    print(line("worst", "all", worst))
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1, default=float))


if __name__ == "__main__":
    main()
