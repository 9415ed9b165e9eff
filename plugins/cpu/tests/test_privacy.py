from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMANDS = """
import json, os, sys
connections = []
sys.addaudithook(lambda event, _: event.startswith("socket.") and connections.append(event))
{first}
from autovoice_core.cli import main
for command in json.loads(sys.argv[1]):
    assert main(command) == 0
assert "onnxruntime" in sys.modules
os.chdir("/")
sys.exit(str(sorted(set(connections))) if connections else 0)
"""
SWITCHES = ("ORT_", "XDG_", "CI", "GITHUB_", "TF_BUILD", "BUILD_", "NUMBA_")
"""Openings of variables by which ONNX Runtime sends nothing, or files lie elsewhere."""


def run_in_a_new_home(
    tmp_path: Path, *commands: list[str], first: str = "", **variables: str
) -> set[str]:
    """Run commands in one process that may open no socket; return the files left behind."""
    places = {name: tmp_path / name for name in ("HOME", "TMPDIR")}
    for place in places.values():
        place.mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(SWITCHES)}
    done = subprocess.run(
        [sys.executable, "-c", COMMANDS.format(first=first), json.dumps(commands)],
        env=kept | {name: str(place) for name, place in places.items()} | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return {
        path.relative_to(tmp_path).as_posix()
        for place in places.values()
        for path in place.rglob("*")
    }


@pytest.mark.parametrize("variables", [{}, {"ORT_DISABLE_TELEMETRY": "0"}], ids=["unset", "asked"])
def test_a_song_is_tracked_and_converted_with_no_socket_opened_and_no_file_left(
    tmp_path: Path, song_file: Path, voice_file: Path, variables: dict[str, str]
) -> None:
    song, voices = str(song_file), str(voice_file)
    left = run_in_a_new_home(
        tmp_path,
        ["pitch", song, "--out", str(tmp_path / "f0.csv")],
        ["convert", song, "--voice", "Ada", "--db", voices, "--out", str(tmp_path / "new.wav")],
        **variables,
    )
    assert left == set()


def test_the_part_of_the_program_that_is_imported_does_not_matter(tmp_path: Path) -> None:
    left = run_in_a_new_home(tmp_path, first="import autovoice_cpu.swiftf0_frames")
    assert left == set()
