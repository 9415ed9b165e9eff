"""Kernels are judged by their float64 twins."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from contract_runs import run_contracts

KERNELS = "test_kernels_agree_with_the_references"


def verdict(folder: Path, contract: str, backend: str, kernels: str) -> str:
    (folder / "test_it.py").write_text(
        f"from autovoice_core.testing import {contract}\n\n"
        f"class Mine({contract}):\n    backend = {backend!r}\n    kernels = {kernels!r}\n"
    )
    done = run_contracts(folder, "-k", KERNELS, "--tb=line")
    failed = re.search(r"^E   AssertionError: (.*)", done.stdout, re.MULTILINE)
    return failed.group(1) if failed else done.stdout


@pytest.mark.parametrize(
    ("contract", "backend", "name"),
    [
        ("PitchContract", "toys/looped", "pitch:ReferencePitchKernels"),
        ("ConverterContract", "toys/lags", "conversion:ReferenceConversionKernels"),
    ],
)
def test_the_references_agree_with_themselves(
    tmp_path: Path, contract: str, backend: str, name: str
) -> None:
    said = verdict(tmp_path, contract, backend, f"autovoice_core.pitch.nccf.{name}")
    assert f"{backend} 1.0: 1 held, 0 refused as declared" in said


@pytest.mark.parametrize(
    ("contract", "backend", "name", "fault"),
    [
        ("PitchContract", "toys/looped", "PitchRounds", "decimate is 1 off .*, and may be 0"),
        (
            "ConverterContract",
            "toys/lags",
            "ConversionRounds",
            r"overlap_add is 0\.000\d+ off .*, and may be 1e-05",
        ),
    ],
)
def test_a_kernel_that_is_off_is_named_with_its_error(
    tmp_path: Path, contract: str, backend: str, name: str, fault: str
) -> None:
    said = verdict(tmp_path, contract, backend, f"toys.kernels:{name}")
    expected = rf"{backend}: kernel {fault.replace('.*', 'its reference')}"
    assert re.fullmatch(expected, said), said
