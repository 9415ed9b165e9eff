"""The page on the command: its reference is that of the commands as they are."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from autovoice_core.cli import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "cli.md"
TOOL = ROOT / "tools" / "cli_page.py"


def written(page: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, TOOL, page], capture_output=True, text=True, check=False)


def test_the_reference_is_up_to_date(tmp_path: Path) -> None:
    """If a command changed on purpose, run ``python tools/cli_page.py``."""
    copy = Path(shutil.copy(PAGE, tmp_path))
    assert written(copy).returncode == 0
    assert copy.read_text(encoding="utf-8") == PAGE.read_text(encoding="utf-8")


def test_what_stands_above_the_reference_is_kept(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Title\n\n<!-- Made by tools/cli_page.py from here on. -->\nold\n")
    assert written(page).returncode == 0
    text = page.read_text(encoding="utf-8")
    assert text.startswith("# Title\n\n<!-- Made by tools/cli_page.py from here on. -->\n\n## ")
    assert "old\n" not in text.splitlines()
    names = re.findall(r"^## autovoice (.+)$", text, re.MULTILINE)
    assert names == list(COMMANDS)
    assert "### autovoice voices add" in text
    page.write_text("# Title\n")
    assert written(page).stderr == (
        f"{page}: lacks the line '<!-- Made by tools/cli_page.py from here on. -->'\n"
    )
    assert page.read_text() == "# Title\n"


def test_options_in_the_text_of_a_command_are_code() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert "SONG and `--out` may be - for standard input" in text
    assert "The .index file that belongs to `--rvc`." in text


def test_the_module_is_the_command() -> None:
    """In an environment of the user's own, without the folder of a script."""
    done = subprocess.run(
        [sys.executable, "-m", "autovoice_core", "doctor", "--help"],
        env=os.environ | {"PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("Usage: autovoice doctor [OPTIONS]\n")
    failed = subprocess.run(
        [sys.executable, "-m", "autovoice_core", "nosuch"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert failed.returncode == 2
    assert "Error: No such command 'nosuch'" in failed.stderr
