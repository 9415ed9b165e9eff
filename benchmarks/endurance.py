"""Long runs: many conversions in one process, and a song of hours; memory, files and threads.

``python benchmarks/endurance.py conversions --voice NAME --db FILE --song FILE [--times 1000]``

Converts a song again and again in this process, and counts after each tenth of the conversions what
the process holds: memory, open files, threads, files in its temporary folder. All results must be
equal.

``python benchmarks/endurance.py hours --voice NAME --db FILE --song FILE [--hours 8]
[--pauses SHARE]``

Repeats a song to one of so many hours, in which the share ``--pauses`` is silent, converts it by
the command, and prints the memory and the temporary files of the command in each tenth of its time.
The length must be kept to the sample.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import arguments
import numpy as np
import soundfile

from autovoice_core import VoiceProfileStorage, convert_song

PAUSE_SECONDS = 600.0
POLL_SECONDS = 2.0


def megabytes_of(process: int | str) -> float:
    """Return the memory that a process has in use, as the system counts it; 0 once it is gone."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def bytes_of(folder: Path) -> int:
    """Return the size of all files below a folder, some of which may vanish meanwhile."""
    sizes = 0
    for path in folder.rglob("*"):
        try:
            sizes += path.stat().st_size
        except FileNotFoundError:
            continue
    return sizes


def conversions(options: argparse.Namespace) -> None:
    """Convert a song so many times, and print what the process holds."""
    with VoiceProfileStorage(options.db) as voices:
        voice = voices.get(options.voice)
    results = set()
    print(f"{'conversions':>11}{'MB':>9}{'files':>7}{'threads':>9}{'temporary':>11}{'s':>8}")
    with tempfile.TemporaryDirectory() as folder:
        tempfile.tempdir = folder
        out = Path(folder, "out.wav")
        began = time.perf_counter()
        for number in range(1, options.times + 1):
            convert_song(options.song, voice, out)
            results.add(hashlib.sha256(out.read_bytes()).hexdigest())
            out.unlink()
            if number == 1 or number % max(1, options.times // 10) == 0:
                places = (Path("/proc/self/fd"), Path("/proc/self/task"), Path(folder))
                files, tasks, left = (sum(1 for _ in place.iterdir()) for place in places)
                held, seconds = megabytes_of("self"), time.perf_counter() - began
                row = f"{number:11}{held:9.1f}{files:7}{tasks:9}{left:11}{seconds:8.0f}"
                print(row, flush=True)
        tempfile.tempdir = None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(f"peak {peak:.1f} MB; {len(results)} different results")
    if len(results) != 1:
        raise SystemExit("the same song was converted in several ways")


def write_hours(song: Path, hours: float, pauses: float, out: Path) -> int:
    """Write a song again and again, with pauses between; return the frames."""
    sound, rate = soundfile.read(song, dtype="float32", always_2d=True)
    sung = (1.0 - pauses) / pauses * PAUSE_SECONDS if pauses else len(sound) / rate
    sung_frames = max(1, min(len(sound), round(sung * rate)))
    pause = round(sung_frames / rate * pauses / (1.0 - pauses) * rate)
    total, written, start = round(hours * 3600 * rate), 0, 0
    silence = np.zeros((pause, sound.shape[1]), np.float32)
    with soundfile.SoundFile(out, "w", rate, sound.shape[1], "PCM_16") as file:
        while written < total:
            part = np.concatenate([np.roll(sound, -start, axis=0)[:sung_frames], silence])
            start = (start + sung_frames) % len(sound)
            file.write(part[: total - written])
            written += min(len(part), total - written)
    return written


def hours(options: argparse.Namespace) -> None:
    """Convert a song of hours by the command, and print what the command holds."""
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        song, out, temporary = (Path(folder, name) for name in ("song.flac", "out.flac", "tmp"))
        temporary.mkdir()
        frames = write_hours(options.song, options.hours, options.pauses, song)
        print(f"{frames} frames, {song.stat().st_size / 1e6:.0f} MB", flush=True)
        command = [sys.executable, "-m", "autovoice_core", "convert", str(song), "-q"]
        command += ["--voice", options.voice, "--db", str(options.db), "--out", str(out)]
        began, samples = time.perf_counter(), []
        started = subprocess.Popen(command, env={**os.environ, "TMPDIR": str(temporary)})
        while started.poll() is None:
            samples.append((megabytes_of(started.pid), bytes_of(temporary) / 1e9))
            time.sleep(POLL_SECONDS)
        wall = time.perf_counter() - began
        if started.returncode:
            raise SystemExit(f"the conversion failed: exit code {started.returncode}")
        spent = resource.getrusage(resource.RUSAGE_CHILDREN)
        processor = spent.ru_utime + spent.ru_stime
        print(f"{'tenth':>5}{'mean MB':>10}{'most MB':>10}{'temporary GB':>14}")
        for tenth, part in enumerate(np.array_split(np.array(samples), 10), 1):
            means, most = part.mean(axis=0), part.max(axis=0)
            print(f"{tenth:5}{means[0]:10.0f}{most[0]:10.0f}{most[1]:14.2f}")
        peak = spent.ru_maxrss / 1e3
        print(f"{wall:.0f} s, {processor:.0f} s of processor time, peak {peak:.0f} MB")
        found = soundfile.info(out).frames
        if found != frames:
            raise SystemExit(f"{found} frames came of {frames}")
        print("the length is the song's, to the sample")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    kinds = parser.add_subparsers(required=True)
    for run in (conversions, hours):
        kind = kinds.add_parser(run.__name__)
        kind.set_defaults(run=run)
        kind.add_argument("--voice", required=True)
        kind.add_argument("--db", type=arguments.existing, required=True)
        kind.add_argument("--song", type=arguments.sound, required=True)
        if run is conversions:
            kind.add_argument("--times", type=arguments.count, default=1000)
        else:
            kind.add_argument("--hours", type=arguments.seconds, default=8.0)
            kind.add_argument("--pauses", type=float, default=0.0)
            kind.add_argument("--folder", type=arguments.folder)
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
