"""Arguments of the benchmarks, checked before the work begins: types for ``argparse``.

What is wrong of them becomes a line on standard error and the exit status of a usage error.
"""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from autovoice_core import AutoVoiceError, InputError
from autovoice_core._style import Style
from autovoice_core.audio.reading import AudioFile
from autovoice_core.backends.choice.selection import select
from autovoice_core.backends.offer import Operation


def sound(text: str | Path) -> Path:
    """Return the path of a sound file."""
    try:
        AudioFile(Path(text))
    except InputError as error:
        raise ArgumentTypeError(str(error)) from error
    return Path(text)


def folder(text: str | Path) -> Path:
    """Return the path of a folder."""
    if not Path(text).is_dir():
        raise ArgumentTypeError(f"{text} is not a folder")
    return Path(text)


def recordings(text: str | Path) -> Path:
    """Return the path of a folder that holds sound files and nothing else."""
    files = list(map(sound, sorted(folder(text).iterdir())))
    if not files:
        raise ArgumentTypeError(f"{text} is empty; name a folder of recordings")
    return Path(text)


def song(text: str | Path) -> Path:
    """Return the path of a folder that holds a song's ``mixture`` and ``vocals``."""
    for part in ("mixture", "vocals"):
        if not any(folder(text).glob(f"{part}.*")):
            raise ArgumentTypeError(f"{text} holds no {part}, such as {part}.flac")
    return Path(text)


def existing(text: str) -> Path:
    """Return the path of a file that is there."""
    if not Path(text).is_file():
        raise ArgumentTypeError(f"{text} is not a file")
    return Path(text)


def output(text: str) -> Path:
    """Return the path of a file that can be written."""
    if Path(text).is_dir():
        raise ArgumentTypeError(f"{text} is a folder; name a file")
    if not Path(text).parent.is_dir():
        raise ArgumentTypeError(f"{text}: there is no folder {Path(text).parent}; make it first")
    return Path(text)


def count(text: str) -> int:
    """Return a whole number of 1 or more."""
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text} is not a whole number of 1 or more")
    return int(text)


def seconds(text: str) -> float:
    """Return a duration above 0."""
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not 0.0 < found < float("inf"):
        raise ArgumentTypeError(f"{text} is not a number of seconds above 0")
    return found


def semitones(text: str) -> float:
    """Return a key in semitones."""
    try:
        found = Style(key=text).key
    except InputError as error:
        raise ArgumentTypeError(str(error).removeprefix("key: ")) from error
    if isinstance(found, str):
        raise ArgumentTypeError(f"{text} is not a number of semitones")
    return found


def strength(text: str) -> float:
    """Return a strength of conversion."""
    try:
        return Style(strength=text).strength
    except InputError as error:
        raise ArgumentTypeError(str(error).removeprefix("strength: ")) from error


def backend(operation: Operation) -> Callable[[str], str]:
    """Return the type of the name of a backend of ``operation`` that works here."""

    def named(text: str) -> str:
        try:
            select(operation, name=text)
        except AutoVoiceError as error:
            raise ArgumentTypeError(getattr(error, "summary", str(error))) from error
        return text

    return named


@contextmanager
def usage_errors(parser: ArgumentParser) -> Iterator[None]:
    """End the program by the usage error that arguments are found to be only within."""
    try:
        yield
    except (ArgumentTypeError, AutoVoiceError) as error:
        parser.error(str(error))
