"""Types of options and arguments that shells complete by what is installed or stored."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from contextlib import suppress

import click
from click.shell_completion import CompletionItem

from autovoice_core._errors import AutoVoiceError, AutoVoiceWarning
from autovoice_core.backends.known_devices import known_kinds
from autovoice_core.backends.plugins.registry import catalogue


class Completed(click.types.StringParamType):
    """Text, which shells complete by what ``values`` returns for the command line so far.

    What can't be found out is not completed: there is no place for an error in the middle of a
    line. ``name`` is what help calls it.
    """

    def __init__(self, name: str, values: Callable[[click.Context], Iterable[str]]) -> None:
        self.name, self._values = name, values

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        with suppress(AutoVoiceError), warnings.catch_warnings():
            warnings.simplefilter("ignore", AutoVoiceWarning)
            values = self._values(ctx)
            return [CompletionItem(value) for value in values if value.startswith(incomplete)]
        return []


def _voices(ctx: click.Context) -> list[str]:
    from autovoice_core.voices.storage import VoiceProfileStorage

    return [voice.name for voice in VoiceProfileStorage(ctx.params.get("db")).list()]


def _devices(_: click.Context) -> list[str]:
    return ["auto", *known_kinds(catalogue())]


def _backends(_: click.Context) -> list[str]:
    return sorted(f"{entry.operation}={entry.name}" for entry in catalogue().offers)


def _formats(ctx: click.Context) -> Iterable[str]:
    task = ctx.params.get("task")
    if task == "pitch":
        from autovoice_core.pitch.files import WRITERS

        return (suffix.removeprefix(".") for suffix in WRITERS)
    return ("flac", "wav") if task == "separate" else ("flac", "wav", "ogg", "mp3")


VOICE = Completed("name", _voices)
"""Parameter type of the name of a voice that is stored."""
DEVICE = Completed("kind", _devices)
"""Parameter type of a kind of device."""
BACKEND = Completed("op=name", _backends)
"""Parameter type of an operation and the name of a backend, with ``=`` between them."""
FORMAT = Completed("suffix", _formats)
"""Parameter type of the format of a batch's results, by its ``task``."""
