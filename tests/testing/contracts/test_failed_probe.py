from __future__ import annotations

import re
from pathlib import Path

from contract_runs import run_contracts


def test_a_probe_that_fails_is_one_failure_with_its_traceback(tmp_path: Path) -> None:
    done = run_contracts(tmp_path, "--autovoice-backend=toys/broken_probe")
    assert "toys/broken_probe failed its probe on cpu: RuntimeError: " in done.stdout
    assert re.search(r'factories\.py", line \d+, in refuse', done.stdout)
    (line,) = re.findall(r"^toys/broken_probe 1\.0: .*$", done.stdout, re.MULTILINE)
    assert ", 1 failed, " in line
