from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from attrs import evolve

from autovoice_core import VoiceProfile, VoiceProfileStorage
from autovoice_core.backends import Catalogue, Entry, Licence, Offer
from autovoice_core.cli import _doctor_places
from autovoice_core.cli._doctor_places import Place, find_places
from autovoice_core.voices import database

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


def place(holds: str, catalogue: Catalogue = CATALOGUE) -> Place:
    (found,) = (place for place in find_places(catalogue) if place.holds == holds)
    return found


def test_places_without_a_problem_are_told(tmp_path: Path) -> None:
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


def test_a_home_that_is_not_there_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOVOICE_HOME", "~nobody-of-that-name/x")
    problem = (
        "AUTOVOICE_HOME: ~nobody-of-that-name/x: there is no such user, or no home folder; "
        "give a whole path"
    )
    assert place("voices") == Place("voices", None, problem)
    assert place("weights") == Place("weights", None, problem)


def test_voices_that_can_not_be_read_are_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "home" / "voices.db"
    path.mkdir(parents=True)
    problem = f"{path}: is a directory; give the name of a database file"
    assert place("voices") == Place("voices", path, problem)


def test_voices_that_can_not_be_written_are_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_may_write", lambda folder: folder != tmp_path)
    path = tmp_path / "home" / "voices.db"
    problem = (
        f"{path}: can't be made (Permission denied); "
        "choose another place with AUTOVOICE_HOME or --db"
    )
    assert place("voices") == Place("voices", path, problem)


def test_a_folder_for_temporary_files_that_is_passed_over_is_a_problem(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "nope"))
    problem = (
        f"TMPDIR: {tmp_path / 'nope'} is not a folder that can be written, so temporary files go "
        f"to {tmp_path}; name another, or unset it"
    )
    assert place("temporary") == Place("temporary", tmp_path, problem)


def test_a_folder_for_kernels_that_is_passed_over_is_a_problem(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "file"))
    found = tmp_path / "site" / "a_package" / "__pycache__"
    problem = (
        f"NUMBA_CACHE_DIR: {tmp_path / 'file'} can't be written by this user alone, so kernels "
        f"are kept in {found}; "
        "set NUMBA_CACHE_DIR to a folder that can be written"
    )
    assert place("kernels") == Place("kernels", found, problem)


def test_kernels_in_a_temporary_folder_or_nowhere_are_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(_doctor_places, "kernel_folder", lambda _: tmp_path / "kernels")
    note = ", as neither their package nor a home can be written; NUMBA_CACHE_DIR names another"
    assert place("kernels") == Place("kernels", tmp_path / "kernels", note=note)
    monkeypatch.setattr(_doctor_places, "kernel_folder", lambda _: None)
    problem = (
        "compiled kernels can't be kept, so every process spends seconds on compiling them: "
        f"neither {tmp_path / 'site' / 'a_package'}, nor a folder of this user's, nor the one for "
        "temporary files can be written by this user alone; "
        "set NUMBA_CACHE_DIR to a folder that can be written"
    )
    assert place("kernels") == Place("kernels", None, problem)


def test_a_voice_that_is_kept_is_no_problem(voice: VoiceProfile) -> None:
    VoiceProfileStorage().add(voice)
    assert place("voices").problem is None
