"""Commands with any arguments: they do it, or say in one line why not; none ends by a traceback."""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from hypothesis import strategies as st

from autovoice_core._printable import printable
from autovoice_core.cli import COMMANDS, cli, main

pytestmark = pytest.mark.skipif(os.name != "posix", reason="paths of POSIX")

Fuzz = Callable[..., None]

EDITH = Path(__file__).parents[1] / "voices" / "edith.voice"
SLOW = {"demo", "bench", "live", "play", "serve"}
"""They work for seconds, on devices or for ever, once their arguments are right."""

_paths = st.sampled_from(
    [
        *("missing.flac", "text.txt", "empty.wav", "noise.wav", "edith.voice", "list.jsonl", "."),
        *("folder", "folder/x.flac", "voices.db", "notes.csv", "-", "/dev/null", "/", "", "a\nb"),
        *("\x1b[2J.wav", "\udcff.wav", "\u202e.wav", "x" * 300, "*", "~nobody"),
    ]
)
_values = st.sampled_from(
    [
        *("0", "1", "-1", "nan", "inf", "1e999", "9" * 400, "auto", "none", "all", "0x10", "1_0"),
        *("2 GB", "cpu", "cuda:0", "reference/nccf", "pitch=reference/nccf", "pitch.rate=5", "="),
        *("Édith", "iona", "flac", ".wav", "csv", "\x1b[2J", "a\nb", "A2-E4", "%"),
    ]
)
# Of no other folder, where a log could be written, and nothing that no program is called with.
_words = _paths | _values | st.text(max_size=6).filter(lambda text: not set(text) & {"/", "\0"})


def commands(group: click.Group, names: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the words of every command that does something."""
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        if isinstance(found, click.Group):
            yield from commands(found, (*names, name))
        elif name not in SLOW and not (names and names[0] in SLOW):
            yield (*names, name)


def command_of(words: tuple[str, ...]) -> click.Command:
    found: click.Command | None = cli
    for word in words:
        assert isinstance(found, click.Group)
        found = found.get_command(click.Context(found), word)
    assert found is not None
    return found


@st.composite
def calls(draw: st.DrawFn, known: list[tuple[str, ...]]) -> list[str]:
    """Return a command, some of its options with any value, and any arguments."""
    words = draw(st.sampled_from(known))
    options = [each for each in command_of(words).params if isinstance(each, click.Option)]
    given: list[str] = []
    for option in draw(st.lists(st.sampled_from(options), max_size=3, unique_by=id)):
        given.append(draw(st.sampled_from([*option.opts, *option.secondary_opts])))
        if not option.is_flag and not option.count:
            given.append(draw(_words))
    arguments = draw(st.lists(_words, max_size=2))
    rest = [*given, *arguments]
    return [*words, *(draw(st.permutations(rest)) if draw(st.booleans()) else rest)]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A working folder with files of many kinds, and a home of its own."""
    monkeypatch.chdir(tmp_path)
    for variable in ("AUTOVOICE_HOME", "HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(variable, str(tmp_path / "home"))
    monkeypatch.setenv("AUTOVOICE_OFFLINE", "1")
    with Path(os.devnull).open(encoding="utf-8") as nothing:
        monkeypatch.setattr("sys.stdin", nothing)
        yield tmp_path


def fill(folder: Path) -> None:
    """Put the files there that the last command may have changed."""
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    (folder / "folder").mkdir()
    (folder / "text.txt").write_text("la la la")
    (folder / "empty.wav").touch()
    (folder / "noise.wav").write_bytes(b"RIFF\xff\xff\xff\xffWAVEfmt " + bytes(range(99)))
    (folder / "notes.csv").write_text("start,end,note\n0,1,A4\n")
    (folder / "list.jsonl").write_text('{"song": "missing.flac"}\n')
    shutil.copy(EDITH, folder / "edith.voice")


def test_a_command_with_any_arguments_says_in_one_line_why_not(
    fuzz: Fuzz, place: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    known = list(commands(cli))
    assert {words[0] for words in known} == set(COMMANDS) - SLOW

    def check(arguments: list[str]) -> None:
        fill(place)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            code = main(arguments)
        said = capfd.readouterr()
        assert code in (0, 1, 2), said.err
        assert "Traceback" not in said.out + said.err
        errors = [line for line in said.err.splitlines() if "warning: " not in line]
        assert all(line == printable(line) for line in errors)
        if code == 2:
            assert any("Error: " in line for line in errors)

    fuzz(calls(known), check, examples=100)
