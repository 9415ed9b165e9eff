from __future__ import annotations

import json

import pytest

from autovoice_core.cli import main

PITCH = {"decimate", "correlate", "decode"}
CONVERSION = {"nearest", "cheapest_paths", "oscillators", "overlap_add"}


def test_each_kernel_of_each_backend_is_timed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "kernels", "--iterations", "1", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    timed = {(row["backend"], row["kernel"]) for row in told["rows"]}
    assert timed >= {("reference/nccf", name) for name in PITCH}
    assert timed >= {("reference/retrieval", name) for name in CONVERSION}
    assert told["copy_bytes_per_s"] > 0
    for row in told["rows"]:
        assert row["ms"] > 0
        assert row["bandwidth"] > 0
        assert row["operations"] is None or row["operations"] > 0


def test_the_table_names_what_is_absent(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from autovoice_core import NoBackend
    from autovoice_core.cli import bench

    def none(*_: object, **named: object) -> None:
        raise NoBackend(f"{named['name']} is not for this machine")

    monkeypatch.setattr(bench, "select", none)
    assert main(["bench", "kernels", "--iterations", "1"]) == 0
    out = capsys.readouterr().out
    assert "a copy in this machine's memory: " in out
    assert (
        "rough figures: the median of so few calls says little; give --iterations 10 or more" in out
    )
    assert (
        "absent: reference/nccf on cpu: reference/nccf is not for this machine" in out.splitlines()
    )
