from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import click
import pytest
from attrs import frozen
from click.testing import CliRunner, Result

from autovoice_core.backends import Entry, Fault, Licence, Offer, Quality, setting
from autovoice_core.backends.plugins.entry import Catalogue
from autovoice_core.backends.plugins.host import Host
from autovoice_core.backends.plugins.registry import Registry, using_registry
from autovoice_core.cli import _output, main
from autovoice_core.cli.backends import command

FAULT = Fault("sick", "sick-dist 2.0", "load", "importing it raised OSError: [cuda] :x: is gone")


def entry(name: str, operation: Any = "pitch", **fields: Any) -> Entry:
    plugin, _, short = name.partition("/")
    fields = {"devices": ("cpu",), "licence": Licence("MIT"), "load": "a:b"} | fields
    return Entry(name, operation, f"{plugin}-dist 1.0", Offer(name=short, **fields))


@frozen
class Knobs:
    shifts: int = setting(1, low=1, high=20, help="passes that are averaged")


def working(device: str) -> None:
    """A probe that goes through."""


def refusing(device: str) -> None:
    raise RuntimeError(f"no kernel runs on {device}")


GPU = entry("gpu/yin", devices=("cuda",), imports=("cupy",), licence=Licence("MIT", "unstated"))
OFFERS = (
    entry("cpu/nccf", probe=f"{__name__}:working"),
    entry("cpu/odd", "conversion", opt_in=True, quality=Quality.DRAFT, settings=Knobs),
    entry("cpu/swift", quality=Quality.BEST, latency=0.2, probe=f"{__name__}:refusing"),
    GPU,
)


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine with a CPU, the offers above and one plugin that is broken."""
    monkeypatch.delenv("AUTOVOICE_PITCH", raising=False)
    host = Host(missing_modules=frozenset({"cupy"}))
    with using_registry(Registry(Catalogue(OFFERS, (FAULT,)), host)):
        yield


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    return result


def lines(*arguments: str) -> list[str]:
    return [" ".join(line.split()) for line in run(*arguments).output.splitlines()]


def test_every_offer_is_listed_with_what_it_lacks() -> None:
    assert lines() == [
        "backend for devices quality licence here",
        "cpu/nccf pitch cpu good MIT usable on cpu",
        "cpu/odd conversion cpu draft MIT usable on cpu, if named",
        "cpu/swift pitch cpu best MIT usable on cpu",
        "gpu/yin pitch cuda good MIT, weights unstated not usable",
        "cpu/odd takes --set conversion.shifts=VALUE, a whole number from 1 to 20, by default 1: "
        "passes that are averaged",
        "gpu/yin (gpu-dist 1.0) needs a cuda device, which this machine lacks",
        "gpu/yin (gpu-dist 1.0) needs cupy, not installed for this Python",
        "plugin 'sick' (sick-dist 2.0) was left out: importing it raised OSError: [cuda] :x: is "
        "gone",
    ]


def test_a_terminal_gets_a_table_of_its_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_output, "_is_terminal", lambda stream: True)
    monkeypatch.setenv("COLUMNS", "40")
    assert max(map(len, click.unstyle(run().output).splitlines()[:8])) <= 40


def test_a_log_gets_a_row_on_a_line_even_with_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "40")
    assert max(map(len, click.unstyle(run().output).splitlines()[:3])) > 80


def test_a_probe_shows_that_a_backend_works() -> None:
    assert "cpu/nccf pitch cpu good MIT works on cpu" in lines("--probe")
    assert json.loads(run("--probe", "--json").output)["probed"] is True


def test_only_probe_runs_probes() -> None:
    found = lines("--probe")
    assert [*found[3:5], found[6]] == [
        "cpu/swift pitch cpu best MIT not usable",
        "gpu/yin pitch cuda good MIT, weights unstated not usable",
        "cpu/swift (cpu-dist 1.0) failed its probe on cpu: RuntimeError: no kernel runs on cpu",
    ]


def test_offers_as_data() -> None:
    data = json.loads(run("--json").output)
    assert [offer["backend"] for offer in data["offers"]] == [item.name for item in OFFERS]
    assert data["offers"][2] == {
        "backend": "cpu/swift",
        "operation": "pitch",
        "distribution": "cpu-dist 1.0",
        "devices": ["cpu"],
        "dtypes": ["float32"],
        "latency_s": 0.2,
        "quality": "BEST",
        "licence": {"code": "MIT", "weights": None},
        "weights": [],
        "opt_in": False,
        "settings": [],
        "usable": ["cpu"],
        "lacks": [],
    }
    assert data["offers"][1]["settings"] == [
        {
            "name": "shifts",
            "default": 1,
            "meaning": "a whole number from 1 to 20",
            "help": "passes that are averaged",
        }
    ]
    assert data["offers"][3]["lacks"][0] == {
        "stage": "host",
        "code": "device",
        "text": "needs a cuda device, which this machine lacks",
        "traceback": "",
    }
    assert data["faults"] == [
        {
            "plugin": "sick",
            "distribution": "sick-dist 2.0",
            "kind": "load",
            "text": "importing it raised OSError: [cuda] :x: is gone",
            "traceback": "",
        }
    ]


def test_why_tells_the_winner_and_the_reasons_against_the_others() -> None:
    assert lines("--why", "pitch") == [
        "pitch on cpu, float32",
        "* cpu/swift (cpu-dist 1.0) fits (not probed) on cpu",
        "- cpu/nccf (cpu-dist 1.0) is of quality GOOD, under cpu/swift",
        "- gpu/yin (gpu-dist 1.0) runs on cuda, not on cpu",
        str(FAULT),
    ]


def test_why_with_probe_is_what_a_selection_would_do() -> None:
    assert lines("--why", "pitch", "--probe")[:3] == [
        "pitch on cpu, float32",
        "* cpu/nccf (cpu-dist 1.0) works on cpu",
        "- cpu/swift (cpu-dist 1.0) failed its probe on cpu: RuntimeError: no kernel runs on cpu",
    ]


def test_why_may_ask_for_another_device() -> None:
    assert lines("--why", "pitch", "--device", "cuda")[:4] == [
        "pitch on cuda, float32",
        "- cpu/nccf (cpu-dist 1.0) runs on cpu, not on cuda",
        "- cpu/swift (cpu-dist 1.0) runs on cpu, not on cuda",
        "- gpu/yin (gpu-dist 1.0) needs a cuda device, which this machine lacks, needs cupy, not "
        "installed for this Python",
    ]


def test_why_says_where_a_name_came_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOVOICE_PITCH", "cpu/nccf")
    assert lines("--why", "pitch")[:2] == [
        "pitch on cpu, float32, named by the environment variable AUTOVOICE_PITCH",
        "* cpu/nccf (cpu-dist 1.0) fits (not probed) on cpu",
    ]


def test_an_unknown_name_in_the_environment_is_one_line_and_exit_code_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AUTOVOICE_PITCH", "cpu/ncc")
    assert main(["backends", "--why", "pitch"]) == 1
    assert capsys.readouterr().err == (
        "autovoice: backend 'cpu/ncc', named by the environment variable AUTOVOICE_PITCH, is not "
        "among the offers for pitch (did you mean 'cpu/nccf'?): known are cpu/nccf, cpu/swift, "
        "gpu/yin\n"
    )


def test_why_as_data(monkeypatch: pytest.MonkeyPatch) -> None:
    data = json.loads(run("--why", "pitch", "--json").output)
    assert data["chosen"] == {"backend": "cpu/swift", "device": "cpu"}
    assert (data["operation"], data["probed"], data["named_by"]) == ("pitch", False, None)
    assert data["need"]["devices"] == ["cpu"]
    assert data["considered"][2] == {
        "backend": "gpu/yin",
        "distribution": "gpu-dist 1.0",
        "device": "cpu",
        "reasons": [
            {
                "stage": "facts",
                "code": "device",
                "text": "runs on cuda, not on cpu",
                "traceback": "",
            }
        ],
    }
    assert len(data["faults"]) == 1
    monkeypatch.setenv("AUTOVOICE_PITCH", "gpu/yin")
    data = json.loads(run("--why", "pitch", "--json").output)
    assert data["chosen"] is None
    assert data["named_by"] == "the environment variable AUTOVOICE_PITCH"


def test_nothing_installed_says_what_to_install() -> None:
    with using_registry(Registry(Catalogue())):
        assert lines() == ["no backend is installed; install one, such as autovoice-cpu"]
        assert lines("--why", "pitch") == [
            "pitch on cpu, float32",
            "no backend offers it; install one, such as autovoice-cpu",
        ]


def test_an_operation_that_is_none_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["backends", "--why", "singing"]) == 2
    assert "'singing' is not one of 'separation', 'pitch', 'conversion'" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["backends"], ["backends", "--why", "pitch"]])
def test_listing_imports_nothing_heavy(arguments: list[str]) -> None:
    code = (
        f"import sys; from autovoice_core.cli import main; assert main({arguments}) == 0;"
        "heavy = {'numpy', 'scipy', 'numba', 'onnxruntime', 'librosa', 'torch'};"
        "sys.exit(bool(heavy & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
