"""Core's tests run on the reference backend alone: core needs no other."""

from __future__ import annotations

import os
import sys
from importlib.metadata import entry_points
from pathlib import Path

REFERENCE = str(Path(__file__).with_name("reference_backend"))

os.environ["AUTOVOICE_BLOCK"] = ",".join(entry_points(group="autovoice.v1").names)
# For this process and those that tests start.
sys.path.append(REFERENCE)
os.environ["PYTHONPATH"] = os.pathsep.join(
    filter(None, [REFERENCE, os.environ.get("PYTHONPATH", "")])
)
