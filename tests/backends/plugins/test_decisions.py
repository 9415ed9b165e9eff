"""The file of decisions on plugins, which says whose code is run."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from autovoice_core.backends.plugins.decisions import Decisions, read_decisions, write_decisions


@pytest.mark.skipif(os.name != "posix", reason="rights of POSIX")
def test_decisions_are_kept_in_a_file_of_the_user_alone_and_through_no_link(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOVOICE_HOME", str(tmp_path / "home"))
    path = write_decisions(Decisions(frozenset({"acme-acf"})))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    (tmp_path / "diary").write_text("mine")
    path.unlink()
    path.symlink_to(tmp_path / "diary")
    write_decisions(Decisions())
    assert (tmp_path / "diary").read_text() == "mine"
    assert read_decisions() == Decisions()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a FIFO of POSIX")
def test_a_fifo_in_place_of_decisions_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOVOICE_HOME", str(tmp_path))
    os.mkfifo(tmp_path / "plugins.json")
    assert read_decisions() == Decisions()
