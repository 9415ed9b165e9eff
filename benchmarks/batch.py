"""Batches by several workers: songs an hour, the time of a start, and the overhead of a song.

``python benchmarks/batch.py --voice NAME --db FILE --song FILE [--songs N] [--seconds S]
[--workers N ...] [--rounds N] [--json FILE]``

Cuts the song into so many parts, and converts these by each number of workers in turn, every round
in another order. "Warm" counts from when each worker has ended its first song. The overhead of a
song is the time of a worker in which it does none: its messages, the manifest and its fsync.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path

import arguments

from autovoice_core import Audio, VoiceProfile, VoiceProfileStorage, convert_songs
from autovoice_core.batch.manifest import Record


def cut(song: Path, folder: Path, songs: int, seconds: float) -> None:
    """Write so many parts of a song to a folder."""
    audio = Audio.load(song)
    last = max(0.0, audio.frames / audio.sample_rate - seconds)
    for number in range(songs):
        start = last * number / max(1, songs - 1)
        audio[start : start + seconds].save(folder / f"{number:04d}.flac")


def measure(folder: Path, voice: VoiceProfile, out: Path, workers: int) -> dict[str, float]:
    """Return the figures of one batch, with an empty folder of results."""
    ends: list[tuple[float, Record]] = []
    began = time.perf_counter()
    result = convert_songs(
        folder,
        voice,
        out,
        workers=workers,
        ended=lambda record: ends.append((time.perf_counter() - began, record)),
    )
    whole = time.perf_counter() - began
    if result.failed:
        raise SystemExit(f"failed: {result.failed}")
    first = {record.worker: when for when, record in reversed(ends)}
    warm = max(first.values())
    later = [(when, record) for when, record in ends if when > warm]
    busy = sum(record.seconds for _, record in ends)
    start = min(when - record.seconds for when, record in ends if when in first.values())
    return {
        "songs_an_hour": 3600 * len(ends) / whole,
        "warm_songs_an_hour": 3600 * len(later) / (ends[-1][0] - warm) if later else 0.0,
        "start_s": start,
        "overhead_ms": 1000 * (workers * (whole - start) - busy) / len(ends),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--voice", required=True)
    parser.add_argument("--db", type=arguments.existing, required=True)
    parser.add_argument("--song", type=arguments.sound, required=True)
    parser.add_argument("--songs", type=arguments.count, default=50)
    parser.add_argument("--seconds", type=arguments.seconds, default=10.0)
    parser.add_argument("--workers", type=arguments.count, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=arguments.count, default=2)
    parser.add_argument("--json", type=arguments.output)
    options = parser.parse_args()
    with VoiceProfileStorage(options.db) as voices:
        voice = voices.get(options.voice)
    found: dict[int, list[dict[str, float]]] = {workers: [] for workers in options.workers}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "songs"
        folder.mkdir()
        cut(options.song, folder, options.songs, options.seconds)
        for number in range(options.rounds):
            order = options.workers if number % 2 == 0 else options.workers[::-1]
            for workers in order:
                out = Path(temporary) / f"out-{number}-{workers}"
                found[workers].append(measure(folder, voice, out, workers))
                print(number, workers, found[workers][-1], flush=True)
    names = list(found[options.workers[0]][0])
    medians = {
        workers: {name: statistics.median(run[name] for run in runs) for name in names}
        for workers, runs in found.items()
    }
    print("workers " + " ".join(f"{name:>20}" for name in names))
    for workers, figures in medians.items():
        print(f"{workers:7d} " + " ".join(f"{figures[name]:20.1f}" for name in names))
    if options.json:
        options.json.write_text(json.dumps({"runs": found, "medians": medians}, indent=2))


if __name__ == "__main__":
    main()
