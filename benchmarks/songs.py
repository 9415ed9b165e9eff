"""The whole chain on songs whose vocals are known: what was moved, what stayed, what was added.

``python benchmarks/songs.py [--songs FOLDER ...] [--mixtures] [--voice FOLDER] [--key N]
[--json FILE] [--picture FILE]``

A song is a folder with ``mixture``, ``vocals`` and ``accompaniment``. ``--mixtures`` adds mixtures
of solo singing and accompaniments, the singing 6 dB above to 6 dB below. Of the frames in which
the true vocals are voiced and loud, *moved* came out within 50 cents of where they were asked to
be, *left* stayed at the old pitch; the rest is unvoiced or elsewhere. Every song goes through the
chain twice, from the mixture and from the true vocals, and the pitch tracker is judged on both, so
that a loss is told by stage. *octave* is the most that the mix exceeds the song in an octave, dB.
Needs ``autovoice-cpu[fcpe]``.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import arguments
import numpy as np
from song_judges import OCTAVES, SungFrames, excess, judged_pitch, octave_excess

from autovoice_core import Audio, AutoVoiceWarning, VoiceProfile, convert_song
from autovoice_core.metrics import compute_metrics

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
RATE = 44_100
SECONDS = 30
SOLOS = {
    "vocadito_1": ("singing/vocadito_1.flac", 0),
    "iona": ("voices/iona/iona_1.flac", 10),
    "caesium_bgvox": ("singing/eif_caesium_bgvox-main.flac", 30),
    "rubidium_bgvox": ("singing/eif_rubidium_bgvox.flac", 20),
}
BANDS = ("sectoid_Feelings", "freedoom_D_E1M2", "freedoom_D_ADRIAN", "sonicpi_loop_amen_full")
BALANCES_DB = (6, 0, -6)
COLUMNS = ("moved", "left", "unvoiced", "tracked", "likeness", "excess", "blocks", "octave")


def stereo(path: Path, start: int = 0) -> np.ndarray:
    """Return ``SECONDS`` of a file from ``start``, ``(2, frames)``, repeated if it is shorter."""
    audio = Audio.load(path)
    samples = (audio if audio.sample_rate == RATE else audio.resample(RATE)).numpy()
    samples = np.broadcast_to(samples, (2, samples.shape[1]))[:, start * RATE :]
    return np.tile(samples, -(-SECONDS * RATE // samples.shape[1]))[:, : SECONDS * RATE]


def active_level(samples: np.ndarray) -> float:
    """Return the root mean square of what is within 30 dB of the loudest 100 ms."""
    blocks = samples.mean(axis=0)[: samples.shape[1] // 4410 * 4410].reshape(-1, 4410)
    energy = (blocks**2).mean(axis=1)
    return float(np.sqrt(energy[energy > 1e-3 * energy.max()].mean()))


def mixtures(folder: Path) -> Iterator[Path]:
    """Write mixtures of solo singing and accompaniments, and yield their folders."""
    for (name, (file, start)), band in zip(SOLOS.items(), BANDS, strict=True):
        vocals, rest = (
            stereo(DATA / file, start),
            stereo(DATA / "accompaniment" / f"{band}.flac"),
        )
        for balance in BALANCES_DB:
            gain = active_level(vocals) / active_level(rest) / 10 ** (balance / 20)
            scale = 0.9 / np.abs(vocals + gain * rest).max()
            song = folder / f"{name} + {band}, {balance:+d} dB"
            song.mkdir()
            parts = {
                "vocals": vocals,
                "accompaniment": gain * rest,
                "mixture": vocals + gain * rest,
            }
            for part, samples in parts.items():
                Audio((scale * samples).astype(np.float32), RATE).save(song / f"{part}.flac")
            yield song


def measure(song: Path, voice: VoiceProfile, key: int, folder: Path) -> list[dict[str, Any]]:
    """Convert a song from its mixture and from its true vocals; return a row for each."""
    mixture, vocals = (next(song.glob(f"{part}.*")) for part in ("mixture", "vocals"))
    truth = SungFrames.of(Audio.load(vocals))
    rows = []
    for source in (mixture, vocals):
        alone = source is vocals
        out, stems = folder / "out.flac", folder / "stems"
        result = convert_song(source, voice, out, stems=stems, vocals_only=alone, key=key)
        converted = Audio.load(stems / "converted.flac")
        row = {"song": song.name, "from": "true vocals" if alone else "mixture"}
        row |= truth.shares(judged_pitch(converted), key)
        row["tracked"] = truth.shares(result.pitch, 0)["moved"]
        figures = compute_metrics(Audio.load(stems / "vocals.flac"), converted, voice=voice)
        if figures.similarity_to_target is not None:
            row["likeness"] = figures.similarity_to_target
        over = [excess(Audio.load(source), Audio.load(out), band) for band in OCTAVES]
        row["excess"] = max(decibels for decibels, _ in over)
        row["blocks"] = sum(blocks for _, blocks in over)
        row["octave"] = octave_excess(Audio.load(source), Audio.load(out))
        rows.append(row)
    return rows


def line(name: str, source: str, row: dict[str, Any]) -> str:
    """Return a row of the Markdown table."""
    values = (
        f"{row[c]:.2f}" if isinstance(row.get(c), float) else str(row.get(c, "-")) for c in COLUMNS
    )
    return f"| {name} | {source} | {' | '.join(values)} |"


def draw(rows: list[dict[str, Any]], path: Path) -> None:
    """Draw the shares of every song as bars."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 0.3 * len(rows) + 1.5), layout="constrained")
    axes = figure.subplots()
    names = [f"{row['song']}, {row['from']}" for row in rows]
    begin = np.zeros(len(rows))
    for share, colour in (("moved", "C2"), ("left", "C3"), ("unvoiced", "0.8")):
        width = np.array([row[share] for row in rows])
        axes.barh(names, width, left=begin, color=colour, label=share)
        begin += width
    axes.invert_yaxis()
    axes.set(xlim=(0, 1), xlabel="share of the sung frames")
    axes.legend(loc="upper right")
    figure.savefig(path)


