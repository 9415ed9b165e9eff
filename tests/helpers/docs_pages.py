"""The pages of the docs, and the examples on them, run as tests."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from sybil import Example, Sybil
from sybil.parsers.myst import CodeBlockParser, PythonCodeBlockParser

from autovoice_core import VoiceProfile, VoiceProfileStorage
from autovoice_core.cli import main
from autovoice_core.testing import truth

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("**/*.md")])


def run_commands(example: Example) -> None:
    """Run the commands of ``autovoice`` in a console, with patterns expanded as a shell does."""
    for line in example.parsed.splitlines():
        if line.startswith("$ autovoice "):
            words = [
                expanded
                for word in shlex.split(line.removeprefix("$ autovoice "))
                for expanded in (sorted(map(str, Path().glob(word))) if "*" in word else [word])
            ]
            assert main(words) == 0, line


EXAMPLES = Sybil([PythonCodeBlockParser(), CodeBlockParser("console", run_commands)])
"""Finds the examples of a page; one that fails says the line where it is."""


def page_name(page: Path) -> str:
    """Return the path of a page in the repository."""
    return str(page.relative_to(ROOT))


def needs_cpu_plugin(page: Path) -> bool:
    """Return whether an example of the page names a backend of autovoice-cpu."""
    return any("cpu/" in example.parsed for example in EXAMPLES.parse(page).examples())


@pytest.fixture
def docs_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, voice: VoiceProfile, short_song: truth.Song
) -> Path:
    """A working folder with the files that the docs name, and a voice database of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AUTOVOICE_HOME", str(tmp_path / "home"))
    short_song.mixture.save("song.flac")
    short_song.stems.vocals.save("vocals.wav")
    for folder in ("recordings", "true-stems"):
        (tmp_path / folder).mkdir()
    short_song.stems.vocals.save("true-stems/vocals.flac")
    short_song.stems.accompaniment.save("true-stems/accompaniment.flac")
    for album in ("first", "second"):
        (tmp_path / "albums" / album).mkdir(parents=True)
        short_song.mixture[:4.0].save(f"albums/{album}/song.flac")
    for i in (1, 2):
        take = truth.sing(truth.SOPRANO, seconds=10, sample_rate=16_000, seed=i).audio
        take.save(f"take{i}.flac")
        take.save(f"recordings/take{i}.flac")
    with VoiceProfileStorage() as voices:
        voices.add(voice)
    return tmp_path


def run_examples(page: Path) -> None:
    """Run the Python code and the commands of a page, in order and in one namespace."""
    document = EXAMPLES.parse(page)
    document.namespace["__name__"] = "docs"
    for example in document.examples():
        example.evaluate()
