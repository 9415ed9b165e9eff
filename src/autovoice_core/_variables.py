"""Environment variables of ours, read in one way: without the space around, empty as if not set."""

from __future__ import annotations

import os

from autovoice_core._arguments import describe
from autovoice_core._errors import InputError

_SWITCH = dict.fromkeys(("1", "true", "yes", "on"), True) | dict.fromkeys(
    ("0", "false", "no", "off"), False
)


def variable_text(variable: str) -> str | None:
    """Return what an environment variable holds; None if it is not set, or nothing but space."""
    return os.environ.get(variable, "").strip() or None


def variable_switch(variable: str) -> bool:
    """Return whether an environment variable is on; one that is not set is off.

    Raises
    ------
    InputError
        It is neither on nor off.
    """
    text = variable_text(variable) or "0"
    if text.lower() not in _SWITCH:
        raise InputError(
            f"{variable}: {describe(text)} is neither on nor off; give 1, true, yes or on, or 0, "
            "false, no or off"
        )
    return _SWITCH[text.lower()]
