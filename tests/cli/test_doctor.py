from __future__ import annotations

import importlib
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from fake_site import install

from autovoice_core.backends import Catalogue, Entry, Fault, Licence, Offer
from autovoice_core.backends.plugins.host import Host
from autovoice_core.backends.plugins.registry import Registry, using_registry
from autovoice_core.cli import main
from autovoice_core.cli.doctor import cpp_runtime, diagnosis, places
from autovoice_core.cli.doctor.cpp_runtime import CppRuntime
from autovoice_core.cli.doctor.diagnosis import diagnose
from autovoice_core.cli.doctor.finding import Finding

BROKEN = Path(__file__).resolve().parents[1] / "broken"


def entry(operation: Any) -> Entry:
    offer = Offer(name="x", load="a:b", devices=("cpu", "cuda"), licence=Licence("MIT"))
    return Entry("mine/x", operation, "mine 1.0", offer)


HEALTHY = Catalogue(tuple(entry(item) for item in ("separation", "pitch", "conversion")))


@pytest.fixture(autouse=True)
def _machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine where nothing is to be found."""
    for folder in ("home", "bin", "temporary"):
        (tmp_path / folder).mkdir()
    (tmp_path / "bin" / "ffmpeg").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("AUTOVOICE_HOME", str(tmp_path / "home"))
    for name in ("AUTOVOICE_MODELS", "TMPDIR", "TEMP", "TMP"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    monkeypatch.setattr(places, "LEAST_BYTES", dict.fromkeys(places.LEAST_BYTES, 0))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Catalogue]]:
    """What discovery finds: backends for every operation, unless a test changes it."""
    box = [HEALTHY]
    monkeypatch.setattr(diagnosis, "discover", lambda **_: box[0])
    with using_registry(Registry(host=Host())):
        yield box


def test_a_sound_installation_has_no_problem(
    found: list[Catalogue], capsys: pytest.CaptureFixture[str]
) -> None:
    assert diagnose().findings == ()
    assert main(["doctor"]) == 0
    out = capsys.readouterr().out
    lines = [" ".join(line.split()) for line in out.splitlines()]
    release = ".".join(map(str, sys.version_info[:3]))
    assert lines[0] == f"Python: CPython {release}, {sys.executable}"
    assert lines[-1] == "no problems found"
    assert any(line.startswith("libsndfile: ") and "FLAC" in line for line in lines)
    assert f"numpy {importlib.import_module('numpy').__version__} autovoice-core >=2.0" in lines
    usable = "mine/x is usable on cpu, needs a cuda device, which this machine lacks"
    assert lines.count(usable) == 3


def test_the_installation_at_hand_is_examined_without_running_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    main(["doctor", "--json"])
    data = json.loads(capsys.readouterr().out)
    assert list(data) == [
        "python", "platform", "devices", "packages", "places", "libsndfile", "formats", "ffmpeg",
        "libstdcxx", "backends", "faults", "findings", "fixed",
    ]  # fmt: skip
    assert {package["name"] for package in data["packages"]} >= {"autovoice-core", "numpy", "attrs"}
    assert {"WAV", "FLAC"} <= set(data["formats"])
    assert data["devices"][-1] == "cpu"


def test_findings_are_printed_the_worst_first_with_their_commands(
    found: list[Catalogue], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    found[0] = Catalogue(HEALTHY.offers[1:])
    (tmp_path / "bin" / "ffmpeg").unlink()
    (tmp_path / "bin" / "brew").touch(mode=0o755)
    assert main(["doctor"]) == 1
    text = "no backend can do separation here; install one, such as autovoice-cpu"
    ffmpeg = "there is no ffmpeg: M4A, WMA and video can't be read; other formats need none"
    assert capsys.readouterr().out.splitlines()[-4:] == [
        f"problem: {text}",
        "    run: pip install autovoice-cpu",
        f"note: {ffmpeg}",
        "    run: brew install ffmpeg",
    ]
    assert main(["doctor", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["findings"] == [
        {
            "code": "no-backend",
            "severity": "problem",
            "text": text,
            "remedy": "pip install autovoice-cpu",
            "fixable": False,
        },
        {
            "code": "no-ffmpeg",
            "severity": "note",
            "text": ffmpeg,
            "remedy": "brew install ffmpeg",
            "fixable": False,
        },
    ]


def test_it_says_where_ffmpeg_is(
    found: list[Catalogue], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor"]) == 0
    assert f"\nffmpeg:      {tmp_path / 'bin' / 'ffmpeg'}\n" in capsys.readouterr().out
    (tmp_path / "bin" / "ffmpeg").unlink()
    assert main(["doctor"]) == 0
    assert "\nffmpeg:      none\n" in capsys.readouterr().out


def test_a_package_for_another_version_is_a_problem_of_the_command(
    found: list[Catalogue],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    install(tmp_path / "site", "mine", "1.0", "no-such-package", "numpy[x]>=99", 'b; extra == "c"')
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    assert main(["doctor"]) == 1
    assert capsys.readouterr().out.splitlines()[-4:] == [
        "problem: mine needs no-such-package, which is not installed",
        "    run: pip install 'no-such-package'",
        f"problem: mine needs numpy>=99, but {importlib.import_module('numpy').__version__} is "
        "installed",
        "    run: pip install 'numpy>=99'",
    ]


def test_a_tree_that_is_not_installed_can_be_examined(
    monkeypatch: pytest.MonkeyPatch, found: list[Catalogue]
) -> None:
    monkeypatch.setattr(diagnosis, "CORE", "a-name-that-nobody-installed")
    assert [str(package.version) for package in diagnose().packages] == ["unknown", "1.0"]


def test_faults_are_told_with_their_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(str(BROKEN / "crash_at_import"))
    monkeypatch.setenv("AUTOVOICE_STRICT", "1")
    assert main(["doctor"]) == 1
    lines = capsys.readouterr().out.splitlines()
    text = (
        "plugin 'crash' (crash-at-import 1.0) was left out: importing it raised "
        "ModuleNotFoundError: No module named 'a_package_that_is_not_there'"
    )
    place = lines.index(f" {text}")
    assert lines[place + 1] == "   | Traceback (most recent call last):"
    place = lines.index(f"problem: {text}")
    assert lines[place + 1] == ("    run: pip install --upgrade --force-reinstall crash-at-import")


def test_what_the_user_blocked_is_no_problem(
    found: list[Catalogue], capsys: pytest.CaptureFixture[str]
) -> None:
    fault = Fault("odd", "odd 1.0", "blocked", "AUTOVOICE_BLOCK names it")
    found[0] = evolve(HEALTHY, faults=(fault,))
    assert main(["doctor"]) == 0
    out = capsys.readouterr().out
    assert " plugin 'odd' (odd 1.0) was left out: AUTOVOICE_BLOCK names it\n" in out


def test_a_damaged_list_of_plugins_is_a_finding(tmp_path: Path) -> None:
    path = tmp_path / "home" / "plugins.json"
    path.write_text("[]")
    path.chmod(0o600)
    assert diagnose().problems == (
        Finding(
            "plugins-file",
            "problem",
            f"{path}: not a list of enabled and disabled plugins; delete it and enable them again",
            f"rm {path}",
        ),
    )


def test_a_check_that_fails_stops_no_other(
    found: list[Catalogue], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise KeyError("nothing")

    monkeypatch.setattr(diagnosis, "check_clock", fail)
    found[0] = Catalogue(HEALTHY.offers[1:])
    text = "the check of the clock failed: KeyError: 'nothing'; please report it"
    assert [finding.code for finding in diagnose().problems] == ["no-backend"]
    assert diagnose().findings[1:] == (Finding("check-failed", "warning", text),)


class TestCppRuntime:
    old = CppRuntime("/opt/old/libstdc++.so.6", (3, 4, 9))

    def test_it_is_shown_with_what_needs_it(
        self,
        monkeypatch: pytest.MonkeyPatch,
        found: list[Catalogue],
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setattr(cpp_runtime, "find_runtime", lambda: self.old)
        needs = {"numpy": (3, 4, 5), "scipy": (3, 4, 9), "soxr": (3, 4, 9)}
        monkeypatch.setattr(cpp_runtime, "needs_of", lambda environment: needs)
        assert main(["doctor"]) == 0
        assert (
            "libstdc++:   /opt/old/libstdc++.so.6, up to GLIBCXX_3.4.9; scipy, soxr need "
            "GLIBCXX_3.4.9\n"
        ) in capsys.readouterr().out
        assert main(["doctor", "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["libstdcxx"] == {
            "path": "/opt/old/libstdc++.so.6",
            "newest": "GLIBCXX_3.4.9",
            "needs": {"numpy": "GLIBCXX_3.4.5", "scipy": "GLIBCXX_3.4.9", "soxr": "GLIBCXX_3.4.9"},
        }

    def test_none_is_told_as_data_and_text(
        self,
        monkeypatch: pytest.MonkeyPatch,
        found: list[Catalogue],
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setattr(cpp_runtime, "find_runtime", lambda: None)
        monkeypatch.setattr(cpp_runtime, "needs_of", lambda environment: {})
        assert main(["doctor"]) == 0
        assert "libstdc++:   none found\n" in capsys.readouterr().out
        assert main(["doctor", "--json"]) == 0
        data = json.loads(capsys.readouterr().out)
        assert data["libstdcxx"] == {"path": None, "newest": None, "needs": {}}
