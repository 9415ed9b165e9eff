"""The ``autovoice`` command; each sub-command is a module of its name, imported when called."""

from __future__ import annotations

import errno
import logging
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import suppress
from importlib import import_module
from typing import TextIO

import click
from click.shell_completion import add_completion_class

from autovoice_core._errors import (
    ArgumentError,
    AutoVoiceError,
    AutoVoiceWarning,
    NoBackend,
)
from autovoice_core._printable import printable, shortened
from autovoice_core._wording import options_named
from autovoice_core.cli._bash_completion import BashCompletion
from autovoice_core.cli._signals import StopSignals
from autovoice_core.cli._terminal import standard_streams, stream_failure
from autovoice_core.cli._verbosity import log_message, restored_logging, with_verbosity

COMMANDS = {
    "convert": "Convert a song to another voice.",
    "batch": "Convert, separate or track many songs, by several workers.",
    "separate": "Separate a song into vocals and accompaniment.",
    "remix": "Mix the stems of a conversion again, at other volumes.",
    "pitch": "Track the pitch of a voice.",
    "say": "Say text in a voice.",
    "sing": "Sing lyrics on a melody in a voice.",
    "live": "Sing in another voice, from microphone to headphones.",
    "play": "Play a sound file.",
    "serve": "Offer all this over HTTP and WebSocket, with a page.",
    "report": "Judge a conversion, on a page with figures, plots and audio.",
    "voices": "Manage the voices to convert to.",
    "models": "Get the model weights that backends need.",
    "backends": "List the backends and why each is or isn't chosen.",
    "plugins": "Manage plugins, the packages that offer backends.",
    "doctor": "Check the installation.",
    "demo": "Run the whole chain on a synthesised song.",
    "bench": "Measure how fast this machine is.",
}

FAILURE, USAGE_ERROR, CRASH = 1, 2, 70
MAX_MESSAGE = 5000
"""Characters of a message that are shown: what a file holds may be quoted in it."""
# Raised for a group without a command; releases before 8.2 print the help themselves.
_HELP_OF_A_GROUP = getattr(click.exceptions, "NoArgsIsHelpError", ())
_WRITE_ERRORS = {errno.EPIPE, errno.ENOSPC, errno.EIO, errno.EBADF}


add_completion_class(BashCompletion)


class _LazyGroup(click.Group):
    """A group whose commands are imported when they are called; ``--help`` imports none."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        return with_verbosity(import_module(f"autovoice_core.cli.{cmd_name}").command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        # Where a shell asks what could follow, nothing is refused.
        if name not in COMMANDS and not name.startswith("-") and not ctx.resilient_parsing:
            from autovoice_core.backends.wording import did_you_mean  # only for a mistake

            ctx.fail(f"No such command {name!r}{did_you_mean(name, COMMANDS)}.")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except ArgumentError as error:
            command = _invoked(self.get_command(ctx, ctx.invoked_subcommand or ""), ctx.obj or ())
            raise type(error)(_with_option_names(str(error), command)) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="autovoice-core", prog_name="autovoice")
def cli() -> None:
    """Singing voice conversion: separate, track the pitch, convert, remix."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line, by default that of this process, and return its exit code.

    0, :data:`FAILURE`, :data:`USAGE_ERROR`, :data:`CRASH` after an error that nobody foresaw, or
    128 and the number of the signal that stopped it.
    """
    with standard_streams(), StopSignals(until_exit=arguments is None) as signals:
        code = _run(sys.argv[1:] if arguments is None else list(arguments))
        return signals.exit_code(code)


def _run(arguments: list[str]) -> int:
    with warnings.catch_warnings(), restored_logging(), options_named():
        warnings.simplefilter("always", AutoVoiceWarning)
        warnings.showwarning = _show_warning
        try:
            result = cli.main(
                arguments, prog_name="autovoice", standalone_mode=False, obj=arguments
            )
            failure = stream_failure()
        except _HELP_OF_A_GROUP as error:
            error.show()
            return USAGE_ERROR
        except click.UsageError as error:
            click.UsageError(printable(error.format_message()), error.ctx).show()
            return USAGE_ERROR
        except (click.Abort, KeyboardInterrupt):
            return _fail("stopped; nothing was left half-written")
        except click.ClickException as error:
            return _fail(error.format_message())
        except NoBackend as error:
            return _fail(error.summary)
        except AutoVoiceError as error:
            return _fail(str(error))
        except OSError as error:
            failure = stream_failure()
            # What is written to files has a name, or is an InputError.
            if failure is None and error.errno in _WRITE_ERRORS and error.filename is None:
                failure = error
            if failure is None:
                return _fail(_in_words(error))
        except SystemExit as error:
            # What click makes of a reader that is gone.
            if not isinstance(error.__context__, BrokenPipeError):
                raise
            return FAILURE
        except MemoryError:
            return _fail("out of memory; close other programs")
        except Exception as error:  # noqa: BLE001  # a fault of ours: told in one line all the same
            from autovoice_core.cli._crash import describe_crash, describe_import_error

            if isinstance(error, ImportError) and (message := describe_import_error(error)):
                return _fail(message)
            return _fail(describe_crash(error, arguments), CRASH)
    if failure is None:
        return result if isinstance(result, int) else 0
    # A reader that is gone, as with `| head`, has read what it wanted.
    gone = isinstance(failure, BrokenPipeError)
    return FAILURE if gone else _fail(f"standard output: can't be written ({failure.strerror})")


def _in_words(error: OSError) -> str:
    """Return an error of the system that no other message explains, led by the file's name."""
    if error.filename is None:
        return str(error)
    name = os.fsdecode(error.filename) if isinstance(error.filename, bytes) else error.filename
    return f"{name}: can't be used ({error.strerror}); check the path and its permissions"


def _with_option_names(message: str, command: click.Command | None) -> str:
    """Return ``message`` with options in place of the arguments that it begins with."""
    names, separator, rest = message.partition(": ")
    options = dict(_option_names(command)) if command is not None else {}
    arguments = names.split(", ")
    if not separator or not set(arguments) <= set(options):
        return message
    return f"{', '.join(options[name] for name in arguments)}: {rest}"


def _option_names(command: click.Command) -> Iterator[tuple[str, str]]:
    """Yield the name of each parameter of a command, and what the user knows it by."""
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            yield str(parameter.name), max(parameter.opts, key=len)
        else:
            yield str(parameter.name), parameter.human_readable_name


def _invoked(command: click.Command | None, arguments: Sequence[str]) -> click.Command | None:
    """Return the sub-command that ``arguments`` name, if ``command`` has any."""
    while isinstance(command, click.Group):
        commands = command.commands
        command = next((commands[name] for name in arguments if name in commands), None)
    return command


def _fail(message: str, code: int = FAILURE) -> int:
    if len(message) > MAX_MESSAGE:
        message = f"{message[:MAX_MESSAGE]}…"
    with suppress(OSError):  # the terminal may be closed
        click.echo(f"autovoice: {printable(message)}", err=True)
    log_message(logging.ERROR, message)
    return code


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    text = shortened(str(message), MAX_MESSAGE)
    with suppress(OSError):
        click.echo(f"autovoice: warning: {printable(text)}", err=True)
    log_message(logging.WARNING, text)
