"""Packages that were built for others than those installed, in site folders of the tests' own."""

from __future__ import annotations

import sys
from importlib import invalidate_caches
from pathlib import Path

import pytest
from fake_site import environment_using, install

from autovoice_core.cli.doctor import gpu
from autovoice_core.cli.doctor.builds import (
    check_cupy,
    check_numpy_1,
    check_pkg_resources,
    check_torch_family,
)
from autovoice_core.cli.doctor.finding import Finding


@pytest.fixture(autouse=True)
def _no_driver(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(gpu, "KERNEL_MODULE", tmp_path / "no-driver")
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of packages that comes before all others."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    return folder


class TestTorch:
    def test_a_torchaudio_for_another_torch_is_a_problem_of_who_uses_it(self, site: Path) -> None:
        install(site, "torch", "2.6.0")
        install(site, "torchaudio", "2.5.1", "torch==2.5.1")
        text = (
            "torchaudio 2.5.1 needs torch==2.5.1, but torch 2.6.0 is installed; importing it fails"
        )
        remedy = "pip install --upgrade --force-reinstall torch torchaudio"
        for modules, severity in ((("torch", "torchaudio"), "problem"), (("torch",), "warning")):
            (found,) = check_torch_family(environment_using(*modules))
            assert found == Finding("torch-builds", severity, text, remedy)  # type: ignore[arg-type]

    def test_builds_for_a_gpu_and_for_none_do_not_belong_together(self, site: Path) -> None:
        install(site, "torch", "2.5.1+cpu")
        install(site, "torchaudio", "2.5.1+cpu", "torch (==2.5.1)")
        install(site, "torchvision", "0.20.1+cu124", "torch==2.5.1")
        assert list(check_torch_family(environment_using("torchvision"))) == [
            Finding(
                "torch-builds",
                "problem",
                "torchvision 0.20.1+cu124 is built for cu124, but torch 2.5.1+cpu for cpu; "
                "importing it fails",
                "pip install --upgrade --force-reinstall torch torchaudio torchvision",
            )
        ]

    def test_those_that_belong_together_are_fine(self, site: Path) -> None:
        install(site, "torch", "2.5.1+cu124")
        install(site, "torchaudio", "2.5.1+cu124", "torch==2.5.1")
        install(site, "torchvision", "0.20.1", "torch==2.5.1", 'torch<2; sys_platform == "x"')
        assert not list(check_torch_family(environment_using("torch")))


class TestCuPy:
    def test_two_are_one_too_many(self, site: Path) -> None:
        install(site, "cupy-cuda12x", "13.6.0")
        install(site, "cupy-cuda13x", "14.0.1")
        text = (
            "cupy-cuda12x and cupy-cuda13x are installed, which overwrite each other's files; "
            "keep one"
        )
        remedy = "pip uninstall -y cupy-cuda12x cupy-cuda13x && pip install 'cupy-cuda13x[ctk]'"
        found = list(check_cupy(environment_using("cupy")))
        assert found == [Finding("cupy-twice", "problem", text, remedy)]
        found = list(check_cupy(environment_using("numpy")))
        assert found == [Finding("cupy-twice", "warning", text, remedy)]

    def test_the_one_that_the_driver_runs_is_kept(self, site: Path) -> None:
        install(site, "cupy-cuda12x", "13.6.0")
        install(site, "cupy-cuda13x", "14.0.1")
        gpu.KERNEL_MODULE.write_text("NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.104.05\n")
        (found,) = check_cupy(environment_using("cupy"))
        assert found.remedy == (
            "pip uninstall -y cupy-cuda12x cupy-cuda13x && pip install 'cupy-cuda12x[ctk]'"
        )

    def test_one_from_source_beside_a_wheel_counts(self, site: Path) -> None:
        install(site, "cupy", "14.0.1")
        install(site, "cupy-cuda12x", "14.0.1")
        (found,) = check_cupy(environment_using("cupy"))
        assert found.text.startswith("cupy and cupy-cuda12x are installed, ")
        assert found.remedy == (
            "pip uninstall -y cupy cupy-cuda12x && pip install 'cupy-cuda12x[ctk]'"
        )

    def test_one_alone_is_fine(self, site: Path) -> None:
        install(site, "cupy-cuda12x", "14.0.1")
        assert not list(check_cupy(environment_using("cupy")))


class TestNumPy:
    @pytest.mark.parametrize("bounds", ["<2", "<2.0.0,>=1.22", "==1.26.*", "~=1.24"])
    def test_a_package_for_numpy_1_is_told(self, site: Path, bounds: str) -> None:
        install(site, "numpy", "2.1.0")
        install(site, "oldlib", "0.3", f"numpy{bounds}")
        assert list(check_numpy_1(environment_using("oldlib"))) == [
            Finding(
                "numpy-1",
                "problem",
                f"oldlib 0.3 is built for NumPy 1 (it needs numpy{bounds}), but numpy 2.1.0 is "
                "installed",
                "pip install --upgrade oldlib",
            )
        ]
        (found,) = check_numpy_1(environment_using("numpy"))
        assert found.severity == "warning"

    def test_packages_that_take_both_or_on_another_platform_are_fine(self, site: Path) -> None:
        install(site, "numpy", "2.1.0")
        install(site, "newlib", "1", "numpy>=1.22", "numpy<2; sys_platform == 'nowhere'")
        install(site, "cappedlib", "1", "numpy>=2,<2.1")
        assert not list(check_numpy_1(environment_using("newlib", "cappedlib")))

    def test_under_numpy_1_nothing_is_wrong_with_them(self, site: Path) -> None:
        install(site, "numpy", "1.26.4")
        install(site, "oldlib", "0.3", "numpy<2")
        assert not list(check_numpy_1(environment_using("oldlib")))


class TestPkgResources:
    @pytest.fixture(autouse=True)
    def _gone(self, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        del site  # pytest imports pkg_resources, where it is loaded, as it changes the path
        monkeypatch.setitem(sys.modules, "pkg_resources", None)

    @pytest.mark.parametrize(
        "files",
        [
            {"oldvad.py": "import os\nimport pkg_resources\n"},
            {"oldvad/__init__.py": "", "oldvad/data.py": "from pkg_resources import require\n"},
        ],
    )
    def test_who_imports_it_is_told(self, site: Path, files: dict[str, str]) -> None:
        install(site, "setuptools", "82.0.0")
        install(site, "oldvad", "2.0.10", files=files)
        assert list(check_pkg_resources(environment_using("oldvad"))) == [
            Finding(
                "pkg-resources",
                "problem",
                "oldvad 2.0.10 imports pkg_resources, but setuptools 82.0.0 lacks it",
                "pip install 'setuptools<81'",
            )
        ]
        assert not list(check_pkg_resources(environment_using("numpy")))

    def test_who_needs_it_by_another_package_is_told(self, site: Path) -> None:
        install(site, "setuptools", "82.0.0")
        install(site, "between", "1", "oldvad>=2", 'another; extra == "x"')
        install(site, "oldvad", "2.0.10", files={"oldvad.py": "import pkg_resources"})
        install(site, "another", "1", files={"another.py": "import pkg_resources"})
        (found,) = check_pkg_resources(environment_using("between"))
        assert found.text.startswith("oldvad 2.0.10 imports pkg_resources, ")

    def test_an_import_that_may_fail_is_fine(self, site: Path) -> None:
        content = "try:\n    import pkg_resources\nexcept ImportError:\n    pass\n"
        install(site, "careful", "1", files={"careful.py": content})
        assert not list(check_pkg_resources(environment_using("careful")))

    def test_where_it_is_there_nothing_is_wrong(
        self, site: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        install(site, "oldvad", "2.0.10", files={"oldvad.py": "import pkg_resources"})
        monkeypatch.delitem(sys.modules, "pkg_resources")
        (site / "pkg_resources.py").touch()
        invalidate_caches()
        assert not list(check_pkg_resources(environment_using("oldvad")))
