"""Errors that nobody foresaw: one line on the terminal, and a file with what helps to mend them."""

from __future__ import annotations

import logging
import os
import platform
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from shlex import join

from autovoice_core._causes import causes
from autovoice_core.cli._verbosity import log_message

MAX_FILES = 20
"""Files that are kept; the oldest ones are removed."""
MAX_CAUSE = 200
"""Characters of the error's own message that are shown."""
# Other programs have files of crashes in the temporary folder, too.
_PREFIX = "autovoice-crash-"


def describe_crash(error: BaseException, arguments: Sequence[str]) -> str:
    """Return one line about an error that nobody foresaw, and keep its traceback in a file.

    The file is the user's alone, in the platform's folder for logs, or for temporary files if that
    can't be written. With ``-v`` the traceback is shown, too.
    """
    trace, cause = _logged_trace(error), _first_line(error)
    what = f"{type(error).__name__}: {cause}" if cause else type(error).__name__
    file = _write(f"autovoice {join(arguments)}\n{_versions()}\n\n{trace}")
    details = f"with {file}" if file else "with the output of the same command and -v"
    return f"an error that nobody foresaw ({what}); please report it {details}"


def describe_import_error(error: ImportError) -> str | None:
    """Return one line about a package of others that is missing or broken; None if it is ours."""
    # NumPy raises one without a name from the one that has it.
    found = [each for each in causes(error, contexts=True) if isinstance(each, ImportError)]
    named = next((each for each in found if each.name), None)
    if named is None:
        return None
    package = str(named.name).partition(".")[0]
    if package.startswith("autovoice"):
        return None
    _logged_trace(error)
    return (
        f"the package {package} can't be imported ({_first_line(named)}); `autovoice doctor` "
        "says more"
    )


def _logged_trace(error: BaseException) -> str:
    trace = "".join(traceback.format_exception(error))
    for line in trace.splitlines():
        log_message(logging.INFO, line, shown=False)
    return trace


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0][:MAX_CAUSE]


def _versions() -> str:
    try:
        ours = version("autovoice-core")
    except PackageNotFoundError:  # a broken installation is when crashes are likely
        ours = "of an unknown version"
    return f"autovoice-core {ours}, Python {sys.version}, {platform.platform()}"


def _write(text: str) -> Path | None:
    """Write ``text`` to a new file and return its path, or None where no folder can be written."""
    name = f"{_PREFIX}{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.log"
    for folder in _folders():
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / name
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
                file.write(text)
            for old in sorted(folder.glob(f"{_PREFIX}*.log"))[:-MAX_FILES]:
                old.unlink(missing_ok=True)
            return path
    return None


def _folders() -> Iterator[Path]:
    import platformdirs  # needed only here, where time no longer matters

    with suppress(RuntimeError):  # a user without a home
        folder = platformdirs.user_log_path("autovoice", appauthor=False)
        if folder.is_absolute():
            yield folder
    yield Path(tempfile.gettempdir())
