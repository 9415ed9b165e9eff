"""``python -m tools.release``: build, look into, install and try every distribution."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.release import build, contents, size
from tools.release.cases import CASES, ESSENTIAL
from tools.release.environments import Environment


def main() -> None:
    """Do all of it, or what the arguments ask for."""
    parser = argparse.ArgumentParser(prog="python -m tools.release", description=__doc__)
    parser.add_argument("--dist", type=Path, help="keep what is built in this folder")
    parser.add_argument("--essence", action="store_true", help="only what takes no more than 2 min")
    parser.add_argument("--only", action="append", metavar="CASE", help="only this installation")
    options = parser.parse_args()
    names = options.only or (ESSENTIAL if options.essence else list(CASES))
    if not set(names) <= CASES.keys():
        parser.error(f"--only: there are {', '.join(CASES)}")
    with tempfile.TemporaryDirectory() as scratch:
        folder = (options.dist or Path(scratch, "dist")).resolve()
        with timed("build, twice"):
            build.build(folder)
        with timed("contents"):
            contents.check(folder)
        faults = []
        for name in names:
            try:
                with timed(name):
                    attempt(name, folder)
            except SystemExit as fault:
                print(fault, flush=True)
                faults.append(name)
    if faults:
        raise SystemExit(f"failed: {', '.join(faults)}")


def attempt(name: str, folder: Path) -> None:
    """Install one case from what was built, and see that it works."""
    with tempfile.TemporaryDirectory() as place:
        environment = Environment(Path(place), folder, CASES[name])
        environment.install()
        environment.prove()
        if name == size.MEASURED:
            size.check(environment)


@contextmanager
def timed(name: str) -> Iterator[None]:
    """Say what is done, and how long it took."""
    begin = time.monotonic()
    print(f"-- {name}", flush=True)
    yield
    print(f"-- {name}: {time.monotonic() - begin:.0f} s", flush=True)


if __name__ == "__main__":
    main()
