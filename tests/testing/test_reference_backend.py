"""The backend that core's tests run on keeps its claims."""

from __future__ import annotations

from pathlib import Path

import pytest
from contract_runs import run_contracts

CLAIMS = "claimed or licence or kernels or shape"


@pytest.mark.parametrize(
    "backend",
    ["nccf", "wrpca", "retrieval", "speller"],
)
def test_the_reference_backend_keeps_its_contract(tmp_path: Path, backend: str) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    done = run_contracts(tmp_path, "--autovoice-backend", f"reference/{backend}", "-k", CLAIMS)
    assert done.returncode == 0, done.stdout
