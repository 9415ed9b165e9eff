from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from attrs import evolve

from autovoice_core.backends import Catalogue, Entry, Licence, Offer
from autovoice_core.cli.doctor import places
from autovoice_core.cli.doctor.finding import FIX, Finding
from autovoice_core.cli.doctor.places import Place, find_places

LEAST = places.LEAST_BYTES
REMEDY = 'export NUMBA_CACHE_DIR="$HOME/.cache/autovoice-kernels"'

OFFER = Offer(
    name="x",
    load="a_package:open_it",
    devices=("cpu",),
    licence=Licence("MIT"),
    imports=("numba",),
)
CATALOGUE = Catalogue((Entry("a/x", "pitch", "a 1.0", OFFER),))


@pytest.fixture(autouse=True)
def _home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A package, a home and a temporary folder of this test's own."""
    package = tmp_path / "site" / "a_package"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise SystemExit('imported')")
    monkeypatch.syspath_prepend(str(package.parent))
    monkeypatch.setenv("AUTOVOICE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    for name in ("AUTOVOICE_MODELS", "NUMBA_CACHE_DIR", "TMPDIR", "TEMP", "TMP"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(places, "LEAST_BYTES", dict.fromkeys(places.LEAST_BYTES, 0))


def place(holds: str, catalogue: Catalogue = CATALOGUE) -> Place:
    (found,) = (place for place in find_places(catalogue) if place.holds == holds)
    return found


def test_places_without_a_problem_are_told(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    assert find_places(CATALOGUE) == (
        Place("voices", tmp_path / "home" / "voices.db"),
        Place("weights", tmp_path / "home" / "models"),
        Place("temporary", tmp_path),
        Place("kernels", tmp_path / "site" / "a_package" / "__pycache__"),
    )


def test_only_packages_with_kernels_have_a_place_for_them() -> None:
    entry = evolve(CATALOGUE.offers[0], offer=evolve(OFFER, imports=("scipy",)))
    assert [place.holds for place in find_places(Catalogue((entry,)))] == [
        "voices",
        "weights",
        "temporary",
    ]


def test_a_folder_of_data_that_is_not_there_yet_is_made_by_fix(tmp_path: Path) -> None:
    home = tmp_path / "home"
    text = f"{home}: is not there yet; it is made when the first voice is added"
    (found,) = place("voices").findings
    assert found == Finding("data-folder-missing", "note", text, FIX)
    assert found.mend is not None
    assert found.mend() == f"made the folder {home}"
    assert home.stat().st_mode & 0o777 == 0o700
    assert place("voices").findings == ()


def test_a_home_of_nobody_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOVOICE_HOME", "~nobody-of-that-name/x")
    text = (
        "AUTOVOICE_HOME: ~nobody-of-that-name/x: there is no such user, or no home folder; "
        "give a whole path"
    )
    for holds, variable in (("voices", "AUTOVOICE_HOME"), ("weights", "AUTOVOICE_MODELS")):
        remedy = f"export {variable}=/path/to/another/folder"
        finding = Finding("no-home", "problem", text, remedy)
        assert place(holds) == Place(holds, None, findings=(finding,))


def test_a_disk_that_is_nearly_full_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "home").mkdir()
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=12_345_678))
    monkeypatch.setattr(places, "LEAST_BYTES", LEAST)
    told = [
        ("voices", tmp_path / "home", "20 MB", "AUTOVOICE_HOME", "problem"),
        ("weights", tmp_path / "home" / "models", "200 MB", "AUTOVOICE_MODELS", "warning"),
        ("temporary", tmp_path, "1.0 GB", "TMPDIR", "warning"),
    ]
    for holds, folder, least, variable, severity in told:
        text = (
            f"{folder}: the disk is nearly full, with 12 MB free where {holds} take {least} and "
            f"more; free some space, or set {variable} to a folder on another disk"
        )
        assert [finding.as_dict() for finding in place(holds).findings] == [
            {
                "code": "disk-full",
                "severity": severity,
                "text": text,
                "remedy": f"export {variable}=/path/to/another/folder",
                "fixable": False,
            }
        ]


def test_a_folder_for_temporary_files_that_is_passed_over_is_a_problem(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "nope"))
    text = (
        f"TMPDIR: {tmp_path / 'nope'} is not a folder that can be written, so temporary files go "
        f"to {tmp_path}; name another, or unset it"
    )
    finding = Finding("temporary-folder", "problem", text, "unset TMPDIR TEMP TMP")
    assert place("temporary") == Place("temporary", tmp_path, findings=(finding,))


def test_no_folder_for_temporary_files_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> str:
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr(tempfile, "gettempdir", none)
    monkeypatch.setattr(places, "kernel_folder", lambda _: Path("/x"))
    text = (
        "temporary files can't be written (No usable temporary directory found); set TMPDIR to a "
        "folder"
    )
    remedy = "export TMPDIR=/path/to/another/folder"
    *_, temporary = find_places(Catalogue())
    finding = Finding("temporary-folder", "problem", text, remedy)
    assert temporary == Place("temporary", None, findings=(finding,))


def test_a_folder_for_kernels_that_is_passed_over_is_a_problem(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "file"))
    found = tmp_path / "site" / "a_package" / "__pycache__"
    text = (
        f"NUMBA_CACHE_DIR: {tmp_path / 'file'} can't be written by this user alone, so kernels "
        f"are kept in {found}; set NUMBA_CACHE_DIR to a folder that can be written"
    )
    finding = Finding("kernels", "problem", text, REMEDY)
    assert place("kernels") == Place("kernels", found, findings=(finding,))


def test_kernels_that_can_be_kept_nowhere_are_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Files are in the way of every folder, as neither rights nor an owner stop root."""
    package = tmp_path / "site" / "a_package"
    (package / "__pycache__").write_text("")
    (tmp_path / "caches").write_text("")
    found = place("kernels")
    assert found.path == next(tmp_path.glob("autovoice-kernels-*"))
    assert found.note == (
        ", as neither their package nor a home can be written; NUMBA_CACHE_DIR names another"
    )
    assert found.findings == ()
    found.path.rmdir()
    found.path.write_text("")
    text = (
        "compiled kernels can't be kept, so every process spends seconds on compiling them: "
        f"neither {package}, nor a folder of this user's, nor the one for temporary files can be "
        "written by this user alone; set NUMBA_CACHE_DIR to a folder that can be written"
    )
    finding = Finding("kernels", "problem", text, REMEDY)
    assert place("kernels") == Place("kernels", None, findings=(finding,))
