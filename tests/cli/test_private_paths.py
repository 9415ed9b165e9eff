from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from autovoice_core.backends.plugins.registry import Registry, using_registry
from autovoice_core.cli import main
from autovoice_core.cli._private_paths import without_folders


@pytest.fixture(autouse=True)
def folders(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user of whom the folders are known, and none of this machine's."""
    for variable in ("AUTOVOICE_MODELS", "NUMBA_CACHE_DIR", "PYTHONPATH", "TMPDIR"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", "/people/al")
    monkeypatch.setenv("AUTOVOICE_HOME", "/data/al")
    monkeypatch.setattr(sys, "prefix", "/people/al/env")
    monkeypatch.setattr(sys, "base_prefix", "/usr")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/people/al", "~"),
        ("/people/al/songs/a.wav: no such file", "~/songs/a.wav: no such file"),
        ("CPython 3.12, /people/al/env/bin/python", "CPython 3.12, $VIRTUAL_ENV/bin/python"),
        ('File "/people/al/x.py", line 1', 'File "~/x.py", line 1'),
        ("kept in /data/al, say", "kept in $AUTOVOICE_HOME, say"),
        ("kept in /data/al.", "kept in $AUTOVOICE_HOME."),
        ("/people/alice", "/people/alice"),
        ("/people/al.bak", "/people/al.bak"),
        ("/mnt/people/al", "/mnt/people/al"),
        ("/usr/bin/ffmpeg", "/usr/bin/ffmpeg"),
    ],
)
def test_the_users_folders_are_called_by_short_names(text: str, shown: str) -> None:
    assert without_folders({"a": [text, 1, None]}) == {"a": [shown, 1, None]}


def test_a_user_whose_home_is_the_root_has_no_folder_to_hide(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOME", "/")
    assert without_folders("/srv/song.wav") == "/srv/song.wav"


@pytest.mark.parametrize(
    "command",
    [
        ["doctor"],
        ["backends"],
        ["backends", "--why", "pitch"],
        ["plugins", "list"],
        ["models", "list"],
    ],
)
def test_no_json_of_the_installation_tells_the_home(
    command: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    info = tmp_path / "broken-1.0.dist-info"
    info.mkdir()
    (info / "entry_points.txt").write_text("[autovoice.v1]\nbroken = a_broken_plugin\n")
    (tmp_path / "a_broken_plugin.py").write_text("raise OSError(__file__)")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AUTOVOICE_HOME", str(tmp_path / "voices"))
    monkeypatch.setenv("AUTOVOICE_PLUGINS", "all")
    with using_registry(Registry()):
        main([*command, "--json"])
    printed = capsys.readouterr().out
    json.loads(printed)
    assert str(tmp_path) not in printed
