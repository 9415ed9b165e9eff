"""Rights of the files in the folder of data, and ``autovoice doctor --fix``."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from data_folder import home, mended

from autovoice_core import VoiceProfileStorage
from autovoice_core.cli import main
from autovoice_core.cli.doctor.finding import FIX, Finding
from autovoice_core.cli.doctor.rights import check_rights

__all__ = ["home"]

with_rights = pytest.mark.skipif(os.name == "nt", reason="rights are others there")


@with_rights
class TestRights:
    def test_those_that_we_give_are_fine(self, home: Path) -> None:
        assert not list(check_rights(home))
        assert not list(check_rights(home / "nowhere"))

    def test_a_database_that_others_can_read_is_made_private(self, home: Path) -> None:
        path = home / "voices.db"
        path.chmod(0o644)
        text = f"{path}: other users may read or write it (rights 644), and it is personal data"
        (found,) = check_rights(home)
        assert found == Finding("rights", "warning", text, FIX)
        assert mended(found) == f"changed the rights of {path} from 644 to 600"
        assert path.stat().st_mode & 0o777 == 0o600
        assert not list(check_rights(home))

    def test_a_file_that_its_owner_can_not_read_is_made_readable(self, home: Path) -> None:
        path = home / "voices.db"
        path.chmod(0o004)
        text = f"{path}: its owner may not read and write it (rights 004)"
        (found,) = check_rights(home)
        assert found == Finding("rights", "problem", text, FIX)
        assert mended(found) == f"changed the rights of {path} from 004 to 600"

    def test_a_folder_that_is_shared_is_up_to_its_owner(self, home: Path) -> None:
        home.chmod(0o777)
        assert not list(check_rights(home))
        home.chmod(0o077)
        (found,) = check_rights(home)
        assert found.text == f"{home}: its owner may not read and write it (rights 077)"
        assert mended(found) == f"changed the rights of {home} from 077 to 777"

    def test_a_list_of_plugins_that_others_can_write_is_told(self, home: Path) -> None:
        path = home / "plugins.json"
        path.write_text("{}")
        path.chmod(0o666)
        (found,) = check_rights(home)
        assert found.text == (
            f"{path}: other users may write it (rights 666), and it decides which code is run"
        )
        assert mended(found) == f"changed the rights of {path} from 666 to 644"

    def test_links_are_left_alone(self, home: Path, tmp_path: Path) -> None:
        (tmp_path / "elsewhere").touch(mode=0o666)
        (home / "voices.db").unlink()
        (home / "voices.db").symlink_to(tmp_path / "elsewhere")
        assert not list(check_rights(home))

    @pytest.mark.skipif(
        not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away"
    )
    def test_a_file_of_another_user_is_told(self, home: Path) -> None:
        path = home / "voices.db"
        os.chown(path, 1234, 1234)
        text = f"{path}: belongs to another user, so its owner decides what may be done with it"
        assert list(check_rights(home)) == [
            Finding("rights-owner", "warning", text, f'sudo chown "$USER" {path}')
        ]


class TestFix:
    def test_only_the_option_changes_anything(
        self, home: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = home / "voices.db"
        path.chmod(0o644)
        main(["doctor"])
        told = (
            f"warning: {path}: other users may read or write it (rights 644), and it is personal "
            f"data\n    run: {FIX}\n"
        )
        assert told in capsys.readouterr().out
        assert path.stat().st_mode & 0o777 == 0o644
        main(["doctor", "--fix"])
        out = capsys.readouterr().out
        assert f"\nfixed: changed the rights of {path} from 644 to 600\n" in out
        assert "warning: " not in out.replace(told, "")
        assert path.stat().st_mode & 0o777 == 0o600
        assert [summary.name for summary in VoiceProfileStorage().list()] == ["Ada"]

    def test_what_was_done_is_data_too(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("AUTOVOICE_HOME", str(tmp_path / "home"))
        main(["doctor", "--fix", "--json"])
        data = json.loads(capsys.readouterr().out)
        assert "made the folder $AUTOVOICE_HOME" in data["fixed"]
        assert "data-folder-missing" not in {item["code"] for item in data["findings"]}

    def test_what_fails_is_a_warning(self, capsys: pytest.CaptureFixture[str]) -> None:
        from autovoice_core._errors import AutoVoiceWarning
        from autovoice_core.cli.doctor.fixing import fix

        def fail() -> str:
            raise PermissionError(1, "Operation not permitted", "/a/b")

        with pytest.warns(AutoVoiceWarning) as caught:
            assert fix([Finding("rights", "warning", "x", FIX, fail)]) == []
        assert str(caught[0].message) == "/a/b: can't be mended (Operation not permitted)"
