"""Installations that hide one another, in folders of the tests' own."""

from __future__ import annotations

import json
import os
import sys
import sysconfig
from pathlib import Path
from shlex import quote

import pytest
from fake_site import environment_using, install

from autovoice_core.backends.plugins.discovery import discover
from autovoice_core.cli.doctor.backends import check_plugins
from autovoice_core.cli.doctor.consequences import without_consequences
from autovoice_core.cli.doctor.environment import find_environment
from autovoice_core.cli.doctor.finding import Finding
from autovoice_core.cli.doctor.shadows import check_installed_twice, check_script, check_shadowing

PYTHON = quote(sys.executable)
ENTRY_POINTS = "autovoice_extra-1.0.dist-info/entry_points.txt"


@pytest.fixture
def sites(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Two folders of packages, of which the first comes first."""
    first, second = tmp_path.resolve() / "first", tmp_path.resolve() / "second"
    for folder in (second, first):
        folder.mkdir()
        monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delenv("PYTHONPATH", raising=False)
    return first, second


class TestInstalledTwice:
    def test_another_version_behind_the_one_in_force_is_told(
        self, sites: tuple[Path, Path]
    ) -> None:
        first, second = sites
        install(first, "Some_Lib", "1.0")
        install(second, "some-lib", "2.0")
        assert list(check_installed_twice(environment_using("some_lib"))) == [
            Finding(
                "installed-twice",
                "warning",
                f"some-lib is installed twice: 1.0 in {first}, which is used, hides 2.0 in "
                f"{second}; uninstall one of them",
                f"{PYTHON} -m pip uninstall -y some-lib",
            )
        ]

    def test_two_versions_in_one_folder_are_a_problem(self, sites: tuple[Path, Path]) -> None:
        install(sites[0], "somelib", "1.0")
        install(sites[0], "somelib", "2.0")
        (found,) = check_installed_twice(environment_using("somelib"))
        versions = {"1.0", "2.0"}
        (used,) = {environment_using("somelib").in_force["somelib"].version}
        (other,) = versions - {used}
        uninstall = f"{PYTHON} -m pip uninstall -y somelib"
        assert found == Finding(
            "installed-twice",
            "problem",
            f"somelib is installed twice in {sites[0]}: {used} and {other}; uninstall both, and "
            "install one",
            f"{uninstall} && {uninstall} && {PYTHON} -m pip install somelib",
        )

    def test_ours_are_told_even_of_one_version(self, sites: tuple[Path, Path]) -> None:
        for site in sites:
            install(site, "autovoice-core", "0.1.0")
            install(site, "somelib", "1.0")
        found = list(check_installed_twice(environment_using("somelib")))
        assert {finding.text.partition(" ")[0] for finding in found} == {"autovoice-core"}

    def test_what_nobody_uses_and_one_folder_named_twice_are_fine(
        self, sites: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        install(sites[0], "somelib", "1.0")
        install(sites[1], "somelib", "2.0")
        assert not list(check_installed_twice(environment_using("numpy")))
        monkeypatch.setattr(sys, "path", [str(sites[1]), f"{sites[1]}/.", *sys.path[2:]])
        assert not list(check_installed_twice(environment_using("somelib")))


class TestShadowing:
    def test_a_file_of_the_same_name_is_a_problem(
        self, sites: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first, second = sites
        install(second, "somelib", "1.0", files={"somelib/__init__.py": ""})
        (first / "somelib.py").touch()
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(first), "/opt/x"]))
        assert list(check_shadowing(environment_using("somelib"))) == [
            Finding(
                "shadowed-package",
                "problem",
                f"{first / 'somelib.py'} is imported in place of somelib 1.0, which is installed "
                f"in {second}; rename it, or take its folder from the paths of Python",
                "export PYTHONPATH=/opt/x",
            )
        ]
        monkeypatch.setenv("PYTHONPATH", str(first))
        (found,) = check_shadowing(environment_using("somelib"))
        assert found.remedy == "unset PYTHONPATH"

    def test_a_copy_of_ours_in_the_working_folder_is_a_warning(
        self, sites: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first, second = sites
        install(second, "autovoice-extra", "1.0", files={"autovoice_extra/__init__.py": ""})
        (first / "autovoice_extra").mkdir()
        (first / "autovoice_extra" / "__init__.py").touch()
        monkeypatch.chdir(first)
        (found,) = check_shadowing(environment_using("autovoice_extra"))
        assert (found.severity, found.remedy) == ("warning", 'cd "$HOME"')
        assert found.text.startswith(f"{first / 'autovoice_extra'} is imported in place of ")
        monkeypatch.chdir(second)
        (found,) = check_shadowing(environment_using("autovoice_extra"))
        assert found.remedy is None
        assert found.breaks == ""

    def test_a_copy_of_ours_that_keeps_its_plugin_from_loading_is_a_problem(
        self, sites: tuple[Path, Path]
    ) -> None:
        first, second = sites
        files = {"autovoice_extra/__init__.py": ""}
        points = "[autovoice.v1]\nextra = autovoice_extra.offers\n"
        install(second, "autovoice-extra", "1.0", files={**files, ENTRY_POINTS: points})
        (first / "autovoice_extra").mkdir()
        (first / "autovoice_extra" / "__init__.py").touch()
        catalogue = discover(allow="extra")
        (found,) = check_shadowing(find_environment(catalogue))
        assert (found.severity, found.breaks) == ("problem", "autovoice_extra")
        failed = [item for item in check_plugins(catalogue) if "extra" in item.text]
        assert [item.code for item in failed] == ["plugin-load"]
        assert without_consequences([*failed, found]) == [found]

    def test_an_editable_package_is_where_its_project_is(self, sites: tuple[Path, Path]) -> None:
        first, second = sites
        install(second, "somelib", "1.0")
        project = first / "project" / "src" / "somelib"
        project.mkdir(parents=True)
        (project / "__init__.py").touch()
        origin = {"url": project.parents[1].as_uri(), "dir_info": {"editable": True}}
        (second / "somelib-1.0.dist-info" / "direct_url.json").write_text(json.dumps(origin))
        (second / "somelib.pth").touch()
        sys.path.insert(0, str(project.parent))  # as the .pth file would
        assert not list(check_shadowing(environment_using("somelib")))
        (second / "somelib-1.0.dist-info" / "direct_url.json").write_text("[]")
        (second / "somelib").mkdir()
        (second / "somelib" / "__init__.py").touch()
        assert len(list(check_shadowing(environment_using("somelib")))) == 1

    def test_a_folder_without_code_shadows_nothing(self, sites: tuple[Path, Path]) -> None:
        install(sites[1], "somelib", "1.0", files={"somelib/__init__.py": ""})
        (sites[0] / "somelib").mkdir()
        assert not list(check_shadowing(environment_using("somelib")))

    def test_a_file_that_an_installer_links_to_is_its_own(
        self, sites: tuple[Path, Path], tmp_path: Path
    ) -> None:
        (tmp_path / "kept.py").touch()
        install(sites[0], "somelib", "1.0")
        (sites[0] / "somelib.py").symlink_to(tmp_path / "kept.py")
        assert not list(check_shadowing(environment_using("somelib")))

    def test_a_module_of_another_name_is_not_looked_for(self, sites: tuple[Path, Path]) -> None:
        install(sites[1], "somelib", "1.0", files={"another_name/__init__.py": ""})
        (sites[0] / "somelib.py").touch()
        assert not list(check_shadowing(environment_using("somelib")))


@pytest.mark.skipif(os.name == "nt", reason="scripts are programs there")
class TestScript:
    @pytest.fixture
    def own(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """The folder of this Python's scripts, as far as these tests go."""
        folder = tmp_path / "own"
        folder.mkdir()
        script = folder / "autovoice"
        script.write_text(f"#!{sys.executable}\nimport sys\n")
        script.chmod(0o755)
        monkeypatch.setattr(sysconfig, "get_path", lambda name: str(folder))
        return folder

    @pytest.mark.parametrize(
        "head",
        [
            "#!/opt/old py/bin/python3\n",
            "#!/bin/sh\n'''exec' \"/opt/old py/bin/python3\" \"$0\" \"$@\"\n' '''\n",
        ],
        ids=["short", "long"],
    )
    def test_one_of_another_python_is_told(
        self, own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, head: str
    ) -> None:
        other = tmp_path / "other"
        other.mkdir()
        head = head.replace("old py", "old") if head.startswith("#!/opt") else head
        python = "/opt/old/bin/python3" if head.startswith("#!/opt") else "/opt/old py/bin/python3"
        (other / "autovoice").write_text(f"{head}import sys\n")
        (other / "autovoice").chmod(0o755)
        monkeypatch.setenv("PATH", f"{other}{os.pathsep}{own}")
        assert list(check_script()) == [
            Finding(
                "other-script",
                "warning",
                f"{other / 'autovoice'}, which shells run as `autovoice`, belongs to {python}, and "
                f"this is {sys.executable}; put this one's folder first in PATH",
                f'export PATH={own}:"$PATH"',
            )
        ]

    def test_this_ones_and_what_is_no_script_are_fine(
        self, own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", str(own))
        assert not list(check_script())
        other = tmp_path / "other"
        other.mkdir()
        (other / "autovoice").write_bytes(b"\x7fELF\x02\x01\xff\n")
        (other / "autovoice").chmod(0o755)
        monkeypatch.setenv("PATH", str(other))
        assert not list(check_script())
        monkeypatch.setenv("PATH", str(tmp_path))
        assert not list(check_script())
