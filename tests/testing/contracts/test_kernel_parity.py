"""The contract's comparison of kernels with their float64 references."""

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
    ("contract", "backend", "kernels"),
    [
        (
            "PitchContract",
            "toys/looped",
            "autovoice_core.pitch.nccf.reference:ReferencePitchKernels",
        ),
        (
            "ConverterContract",
            "toys/lags",
            "autovoice_core.conversion.retrieval.reference:ReferenceConversionKernels",
        ),
    ],
)
def test_the_references_agree_with_themselves(
    tmp_path: Path, contract: str, backend: str, kernels: str
) -> None:
    output = verdict(tmp_path, contract, backend, kernels)
    assert f"{backend} 1.0: 1 held, 0 refused as declared" in output


@pytest.mark.parametrize(
    ("contract", "backend", "name", "fault"),
    [
        ("PitchContract", "toys/looped", "PitchRounds", "decimate is 1 off .*; 0 is allowed"),
        (
            "ConverterContract",
            "toys/lags",
            "ConversionRounds",
            r"overlap_add is 0\.000\d+ off .*; 1e-05 is allowed",
        ),
    ],
)
def test_a_kernel_that_is_off_is_named_with_its_error(
    tmp_path: Path, contract: str, backend: str, name: str, fault: str
) -> None:
    output = verdict(tmp_path, contract, backend, f"toys.kernels:{name}")
    expected = rf"{backend}: kernel {fault.replace('.*', 'its reference')}"
    assert re.fullmatch(expected, output), output
