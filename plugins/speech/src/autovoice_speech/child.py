"""Scripts that speak one text by a library of C, each in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

from autovoice_core import Audio

TIMEOUT = 60.0
"""Seconds after which a sentence is given up; it takes a hundredth of the length of the speech."""


def spoken_by(script: Path, *arguments: str, **asked: str) -> tuple[dict[str, Any], Audio]:
    """Return what a script says of its sound, and the sound.

    The script gets ``arguments``, and ``asked`` as JSON on standard input. It answers with a line
    of JSON, in which ``rate`` is the sample rate, and with the samples as 16-bit integers.

    Raises
    ------
    RuntimeError
        It failed; the message is the last line of its errors.
    """
    done = subprocess.run(  # noqa: S603  # our own script
        [sys.executable, "-I", str(script), *arguments],
        input=json.dumps(asked).encode(),
        capture_output=True,
        timeout=TIMEOUT,
        check=False,
    )
    if done.returncode:
        reason = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise RuntimeError(" ".join(reason) or f"its process ended with {done.returncode}")
    head, _, sound = done.stdout.partition(b"\n")
    found = json.loads(head)
    samples = np.frombuffer(sound, "<i2")
    return found, Audio(samples.astype(np.float32) / 32768, found["rate"])
