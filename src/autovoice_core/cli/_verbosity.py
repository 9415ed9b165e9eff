"""The options ``-v``, ``-q`` and ``--log``, which every command takes."""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path
from shlex import quote
from typing import cast

import click

from autovoice_core._errors import AutoVoiceWarning, InputError
from autovoice_core._printable import printable
from autovoice_core._regular_files import open_log

_LOGGED = "autovoice_core"
_QUIET = "autovoice.quiet"
_SHOWN = "shown"
_FILE_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"

_HEAD_BYTES = 1 << 12


class _Formatter(logging.Formatter):
    """Shows control characters, which names of files may hold, as escapes."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802, the name of logging
        return printable(super().formatMessage(record))


class _LogFile(logging.FileHandler):
    """Appends to a file; tells in one line, and once, that it can't."""

    _is_told = False

    def _open(self) -> TextIOWrapper:
        return cast("TextIOWrapper", open_log(Path(self.baseFilename)))

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802, the name of logging
        self._tell(sys.exc_info()[1])

    def close(self) -> None:
        try:
            super().close()
        except OSError as error:
            self._tell(error)

    def _tell(self, error: object) -> None:
        if not self._is_told:
            self._is_told = True
            why = error.strerror if isinstance(error, OSError) else error
            text = f"{self.baseFilename}: can't be written ({why}); the log is incomplete"
            with suppress(OSError):
                click.echo(f"autovoice: warning: {printable(text)}", err=True)


def with_verbosity(command: click.Command) -> click.Command:
    """Return ``command``, whose sub-commands have the options too, with them."""
    if isinstance(command, click.Group):
        for each in command.commands.values():
            with_verbosity(each)
    elif not any(option.name == "verbose" for option in command.params):
        command.params += [
            click.Option(
                ["-v", "--verbose"],
                count=True,
                expose_value=False,
                callback=_log_to_terminal,
                help="Say on standard error what is done; -vv in detail.",
            ),
            click.Option(
                ["-q", "--quiet"],
                is_flag=True,
                expose_value=False,
                callback=_silence,
                help="Show neither warnings nor progress.",
            ),
            click.Option(
                ["--log"],
                type=click.Path(path_type=Path),
                metavar="FILE",
                expose_value=False,
                callback=_log_to_file,
                help="Append what is done, in detail, to a file.",
            ),
        ]
    return command


def is_quiet() -> bool:
    """Return whether the running command was given ``-q``."""
    context = click.get_current_context(silent=True)
    return context is not None and bool(context.meta.get(_QUIET))


@contextmanager
def restored_logging() -> Iterator[None]:
    """Detach and close, at the end, the logs that ``-v`` and ``--log`` open within."""
    logger = logging.getLogger(_LOGGED)
    handlers, level = list(logger.handlers), logger.level
    try:
        yield
    finally:
        for handler in set(logger.handlers) - set(handlers):
            logger.removeHandler(handler)
            handler.close()
        logger.setLevel(level)


def log_message(level: int, message: str, *, shown: bool = True) -> None:
    """Add a message to the log of ``--log``, and to that of ``-v`` unless it was ``shown``."""
    logger = logging.getLogger(_LOGGED)
    if logger.handlers:
        logger.log(level, "%s", message, extra={_SHOWN: True} if shown else None)


def _log_to_terminal(context: click.Context, parameter: click.Parameter, count: int) -> None:
    if count:
        handler = logging.StreamHandler()
        handler.setLevel(logging.INFO if count == 1 else logging.DEBUG)
        handler.setFormatter(_Formatter("%(message)s"))
        handler.addFilter(lambda record: not hasattr(record, _SHOWN))
        _attach(handler)


def _log_to_file(context: click.Context, parameter: click.Parameter, path: Path | None) -> None:
    if path is None:
        return
    try:
        if path.is_file() and b"\0" in _head(path):
            raise InputError(f"{path}: holds no text, so it is not a log; give another file")
        _check_apart(path, context.obj or ())
        handler = _LogFile(path)
    except OSError as error:
        raise InputError(f"{path}: can't be written ({error.strerror}); choose another") from error
    handler.setFormatter(_Formatter(_FILE_FORMAT))
    _attach(handler)
    logging.getLogger(_LOGGED).info("autovoice %s", " ".join(map(quote, context.obj or ())))


def _check_apart(log: Path, arguments: Iterable[str]) -> None:
    """Refuse a log that is another file of the command too, before a line is added to it."""
    from autovoice_core.audio.distinct_files import is_one_file  # its package imports NumPy

    values = (
        argument.partition("=")[2] if argument.startswith("--") and "=" in argument else argument
        for argument in arguments
    )
    if sum(bool(value) and is_one_file(Path(value), log) for value in values) > 1:
        raise InputError(f"{log}: two files would have this name; choose another")


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEAD_BYTES)


def _silence(context: click.Context, parameter: click.Parameter, quiet: bool) -> None:
    context.meta[_QUIET] = quiet
    if quiet:
        warnings.simplefilter("ignore", AutoVoiceWarning)


def _attach(handler: logging.Handler) -> None:
    logger = logging.getLogger(_LOGGED)
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
