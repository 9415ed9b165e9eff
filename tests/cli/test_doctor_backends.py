"""Plugins, devices and backends that ``autovoice doctor`` finds broken."""

from __future__ import annotations

from pathlib import Path

import pytest
from toy_plugin import installed_toy

from autovoice_core.backends import Catalogue
from autovoice_core.backends.plugins.discovery import discover
from autovoice_core.backends.plugins.host import Host
from autovoice_core.cli import main
from autovoice_core.cli.doctor.backends import (
    check_devices,
    check_plugins,
    check_probes,
)
from autovoice_core.cli.doctor.finding import Finding
from autovoice_core.cli.doctor.import_errors import known_remedy

BROKEN = Path(__file__).resolve().parents[1] / "broken"
OFFERS = """
from autovoice_core.backends import Licence, Offer, hookimpl
@hookimpl
def autovoice_pitch_estimators():
    return [
        Offer(name=name, load="toynet.opening:x", devices=("cpu",), licence=Licence("MIT"),
              probe="toynet.opening:" + name)
        for name in ("works", "fails")
    ]
"""
PROBES = """
def works(device): pass
def fails(device): raise ImportError("{}")
"""


@pytest.mark.parametrize(
    ("folder", "code", "remedy"),
    [
        ("other_api", "plugin-api", "pip install --upgrade autovoice-core"),
        ("older_api", "plugin-api", "pip install --upgrade older-api"),
        ("crash_at_import", "plugin-load",
         "pip install --upgrade --force-reinstall crash-at-import"),
        ("misspelt_hook", "plugin-hook", "pip install --upgrade misspelt-hook"),
        ("bad_offer", "plugin-offer", "pip install --upgrade bad-offer"),
    ],
)  # fmt: skip
def test_each_broken_plugin_has_its_command(
    monkeypatch: pytest.MonkeyPatch, folder: str, code: str, remedy: str
) -> None:
    monkeypatch.syspath_prepend(str(BROKEN / folder))
    found = discover(allow="all")
    (fault,) = [item for item in found.faults if not item.by_choice]
    assert list(check_plugins(found)) == [Finding(code, "problem", str(fault), remedy)]


def test_a_plugin_of_a_name_that_is_taken_is_to_be_uninstalled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for folder in ("fine", "duplicate_name"):
        monkeypatch.syspath_prepend(str(BROKEN / folder))
    found = check_plugins(discover(allow="all"))
    assert {(finding.code, finding.remedy) for finding in found} <= {
        ("plugin-duplicate", "pip uninstall -y fine-plugin"),
        ("plugin-duplicate", "pip uninstall -y other-fine"),
    }


def test_a_name_in_the_environment_that_nobody_has_has_no_command() -> None:
    found = discover(allow="all", block="nosuch")
    (finding,) = check_plugins(found)
    assert finding.code == "plugin-unknown"
    assert finding.remedy is None


def test_a_device_that_can_not_be_looked_for_is_a_problem() -> None:
    host = Host(failed_probes=(("npu", "OSError: the driver hangs"),))
    assert list(check_devices(host)) == [
        Finding(
            "device-probe",
            "problem",
            "looking for a device of kind npu raised OSError: the driver hangs; update the plugin "
            "that brings it",
            "autovoice plugins list",
        )
    ]


class TestProbes:
    @pytest.mark.parametrize(
        ("message", "remedy"),
        [
            ("no work", "autovoice backends --why pitch --device cpu --probe"),
            ("numpy.core.multiarray failed to import",
             "pip install --upgrade --force-reinstall toynet"),
        ],
    )  # fmt: skip
    def test_the_backend_that_is_chosen_is_opened(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, message: str, remedy: str
    ) -> None:
        monkeypatch.setenv("AUTOVOICE_PITCH", "toy/fails")
        with installed_toy(tmp_path / "site", monkeypatch, OFFERS, PROBES.format(message)):
            (found,) = [item for item in check_probes(Host()) if "toy" in item.text]
        text = f"toy/fails (toynet 1.0) failed its probe on cpu: ImportError: {message}"
        assert found == Finding("backend-probe", "problem", text, remedy)

    def test_one_that_works_is_fine_and_one_that_is_not_there_is_told(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with installed_toy(tmp_path / "site", monkeypatch, OFFERS, PROBES.format("")):
            monkeypatch.setenv("AUTOVOICE_PITCH", "toy/works")
            assert not [item for item in check_probes(Host()) if "pitch" in item.text]
            monkeypatch.setenv("AUTOVOICE_PITCH", "toy/nosuch")
            (found,) = [item for item in check_probes(Host()) if "toy" in item.text]
        assert (found.code, found.severity) == ("backend-choice", "problem")
        assert "toy/nosuch" in found.text

    def test_one_that_is_named_and_lacks_something_is_told(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AUTOVOICE_PITCH", "toy/works")
        offers = OFFERS.replace('devices=("cpu",)', 'devices=("cpu",), imports=("nosuchlib",)')
        with installed_toy(tmp_path / "site", monkeypatch, offers, PROBES.format("")):
            host = Host(missing_modules=frozenset({"nosuchlib"}))
            (found,) = [item for item in check_probes(host) if "toy" in item.text]
        text = (
            "toy/works, which the environment variable AUTOVOICE_PITCH names for pitch, needs "
            "nosuchlib, not installed for this Python"
        )
        remedy = "autovoice backends --why pitch"
        assert found == Finding("backend-choice", "problem", text, remedy)

    def test_only_the_option_runs_them(
        self,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setenv("AUTOVOICE_PITCH", "toy/fails")
        with installed_toy(tmp_path / "site", monkeypatch, OFFERS, PROBES.format("no work")):
            main(["doctor"])
            assert "failed its probe" not in capsys.readouterr().out
            assert main(["doctor", "--probe"]) == 1
        assert (
            "problem: toy/fails (toynet 1.0) failed its probe on cpu: ImportError: no work\n"
            "    run: autovoice backends --why pitch --device cpu --probe\n"
        ) in capsys.readouterr().out


@pytest.mark.parametrize(
    ("message", "remedy"),
    [
        ("A module that was compiled using NumPy 1.x cannot be run in NumPy 2.1.0 as it may crash.",
         "pip install --upgrade --force-reinstall lib"),
        ("ValueError: numpy.dtype size changed, may indicate binary incompatibility. Expected 96 "
         "from C header, got 88 from PyObject", "pip install --upgrade --force-reinstall lib"),
        ("ModuleNotFoundError: No module named 'pkg_resources'", "pip install 'setuptools<81'"),
        ("OSError: .../torchaudio/lib/_torchaudio.abi3.so: undefined symbol: _ZN3c10",
         "pip install --upgrade --force-reinstall torch torchaudio torchvision"),
        ("Detected that PyTorch and TorchAudio were compiled with different CUDA versions.",
         "pip install --upgrade --force-reinstall torch torchaudio torchvision"),
        ("RuntimeError: operator torchvision::nms does not exist",
         "pip install --upgrade --force-reinstall torch torchaudio torchvision"),
        ("ImportError: libcudart.so.12: cannot open shared object file: No such file or directory",
         "pip install --upgrade --force-reinstall lib"),
        ("ValueError: no such thing", None),
    ],
)  # fmt: skip
def test_well_known_messages_have_their_commands(message: str, remedy: str | None) -> None:
    assert known_remedy(message, "lib") == remedy


def test_an_empty_catalogue_has_no_broken_plugin() -> None:
    assert not list(check_plugins(Catalogue()))