def main() -> None:
    """Measure every song and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    known = sorted(path for path in (DATA / "songs").glob("*") if path.is_dir())
    parser.add_argument("--songs", type=arguments.song, nargs="*", default=known)
    parser.add_argument("--mixtures", action="store_true", help="measure made mixtures too")
    parser.add_argument("--voice", type=arguments.recordings, metavar="FOLDER")
    parser.add_argument("--key", type=arguments.semitones, default=5)
    parser.add_argument("--json", type=arguments.output, help="a file for the rows as data")
    parser.add_argument("--picture", type=arguments.output, help="a PNG or SVG file of the shares")
    options = parser.parse_args()
    warnings.simplefilter("ignore", AutoVoiceWarning)
    with arguments.usage_errors(parser):
        folder = options.voice or arguments.recordings(DATA / "voices" / "libri_2033")
        voice = VoiceProfile.from_recordings(sorted(folder.iterdir()), name=folder.name)
    print("| song | from |", " | ".join(COLUMNS), "|")
    print("| --- | --- |", " | ".join("---" for _ in COLUMNS), "|")
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as made, tempfile.TemporaryDirectory() as work:
        songs = [*options.songs, *(mixtures(Path(made)) if options.mixtures else ())]
        for song in songs:
            for row in measure(song, voice, options.key, Path(work)):
                rows.append(row)
                print(line(row["song"], row["from"], row), flush=True)
    for source in ("mixture", "true vocals"):
        part = [row for row in rows if row["from"] == source]
        mean = {c: float(np.mean([row[c] for row in part])) for c in COLUMNS if c in part[0]}
        print(line("mean", source, mean))
    if options.picture:
        draw(rows, options.picture)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1, default=float))


if __name__ == "__main__":
    main()
