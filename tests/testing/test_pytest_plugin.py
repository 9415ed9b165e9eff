"""The pytest plugin: collection, counts and report lines of contracts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from contract_runs import EXAMPLE, run_contracts

STREAMS = "test_a_stream or test_two_streams or test_a_latency"
"""Expression for the tests of streams."""


def run(folder: Path, *arguments: str) -> tuple[int, list[str]]:
    """Run pytest; return its exit status and the lines of the contract section."""
    done = run_contracts(folder, *arguments)
    lines = done.stdout.splitlines()
    heads = [i for i, line in enumerate(lines) if "autovoice contracts" in line]
    ours = lines[heads[0] + 1 :] if heads else []
    return done.returncode, [line for line in ours if line.startswith("toys/")]


def write(folder: Path, body: str) -> None:
    (folder / "pytest.ini").write_text("[pytest]\n")
    (folder / "test_it.py").write_text(
        f"from autovoice_core.testing import PitchContract\n\nclass Mine(PitchContract):\n{body}"
    )


def test_loading_the_plugin_imports_nothing_of_the_package() -> None:
    code = "import sys, _autovoice_pytest; print({'autovoice_core', 'numpy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_backend_named_on_the_command_line_gets_a_line_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    options = ("--autovoice-backend", "toys/looped", "--autovoice-backend", "toys/sharp")
    status, lines = run(tmp_path, *options, "-k", "licence or dtype or sharp_or_flat")
    assert status == 1
    assert lines == [
        "toys/looped 1.0: 4 held, 2 refused as declared",
        "toys/sharp 1.0: 3 held, 2 refused as declared, 1 failed",
    ]


def test_an_unknown_backend_is_an_error_that_names_the_known_ones(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    done = run_contracts(tmp_path, "--autovoice-backend", "toys/streeming")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert (
        "--autovoice-backend: backend 'toys/streeming' is not among the offers "
        "(did you mean 'toys/streaming'?): known are " in done.stderr
    )


def test_contracts_are_collected_only_when_asked_for(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        "from autovoice_core.testing import PitchContract\n\ndef test_other(): pass\n"
    )
    done = run_contracts(tmp_path)
    assert done.stdout.splitlines()[-1].startswith("1 passed in ")
    assert "autovoice contracts" not in done.stdout


def test_a_known_failure_is_counted_and_passes(tmp_path: Path) -> None:
    known = "{'test_the_pitch_is_not_sharp_or_flat': 'tuned to 447 Hz'}"
    write(tmp_path, f"    backend = 'toys/sharp'\n    known_failures = {known}\n")
    status, lines = run(tmp_path, "-k", "licence or sharp_or_flat")
    assert status == 0
    assert lines == ["toys/sharp 1.0: 3 held, 1 refused as declared, 1 known failure"]


def test_a_stale_known_failure_fails(tmp_path: Path) -> None:
    known = "{'test_the_pitch_is_not_sharp_or_flat': 'tuned to 447 Hz'}"
    write(tmp_path, f"    backend = 'toys/looped'\n    known_failures = {known}\n")
    status, lines = run(tmp_path, "-k", "licence or sharp_or_flat")
    assert status == 1
    assert lines == ["toys/looped 1.0: 3 held, 1 refused as declared, 1 failed"]


def test_a_known_failure_that_is_no_test_fails(tmp_path: Path) -> None:
    write(tmp_path, "    backend = 'toys/looped'\n    known_failures = {'test_luck': 'none'}\n")
    done = run_contracts(tmp_path, "-k", "known_failures", "--tb=line")
    assert "known_failures: there is no test test_luck; remove it" in done.stdout


def test_a_known_failure_on_the_command_line_is_counted_and_passes(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    options = ["--autovoice-backend=toys/looped", "--autovoice-backend=toys/sharp"]
    known = "toys/sharp::test_the_pitch_is_not_sharp_or_flat=tuned to 447 Hz"
    chosen = ("-k", "known_failures or sharp_or_flat")
    status, lines = run(tmp_path, *options, "--autovoice-known", known, *chosen)
    assert status == 0
    assert lines == [
        "toys/looped 1.0: 2 held, 0 refused as declared",
        "toys/sharp 1.0: 1 held, 0 refused as declared, 1 known failure",
    ]


@pytest.mark.parametrize("text", ["test_luck", "test_luck=", "=none"])
def test_a_known_failure_without_test_or_reason_is_refused(tmp_path: Path, text: str) -> None:
    done = run_contracts(tmp_path, "--autovoice-known", text)
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert (
        f"argument --autovoice-known: {text!r} is not TEST=REASON; give for example "
        "'test_noise_is_mostly_unvoiced=needs a noise model'" in done.stderr
    )


def test_a_quick_run_leaves_out_what_is_slow_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    options = ("--autovoice-backend=toys/looped", "--autovoice-quick")
    status, lines = run(tmp_path, *options, "-k", "licence or quality_claimed or memory_does")
    assert status == 0
    assert lines == [
        "toys/looped 1.0: 3 held, 1 refused as declared; without the slow tests",
    ]


def test_what_reaches_no_tier_is_listed_without_one(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    options = ("--autovoice-backend=toys/unrated", "-k", "quality or licences_claimed")
    assert run(tmp_path, *options) == (0, ["toys/unrated 1.0: 1 held, 3 refused as declared"])


def test_a_backend_that_holds_nothing_fails(tmp_path: Path) -> None:
    write(tmp_path, "    backend = 'toys/looped'\n")
    status, lines = run(tmp_path, "-k", "dtype_not_claimed")
    assert status == 1
    assert lines == [
        "toys/looped 1.0: 0 held, 1 refused as declared; a backend that holds nothing fails"
    ]


@pytest.mark.parametrize(
    ("options", "status", "line"),
    [
        ((), 0, "toys/claims_cuda 1.0: 2 held, 1 refused as declared, 1 unavailable here"),
        (
            ("--autovoice-require",),
            1,
            "toys/claims_cuda 1.0: 2 held, 1 refused as declared, 1 failed",
        ),
    ],
)
def test_a_missing_device_is_a_skip_unless_required(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...],
    status: int,
    line: str,
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    write(tmp_path, "    backend = 'toys/claims_cuda'\n")
    chosen = "licences or (silence_is_unvoiced and cuda) or known_failures"
    assert run(tmp_path, *options, "-k", chosen) == (status, [line])


def test_the_example_is_written_in_less_than_eighty_lines() -> None:
    code = [path.read_text().splitlines() for path in EXAMPLE.parent.rglob("*.py")]
    assert sum(1 for lines in code for line in lines if line.strip()) < 80


def test_the_honest_pass_loopback_arrays_included(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    options = ("--autovoice-backend", "toys/looped-equaliser")
    status, lines = run(tmp_path, *options, "-k", "not memory_does")
    assert status == 0
    assert lines == ["toys/looped-equaliser 1.0: 56 held, 9 refused as declared"]


def test_honest_streams_pass_in_any_blocks(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    options = ("--autovoice-backend", "toys/streaming", "--autovoice-backend", "toys/shifting")
    status, lines = run(tmp_path, *options, "-k", STREAMS)
    assert status == 0
    assert lines == [
        "toys/shifting 1.0: 11 held, 1 refused as declared",
        "toys/streaming 1.0: 11 held, 1 refused as declared",
    ]
