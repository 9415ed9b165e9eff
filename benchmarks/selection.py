"""Time to choose a backend: in a new process, again, and among thirty plugins.

Each figure is the least of several runs, each in a process of its own: in milliseconds of
processor time, which other programs disturb less than the clock.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import arguments

PLUGINS = 30
OFFERS = """
from autovoice_core.backends import Licence, Offer, hookimpl
@hookimpl
def autovoice_pitch_estimators():
    yield Offer(name="tracker", load="m:open_it", devices=("cpu",), licence=Licence("MIT"))
"""
TIMED = """
import os, sys, time
sys.path.append(os.environ.get("PLUGINS", ""))
{before}
start = time.process_time()
{code}
print((time.process_time() - start) * {scale})
"""
LIST = "from autovoice_core.backends import catalogue"
SELECT = "from autovoice_core import select"
CASES = {
    "import what selects": ("", SELECT, 1e3),
    "first ranking, without a probe": (
        "",
        f"{SELECT}\nselect('pitch', name='plugin_0/tracker')",
        1e3,
    ),
    "first select, with the probe": ("", f"{SELECT}\nselect('pitch')", 1e3),
    "select again": (f"{SELECT}\nselect('pitch')", "for _ in range(1000): select('pitch')", 1.0),
    f"load {PLUGINS} plugins": (LIST, "catalogue()", 1e3),
    "list plugins that are not enabled": (LIST, "catalogue()", 1e3),
}
"""What is timed: the code that comes before, the code, and the factor to milliseconds."""


def write_plugins(folder: Path) -> None:
    """Write distributions with a plugin each, as pip would install them."""
    for i in range(PLUGINS):
        info = folder / f"plugin_{i}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Name: plugin-{i}\nVersion: 1.0\n\n{'A manual. ' * 500}")
        (info / "entry_points.txt").write_text(f"[autovoice.v1]\nplugin_{i} = offers_{i}\n")
        (folder / f"offers_{i}.py").write_text(OFFERS)


def best(before: str, code: str, scale: float, environment: dict[str, str], runs: int) -> float:
    """Return the least time of several processes."""
    text = TIMED.format(before=before, code=code, scale=scale)
    outputs = [
        subprocess.run(
            [sys.executable, "-c", text],
            env=os.environ | environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for _ in range(runs)
    ]
    return min(float(output.split()[-1]) for output in outputs)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--runs", type=arguments.count, default=10, help="processes for each figure"
    )
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        write_plugins(Path(folder))
        for name, (before, code, scale) in CASES.items():
            environment = {"PLUGINS": folder} if "plugin" in name + code else {}
            if name.startswith("load"):
                environment["AUTOVOICE_PLUGINS"] = "all"
            print(f"{name:<36} {best(before, code, scale, environment, runs):8.3f} ms")


if __name__ == "__main__":
    main()
