from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from autovoice_core import InputError, VoiceProfileStorage
from autovoice_core._folders import data_folder, kernel_folder
from autovoice_core.backends.weights import Weights, models_folder

VARIABLES = ("HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "AUTOVOICE_HOME", "AUTOVOICE_MODELS")


@pytest.fixture
def no_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user without a home, as of a container that runs with any number of user."""
    pwd = pytest.importorskip("pwd", reason="users of this system have homes")

    def getpwuid(number: int) -> None:
        raise KeyError(f"getpwuid(): uid not found: {number}")

    for name in (*VARIABLES, "NUMBA_CACHE_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", getpwuid)


@pytest.mark.usefixtures("no_home")
def test_without_a_home_the_folder_of_data_must_be_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for use in (data_folder, models_folder, VoiceProfileStorage):
        with pytest.raises(InputError) as caught:
            use()
        assert str(caught.value) == (
            "this user has no home folder to keep voices and weights in; "
            "set AUTOVOICE_HOME to another folder"
        )
    weights = Weights(name="a/b", url="https://localhost/b", size=3, sha256="0" * 64, licence="MIT")
    assert not weights.is_here()
    monkeypatch.setenv("AUTOVOICE_HOME", str(tmp_path))
    assert data_folder() == tmp_path


@pytest.mark.usefixtures("no_home")
@pytest.mark.parametrize("variable", ["AUTOVOICE_HOME", "AUTOVOICE_MODELS"])
def test_without_a_home_a_folder_in_it_is_refused(
    monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "~/voices")
    with pytest.raises(InputError) as caught:
        models_folder()
    assert str(caught.value) == (
        f"{variable}: ~/voices: there is no such user, or no home folder; give a whole path"
    )


class TestKernels:
    """Where kernels are kept: the first of several folders that can be written."""

    @pytest.fixture(autouse=True)
    def _places(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "named"))
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def forbid(self, *folders: Path) -> None:
        """Put files where folders would be made."""
        for folder in folders:
            folder.write_text("")

    def test_they_lie_where_the_user_says_else_beside_their_source_else_in_caches(
        self, tmp_path: Path
    ) -> None:
        source = tmp_path / "package" / "kernels.py"
        assert kernel_folder(source) == tmp_path / "named"
        (tmp_path / "named").rmdir()
        self.forbid(tmp_path / "named")
        assert kernel_folder(source) == tmp_path / "package" / "__pycache__"
        (tmp_path / "package" / "__pycache__").rmdir()
        self.forbid(tmp_path / "package" / "__pycache__")
        assert kernel_folder(source) == tmp_path / "cache" / "autovoice" / "kernels"
        assert (tmp_path / "cache" / "autovoice" / "kernels").stat().st_mode & 0o777 == 0o700

    def test_without_any_of_these_they_lie_in_a_temporary_folder_of_this_user(
        self, tmp_path: Path
    ) -> None:
        self.forbid(tmp_path / "named", tmp_path / "package", tmp_path / "cache")
        source = tmp_path / "package" / "kernels.py"
        found = kernel_folder(source)
        assert found is not None
        assert found.parent == tmp_path
        assert found.stat().st_mode & 0o777 == 0o700
        assert kernel_folder(source) == found
        # What another user may have put there is not run.
        found.chmod(0o777)
        assert kernel_folder(source) is None
        found.rmdir()
        (tmp_path / "another").mkdir(mode=0o700)
        found.symlink_to(tmp_path / "another")
        assert kernel_folder(source) is None

    @pytest.mark.parametrize("mode", [0o777, 0o775, 0o1777])
    def test_a_folder_that_others_can_write_is_passed_over(self, tmp_path: Path, mode: int) -> None:
        source = tmp_path / "package" / "kernels.py"
        for folder in (tmp_path / "named", source.parent / "__pycache__"):
            folder.mkdir(parents=True)
            folder.chmod(mode)
        assert kernel_folder(source) == tmp_path / "cache" / "autovoice" / "kernels"

    @pytest.mark.usefixtures("no_home")
    def test_a_user_without_a_home_has_no_folder_of_caches(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        self.forbid(tmp_path / "package")
        found = kernel_folder(tmp_path / "package" / "kernels.py")
        assert found is not None
        assert found.name.startswith("autovoice-kernels-")
        assert sorted(path.name for path in tmp_path.iterdir()) == [found.name, "package"]
