"""Packages out of bounds, and the codecs of libsndfile, as ``autovoice doctor`` sees them."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest
from fake_site import environment_using, install

from autovoice_core.cli.doctor.finding import Finding
from autovoice_core.cli.doctor.installed import Requirement
from autovoice_core.cli.doctor.packages import Package, check_packages
from autovoice_core.cli.doctor.sound import check_sound_library, find_sound_library
from autovoice_core.cli.doctor.versions import is_within, local_label, release

REINSTALL = "pip install --force-reinstall soundfile"


class TestVersions:
    @pytest.mark.parametrize(
        ("version", "bounds"),
        [("2.0", ">=2.0.0"), ("2.0.0rc1", ">=2"), ("0.1.9", "<0.2,>=0.1"), ("10", ">=9.1"),
         ("unknown", ""), ("0.3.0", ""), ("0.3.0", "==0.3.0"), ("0.3", "==0.3.0"),
         ("2.5.1+cu124", "==2.5.1"), ("2.5.9", "==2.5.*"), ("2", "==2.0.*"), ("1.4.5", "~=1.4.2"),
         ("1.9", "~=1.4"), ("1.2", "!=1.3"), ("1.2", "!=1.3.*"), ("2", "<=2.0"), ("2.1", ">2")],
    )  # fmt: skip
    def test_a_version_within_bounds(self, version: str, bounds: str) -> None:
        assert is_within(version, bounds)

    @pytest.mark.parametrize(
        ("version", "bounds"),
        [("1.26.4", ">=2.0"), ("0.2.0", "<0.2,>=0.1"), ("0.3.1", "==0.3.0"), ("2.6", "==2.5.*"),
         ("2", "==2.1.*"), ("1.5.0", "~=1.4.2"), ("1.4.1", "~=1.4.2"), ("1.3.0", "!=1.3"),
         ("1.3.7", "!=1.3.*"), ("2.0.1", "<=2"), ("2.0", ">2")],
    )  # fmt: skip
    def test_a_version_out_of_bounds(self, version: str, bounds: str) -> None:
        assert not is_within(version, bounds)

    def test_the_parts_of_a_version(self) -> None:
        assert release("2.10.0+cu124") == (2, 10)
        assert release("v1.0.0") == (1,)
        assert local_label("2.10.0+cu124") == "cu124"
        assert local_label("2.10.0") == ""


class TestPackages:
    def test_one_that_is_missing_or_out_of_bounds_is_a_problem(self) -> None:
        packages = [
            Package("autovoice-core", "0.2.0"),
            Package("numba", None, "autovoice-cpu", ">=0.61"),
            Package("autovoice-core", "0.2.0", "autovoice-cpu", "<0.2,>=0.1"),
            Package("numpy", "2.1.0", "autovoice-cpu", ">=2.0"),
        ]
        assert list(check_packages(packages)) == [
            Finding(
                "package-missing",
                "problem",
                "autovoice-cpu needs numba>=0.61, which is not installed",
                "pip install 'numba>=0.61'",
            ),
            Finding(
                "package-version",
                "problem",
                "autovoice-cpu needs autovoice-core<0.2,>=0.1, but 0.2.0 is installed",
                "pip install 'autovoice-core<0.2,>=0.1'",
            ),
        ]

    def test_requirements_are_read_as_they_are_written(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.syspath_prepend(str(tmp_path))
        lines = ("a (>=24)", "b[x,y]>=2; extra == 'z'", "c", "d~=1.0 ; python_version < '4'")
        install(tmp_path, "Some.Lib", "1.0", *lines)
        environment = environment_using("some_lib")
        assert environment.in_force["some-lib"].requirements == (
            Requirement("a", ">=24"),
            Requirement("b", ">=2", "extra == 'z'"),
            Requirement("c"),
            Requirement("d", "~=1.0", "python_version < '4'"),
        )

    def test_what_is_used_is_what_enabled_plugins_need(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.syspath_prepend(str(tmp_path))
        install(tmp_path, "somelib", "1.0", "other-lib>=1", "third; extra == 'x'", "somelib")
        for name in ("Other_Lib", "third"):
            install(tmp_path, name, "1.0")
        used = environment_using("somelib").used
        assert used >= {"somelib", "other-lib", "numpy", "autovoice-core"}
        assert "third" not in used
        assert "somelib" not in environment_using("somelib", enabled=False).used

    def test_metadata_in_ruins_are_passed_over(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.syspath_prepend(str(tmp_path))
        (tmp_path / "empty-1.0.dist-info").mkdir()
        install(tmp_path, "nameless", "1.0")
        (tmp_path / "nameless-1.0.dist-info" / "METADATA").write_text("Version: 1.0\n")
        assert not {"empty", "nameless"} & set(environment_using("nameless").in_force)


class TestSound:
    def test_a_library_that_is_not_there_is_a_problem(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "soundfile", None)
        text = (
            "sound files can't be read (ModuleNotFoundError: import of soundfile halted; None in "
            "sys.modules)"
        )
        assert list(check_sound_library(find_sound_library())) == [
            Finding("sound-library", "problem", text, REINSTALL)
        ]

    @pytest.mark.parametrize(
        ("formats", "codecs", "found"),
        [
            (["WAV", "FLAC", "OGG", "MP3"], ["VORBIS", "OPUS"], []),
            (["WAV", "FLAC", "OGG"], ["VORBIS"], [("note", "MP3 or OPUS")]),
            (["WAV", "OGG", "MP3"], ["OPUS"], [("problem", "FLAC")]),
            (["WAV"], [], [("problem", "FLAC or OGG"), ("note", "MP3 or OPUS")]),
        ],
    )
    def test_codecs_that_are_missing_are_told(
        self,
        monkeypatch: pytest.MonkeyPatch,
        formats: list[str],
        codecs: list[str],
        found: list[tuple[str, str]],
    ) -> None:
        old = ModuleType("soundfile")
        old.__dict__.update(
            __libsndfile_version__="1.0.28",
            available_formats=lambda: dict.fromkeys(formats, ""),
            available_subtypes=lambda name: dict.fromkeys(codecs, ""),
        )
        monkeypatch.setitem(sys.modules, "soundfile", old)
        told = [
            (
                severity,
                f"libsndfile 1.0.28 can't read {names}; the one that soundfile brings can",
                REINSTALL,
            )
            for severity, names in found
        ]
        findings = list(check_sound_library(find_sound_library()))
        assert [(item.severity, item.text, item.remedy) for item in findings] == told

    def test_the_one_that_soundfile_brings_has_all(self) -> None:
        library = find_sound_library()
        assert library.release is not None
        assert {"WAV", "FLAC", "OGG"} <= set(library.formats)
