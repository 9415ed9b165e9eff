"""Environment variables whose values no command can use."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from autovoice_core import _threads
from autovoice_core._errors import InputError
from autovoice_core._variables import variable_switch
from autovoice_core.backends.choice import given_settings
from autovoice_core.backends.plugins.registry import STRICT_VARIABLE
from autovoice_core.backends.weights import OFFLINE_VARIABLE
from autovoice_core.cli.doctor.finding import Finding
from autovoice_core.memory import limit

_READ: dict[str, Callable[[], object]] = {
    _threads.VARIABLE: lambda: _threads.thread_count(None),
    limit.VARIABLE: lambda: limit.MemoryLimit.from_argument(None),
    given_settings.VARIABLE: lambda: given_settings.settings_for("pitch", {}),
    STRICT_VARIABLE: lambda: variable_switch(STRICT_VARIABLE),
    OFFLINE_VARIABLE: lambda: variable_switch(OFFLINE_VARIABLE),
}


def check_variables() -> Iterator[Finding]:
    """Yield each variable that is set to nonsense, as every command that reads it refuses it."""
    for name, read in _READ.items():
        try:
            read()
        except InputError as error:
            yield Finding("variable", "problem", str(error), f"unset {name}")
