"""Core's tests run on the reference backend alone, with every installed plugin blocked."""

from __future__ import annotations

import os
import signal
import sys
from importlib.metadata import entry_points
from pathlib import Path

# Read when NumPy is imported. Threads of BLAS spend the time of narrow matrices waiting.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import hypothesis_profile  # noqa: F401
import pytest
from model_fixtures import install, server, store, weights
from song_fixtures import shared_data, short_song, song_file, vocal_file, voice, voice_file

__all__ = [
    "install",
    "server",
    "shared_data",
    "short_song",
    "song_file",
    "store",
    "vocal_file",
    "voice",
    "voice_file",
    "weights",
]

REFERENCE_BACKEND = str(Path(__file__).with_name("reference_backend"))

# A shell starts background jobs with Ctrl-C ignored, nohup ignores a closed terminal, and children
# inherit both; but some tests send such signals to the process they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
for number in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, signal.SIG_DFL)


def pytest_configure(config: pytest.Config) -> None:
    """Put the reference backend in place of the plugins, unless a contract names backends."""
    if config.getoption("autovoice_backend"):
        return
    os.environ["AUTOVOICE_PLUGINS"] = "all"
    # The path serves this process, the variables serve those that tests start.
    os.environ["AUTOVOICE_BLOCK"] = ",".join(entry_points(group="autovoice.v1").names)
    path = [REFERENCE_BACKEND, os.environ.get("PYTHONPATH", "")]
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, path))
    sys.path.append(REFERENCE_BACKEND)
