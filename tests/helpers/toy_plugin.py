"""A plugin ``toy`` in a folder of the test's own, and the contract suite on what it offers."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from autovoice_core.backends.plugins.registry import Registry, using_registry


@contextmanager
def installed_toy(
    site: Path, monkeypatch: pytest.MonkeyPatch, offers: str, opening: str = ""
) -> Iterator[Path]:
    """Install the package ``toynet``, of modules ``offers`` and ``opening``, into ``site``."""
    package, info = site / "toynet", site / "toynet-1.0.dist-info"
    package.mkdir(parents=True)
    info.mkdir()
    (package / "__init__.py").touch()
    (package / "py.typed").touch()
    (package / "offers.py").write_text(offers)
    (package / "opening.py").write_text(opening)
    (info / "METADATA").write_text("Name: toynet\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[autovoice.v1]\ntoy = toynet.offers\n")
    monkeypatch.syspath_prepend(str(site))
    with using_registry(Registry()):
        yield site
    for name in [name for name in sys.modules if name.partition(".")[0] == "toynet"]:
        del sys.modules[name]


def hold_to_contract(backend: str, tests: str, folder: Path, *paths: Path) -> None:
    """Run those tests of the contract suite, as ``-k`` takes them, in a process of its own.

    ``folder`` is where it runs, and ``paths`` are looked in for modules before all others.
    """
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error"]
    done = subprocess.run(
        [*command, "--autovoice-backend", backend, "-k", tests],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([*map(str, paths), *filter(None, sys.path)]),
            "OMP_NUM_THREADS": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    assert f"{backend} 1.0: " in done.stdout
