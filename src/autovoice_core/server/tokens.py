"""Tokens: made, kept in a file of the user's own, and compared in constant time."""

from __future__ import annotations

import os
import re
import stat
import warnings
from contextlib import suppress
from pathlib import Path
from secrets import compare_digest, token_urlsafe

from autovoice_core._errors import AutoVoiceWarning, InputError

MIN_TOKEN_LENGTH, MAX_TOKEN_LENGTH = 16, 256

# What may stand in a header, in a link and in JSON as it is.
_TOKEN = re.compile(rf"[A-Za-z0-9._~+/=-]{{{MIN_TOKEN_LENGTH},{MAX_TOKEN_LENGTH}}}")


def is_token(expected: str | None, given: object) -> bool:
    """Return whether ``given`` is the token ``expected``, or none is asked for."""
    if expected is None:
        return True
    # Of bytes, as text that is not ASCII can't be compared.
    return isinstance(given, str) and compare_digest(
        given.encode(errors="replace"), expected.encode()
    )


def read_token(path: Path) -> str:
    """Return the token in a file, without the space around it.

    Raises
    ------
    InputError
        The file can't be read, or holds no token.

    Warns
    -----
    AutoVoiceWarning
        Other users of this machine can read the file.
    """
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            text = file.read(4 * MAX_TOKEN_LENGTH).decode("ascii", errors="replace").strip()
    except OSError as error:
        raise InputError(f"{path}: can't be read ({error.strerror}); check the path") from error
    if not _TOKEN.fullmatch(text):
        raise InputError(
            f"{path}: holds no token; write {MIN_TOKEN_LENGTH} to {MAX_TOKEN_LENGTH} letters, "
            "digits or . _ ~ + / = - to it, best as random as those of `openssl rand -hex 32`"
        )
    if os.name == "posix" and mode & (stat.S_IRGRP | stat.S_IROTH):
        warnings.warn(
            f"{path}: other users of this machine can read the token; `chmod 600` keeps them out",
            AutoVoiceWarning,
            stacklevel=2,
        )
    return text


def kept_token(path: Path) -> str:
    """Return the token in a file, which is made, for this user alone, if it is missing.

    Raises
    ------
    InputError
        The file can't be made or read, or holds no token.
    """
    if not path.exists():
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # At once for this user alone; another server may have been quicker.
            with (
                suppress(FileExistsError),
                open(path, "x", opener=_private_opener) as file,
            ):
                file.write(f"{token_urlsafe(32)}\n")
        except OSError as error:
            raise InputError(
                f"{path}: can't be made ({error.strerror}); give --token-file FILE"
            ) from error
    return read_token(path)


def _private_opener(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
