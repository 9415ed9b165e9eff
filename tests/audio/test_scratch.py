from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from autovoice_core.audio.scratch import ScratchFile


def test_what_was_written_is_read_in_blocks_of_any_size(tmp_path: Path) -> None:
    samples = np.random.default_rng(0).standard_normal((3, 1000)).astype(np.float32)
    with ScratchFile(tmp_path / "kept", 44_100, 3) as scratch:
        scratch.write(samples[:, :400])
        scratch.write(samples[:, 400:])
    assert scratch.frames == 1000
    for size in (1, 333, 5000):
        np.testing.assert_array_equal(np.concatenate(list(scratch.blocks(size)), 1), samples)


_FILLS = """
import resource, signal, sys
import numpy as np
from pathlib import Path
from autovoice_core import InputError
from autovoice_core.audio.scratch import ScratchFile
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    with ScratchFile(Path(sys.argv[1]) / "kept", 44100, 2) as scratch:
        for _ in range(10):
            scratch.write(np.ones((2, 10_000), np.float32))
except InputError as error:
    print(error)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGXFSZ"), reason="no limit on file sizes here")
def test_a_full_disk_is_said(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", _FILLS, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert run.stdout == (
        f"{tmp_path}: the temporary files can't grow further (File too large); "
        "free some space or set TMPDIR to another folder\n"
    )
