"""The voices, and the clock, as ``autovoice doctor`` sees them."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from attrs import evolve
from data_folder import home

from autovoice_core import VoiceProfileStorage
from autovoice_core.cli.doctor import clock
from autovoice_core.cli.doctor.clock import check_clock
from autovoice_core.cli.doctor.finding import Finding
from autovoice_core.cli.doctor.voices import check_voices

__all__ = ["home"]

UPGRADE = "pip install --upgrade autovoice-core"
OTHER_HOME = "export AUTOVOICE_HOME=/path/to/another/folder"


class TestVoices:
    def test_a_voice_that_is_kept_is_fine(self, home: Path) -> None:
        assert not list(check_voices(home / "voices.db"))
        assert not list(check_voices(home / "another.db"))
        assert not (home / "another.db").exists()

    def test_a_database_of_a_newer_version_is_a_problem(self, home: Path) -> None:
        path = home / "voices.db"
        with sqlite3.connect(path) as db:
            db.execute("PRAGMA user_version = 99")
        (found,) = check_voices(path)
        text = (
            f"{path}: made by a newer AutoVoice (database format 99, this one reads up to 2); "
            "upgrade autovoice-core"
        )
        assert found == Finding("voices-newer", "problem", text, UPGRADE)

    def test_a_voice_of_a_newer_version_is_a_problem(self, home: Path) -> None:
        with sqlite3.connect(home / "voices.db") as db:
            ((profile,),) = db.execute("SELECT profile FROM voices")
            newer = re.sub(rb'"format_version":"\d"', b'"format_version":"9"', profile)
            assert newer != profile
            db.execute("UPDATE voices SET profile = ?", [newer])
        assert list(check_voices(home / "voices.db")) == [
            Finding(
                "voices-newer",
                "problem",
                "the voice 'Ada' was written by a newer AutoVoice (voice format 9, this one reads "
                "up to 3); upgrade autovoice-core",
                UPGRADE,
            )
        ]

    def test_large_voices_are_no_problem(self, home: Path) -> None:
        voices = VoiceProfileStorage(home / "voices.db")
        large = {"weights": np.zeros(1_000_000, np.float32)}
        voices.add(evolve(voices.get("Ada"), name="Bea", features=large))
        assert list(check_voices(home / "voices.db")) == []

    def test_one_that_is_damaged_in_its_middle_is_a_problem(self, home: Path) -> None:
        path = home / "voices.db"
        voices = VoiceProfileStorage(path)
        large = {"weights": np.zeros(100_000, np.float32)}
        voices.add(evolve(voices.get("Ada"), name="Bea", features=large))
        with sqlite3.connect(path) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            db.execute("PRAGMA journal_mode = delete")
        content = bytearray(path.read_bytes())
        middle = len(content) // 8192 * 4096
        content[middle : middle + 4096] = b"\xff" * 4096
        path.write_bytes(content)
        assert [voice.name for voice in VoiceProfileStorage(path).list()] == ["Ada", "Bea"]
        (found,) = check_voices(path)
        assert (found.code, found.severity, found.remedy) == ("voices", "problem", OTHER_HOME)
        assert re.fullmatch(
            rf"{re.escape(str(path))}: the voice database is damaged \(.+\); put back a copy, or "
            "move it away",
            found.text,
        )

    def test_what_is_no_database_is_a_problem(self, tmp_path: Path) -> None:
        path = tmp_path / "voices.db"
        path.mkdir()
        text = f"{path}: is a directory; give the name of a database file"
        assert list(check_voices(path)) == [Finding("voices", "problem", text, OTHER_HOME)]

    def test_one_that_can_not_be_made_is_a_problem(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        path = tmp_path / "file" / "voices.db"
        text = (
            f"{path}: can't be made (Not a directory); choose another place with AUTOVOICE_HOME "
            "or --db"
        )
        assert list(check_voices(path)) == [Finding("voices", "problem", text, OTHER_HOME)]

    @pytest.mark.skipif(shutil.which("unshare") is None, reason="needs a namespace of its own")
    def test_voices_on_a_disk_that_is_read_only_are_a_warning(self, home: Path) -> None:
        """Nothing else than a mount stops root from writing."""
        mount = (
            'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" || exit 99; shift; exec "$@"'
        )
        doctor = [sys.executable, "-m", "autovoice_core.cli", "doctor"]
        done = subprocess.run(
            ["unshare", "-rm", "sh", "-c", mount, "sh", home, *doctor, "--json"],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode not in (0, 1) or not done.stdout:
            pytest.skip("no such namespace can be made here")
        findings = {item["code"]: item for item in json.loads(done.stdout)["findings"]}
        assert findings["voices-read-only"] == {
            "code": "voices-read-only",
            "severity": "warning",
            "text": "$AUTOVOICE_HOME/voices.db: can't be written, so its voices are read, and none "
            "is added or changed",
            "remedy": OTHER_HOME,
            "fixable": False,
        }
        assert findings["weights-read-only"]["text"] == (
            "$AUTOVOICE_HOME/models: can't be written, so weights that are there are used, and "
            "none are added"
        )


class TestClock:
    def test_one_in_the_past_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(time, "time", lambda: 86_400.0)
        monkeypatch.setattr(sys, "platform", "win32")
        (found,) = check_clock()
        assert found.severity == "warning"
        assert found.remedy == "w32tm /resync"
        assert re.fullmatch(
            r"the clock says 1970-01-02, but AutoVoice was installed on 20\d\d-\d\d-\d\d or later: "
            r"connections by HTTPS fail, and files seem to be from the future; set the clock",
            found.text,
        )

    def test_one_that_is_right_is_fine(self) -> None:
        assert clock.BEGINNING.timestamp() < time.time()
        assert not list(check_clock())
