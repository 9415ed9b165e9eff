"""A database of voices under load: many voices in it, and many programs that use it at once.

``python benchmarks/database.py --voice NAME --db FILE [--voices 200] [--processes 50]
[--turns 3]``

Fills a new database with copies of a voice under other names, and times adding, listing, reading
and removing. Then so many processes at once each add a voice of their own, read another's, rename
theirs and remove it, in so many turns. The voices that were there before must be there at the end,
whole, and nothing else.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import arguments
import attrs

from autovoice_core import VoiceProfile, VoiceProfileStorage

WORK = """
import sys, time
import attrs
from autovoice_core import VoiceProfileStorage

path, me, turns, number = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
with VoiceProfileStorage(path) as voices:
    voice = voices.get("voice 0")
    print("ready", flush=True)
    sys.stdin.readline()
    slowest = 0.0
    for turn in range(turns):
        began = time.perf_counter()
        voices.add(attrs.evolve(voice, name=me))
        voices.get(f"voice {turn % number}")
        voices.rename(me, f"{me} again")
        voices.remove(f"{me} again")
        slowest = max(slowest, time.perf_counter() - began)
print(slowest)
"""


def timed(what: str, times: int, work: Callable[[int], object]) -> None:
    """Do a piece of work so many times, and print how long each took on average."""
    began = time.perf_counter()
    for number in range(times):
        work(number)
    print(f"{what:<20}{1000 * (time.perf_counter() - began) / times:10.2f} ms", flush=True)


def fill(path: Path, voice: VoiceProfile, number: int) -> None:
    """Fill a database with copies of a voice, and time what is done with it."""
    with VoiceProfileStorage(path) as voices:
        timed("add", number, lambda i: voices.add(attrs.evolve(voice, name=f"voice {i}")))
        timed("list", 10, lambda _: voices.list())
        timed("read", number, lambda i: voices.get(f"voice {i}"))
        voices.add(attrs.evolve(voice, name="one more"))
        timed("remove", 1, lambda _: voices.remove("one more"))
    print(f"{number} voices, {path.stat().st_size / 1e6:.0f} MB", flush=True)


def crowd(path: Path, processes: int, turns: int, number: int) -> None:
    """Let processes use a database at once, all begun before the first may go."""
    command = [sys.executable, "-c", WORK, str(path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    started = [
        subprocess.Popen([*command, f"program {i}", str(turns), str(number)], **pipes)
        for i in range(processes)
    ]
    for program in started:
        if program.stdout.readline() != "ready\n":
            raise SystemExit("a process could not read the database")
    began = time.perf_counter()
    for program in started:
        program.stdin.write("\n")
        program.stdin.flush()
    slowest = [float(program.communicate()[0]) for program in started]
    failed = sum(program.returncode != 0 for program in started)
    seconds, done = time.perf_counter() - began, processes * turns
    print(
        f"{processes} processes: {done} turns in {seconds:.1f} s, one {max(slowest):.1f} s at most"
    )
    if failed:
        raise SystemExit(f"{failed} processes failed")


def check(path: Path, voice: VoiceProfile, number: int) -> None:
    """Raise unless exactly the voices that were filled in are there, each as it was."""
    with VoiceProfileStorage(path) as voices:
        names = {summary.name for summary in voices.list()}
        if names != {f"voice {i}" for i in range(number)}:
            raise SystemExit(f"{len(names)} voices are left of {number}")
        for name in sorted(names):
            if attrs.evolve(voices.get(name), name=voice.name) != voice:
                raise SystemExit(f"{name} is no longer what it was")
    print("every voice is what it was")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--voice", required=True)
    parser.add_argument("--db", type=arguments.existing, required=True)
    parser.add_argument("--voices", type=arguments.count, default=200)
    parser.add_argument("--processes", type=arguments.count, default=50)
    parser.add_argument("--turns", type=arguments.count, default=3)
    options = parser.parse_args()
    with VoiceProfileStorage(options.db) as voices:
        voice = voices.get(options.voice)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "voices.db")
        fill(path, voice, options.voices)
        crowd(path, options.processes, options.turns, options.voices)
        check(path, voice, options.voices)


if __name__ == "__main__":
    main()
