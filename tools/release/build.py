"""Builds of all distributions, made twice to see that they are the same to the byte."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.release.distributions import Distribution, distributions


def build(folder: Path) -> None:
    """Build every distribution into a folder, which is emptied first.

    Each wheel is built from its source archive, in a folder of its own; then both are built again,
    the wheel from the repository, under another umask and time zone.

    Raises
    ------
    SystemExit
        A second build differs from the first.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for distribution in distributions():
        _run(distribution, folder)
        with tempfile.TemporaryDirectory() as other:
            _run(distribution, Path(other), "--sdist", "--wheel")
            for name in (distribution.source, distribution.wheel):
                if (folder / name).read_bytes() != (Path(other) / name).read_bytes():
                    raise SystemExit(f"{name}: a second build, from the repository, differs")


def _run(distribution: Distribution, folder: Path, *arguments: str) -> None:
    again = bool(arguments)
    command = (sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder))
    # Without a date in the environment, Hatchling gives every file the same fixed one.
    environment = {name: text for name, text in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
    done = subprocess.run(
        (*command, *arguments, str(distribution.folder)),
        capture_output=True,
        text=True,
        check=False,
        env=environment | ({"TZ": "Asia/Kathmandu"} if again else {}),
        umask=0o077 if again and os.name == "posix" else -1,
    )
    if done.returncode != 0:
        raise SystemExit(f"{distribution.name}: can't be built:\n{done.stdout}{done.stderr}")
