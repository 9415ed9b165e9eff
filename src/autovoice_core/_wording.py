"""The name that a message gives to an argument: Python's, or that of the command's option."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_options_named: ContextVar[bool] = ContextVar("options_named", default=False)


@contextmanager
def options_named() -> Iterator[None]:
    """Let messages name options of the command line in place of arguments, within a block."""
    token = _options_named.set(True)
    try:
        yield
    finally:
        _options_named.reset(token)


def no_overwrite_name() -> str:
    """Return what keeps files that exist: ``overwrite=False``, or the option --no-clobber."""
    return "--no-clobber" if _options_named.get() else "overwrite=False"


def setting(argument: str, value: object) -> str:
    """Return what sets ``argument`` to ``value``: e.g. ``key=24``, or ``--key 24``."""
    option = f"--{argument.replace('_', '-')} {value}"
    return option if _options_named.get() else f"{argument}={value}"


def flag_name(argument: str) -> str:
    """Return what sets the flag ``argument``: e.g. ``replace=True``, or the option --replace."""
    return f"--{argument.replace('_', '-')}" if _options_named.get() else f"{argument}=True"
