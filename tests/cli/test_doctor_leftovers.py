"""What killed runs left, and compiled kernels of older sources."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from data_folder import home, mended

from autovoice_core.audio import temporary
from autovoice_core.cli.doctor.finding import FIX, Finding
from autovoice_core.cli.doctor.leftovers import check_abandoned, check_kernels

__all__ = ["home"]

with_rights = pytest.mark.skipif(os.name == "nt", reason="rights are others there")


@with_rights
class TestLeftovers:
    def test_what_killed_runs_left_is_removed(self, home: Path, tmp_path: Path) -> None:
        for place in (tmp_path, home):
            code = (
                "import os\nfrom pathlib import Path\n"
                "from autovoice_core.audio.temporary import part_file, temporary_folder\n"
                f"with part_file(Path({str(place)!r})), temporary_folder(): os._exit(9)\n"
            )
            environment = os.environ | {"TMPDIR": tempfile.gettempdir()}
            done = subprocess.run([sys.executable, "-c", code], env=environment, check=False)
            assert done.returncode == 9
        left = [
            *Path(tempfile.gettempdir()).glob("autovoice-*"),
            *tmp_path.glob(".autovoice-*.part"),
            *home.glob(".autovoice-*.part"),
        ]
        for path in left:  # what is young may not be locked yet
            os.utime(path / temporary.LOCK_NAME if path.is_dir() else path, (1000, 1000))
        (found,) = check_abandoned([tmp_path, home, tmp_path])
        listed = f"{left[0]}, {left[1]}, {left[2]} and 1 more" if len(left) > 3 else ""
        assert found == Finding(
            "leftovers",
            "note",
            f"runs that were killed left {listed}; the next run removes what it comes by",
            FIX,
        )
        assert mended(found) == f"removed {listed}"
        assert not any(path.exists() for path in left)
        assert not list(check_abandoned([tmp_path, home]))

    def test_what_is_in_use_is_left_alone(self, home: Path) -> None:
        with temporary.part_file(home), temporary.temporary_folder():
            assert not list(check_abandoned([home]))


class TestKernels:
    @pytest.fixture
    def package(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """A package with a kernel that was compiled after its source was written."""
        monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
        cache = tmp_path / "a_package" / "kernels" / "__pycache__"
        cache.mkdir(parents=True)
        for source in (tmp_path / "a_package" / "__init__.py", cache.parent / "fast.py"):
            source.touch()
            os.utime(source, (1000, 1000))
        for name in ("fast.add-12.py311.nbi", "fast.add-12.py311.1.nbc", "fast.cpython-311.pyc"):
            (cache / name).write_text("compiled")
            os.utime(cache / name, (2000, 2000))
        return tmp_path / "a_package"

    def test_those_of_the_sources_as_they_are_are_fine(self, package: Path) -> None:
        assert not list(check_kernels(package / "__init__.py"))

    def test_those_that_are_older_or_empty_are_removed(self, package: Path) -> None:
        os.utime(package / "kernels" / "fast.py", (3000, 3000))
        cache = package / "kernels" / "__pycache__"
        (cache / "gone.add-1.py311.nbi").write_text("of a source that is gone")
        text = (
            "3 files of compiled kernels of a_package are empty or older than their sources; they "
            "are compiled again when they are needed"
        )
        (found,) = check_kernels(package / "__init__.py")
        assert found == Finding("stale-kernels", "note", text, FIX)
        assert mended(found) == "removed 3 files of stale kernels from a_package"
        assert [path.name for path in cache.iterdir()] == ["fast.cpython-311.pyc"]

    def test_one_that_was_cut_short_is_removed(self, package: Path) -> None:
        cache = package / "kernels" / "__pycache__"
        (cache / "fast.add-12.py311.1.nbc").write_text("")
        (found,) = check_kernels(package / "__init__.py")
        mended(found)
        assert not list(check_kernels(package / "__init__.py"))
        assert (cache / "fast.add-12.py311.nbi").exists()

    def test_a_cache_of_ours_is_looked_at_and_one_of_all_is_not(
        self, package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (package / "__pycache__").touch()  # so that nothing can be kept there
        ours = tmp_path / "caches" / "autovoice" / "kernels" / "kernels_0123"
        ours.mkdir(parents=True, mode=0o700)
        (ours / "fast.add-12.py311.nbi").touch()
        (found,) = check_kernels(package / "__init__.py")
        assert found.text.startswith("1 files of compiled kernels of a_package ")
        monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "caches"))
        (tmp_path / "caches").chmod(0o700)
        assert not list(check_kernels(package / "__init__.py"))
