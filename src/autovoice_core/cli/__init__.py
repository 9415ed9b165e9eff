"""The ``autovoice`` command; each sub-command is a module of its name, imported when called."""

from __future__ import annotations

import logging
import signal
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import TextIO

import click

from autovoice_core._errors import AutoVoiceError, AutoVoiceWarning
from autovoice_core.cli._verbosity import log_message, restored_logging, with_verbosity

COMMANDS = {
    "convert": "Convert a song to another voice.",
    "separate": "Separate a song into vocals and accompaniment.",
    "pitch": "Track the pitch of a voice.",
    "live": "Sing in another voice, from microphone to headphones.",
    "play": "Play a sound file.",
    "report": "Judge a conversion, on a page with figures, plots and audio.",
    "voices": "Manage the voices to convert to.",
    "models": "Get the model weights that backends need.",
    "backends": "List the backends and why each is or isn't chosen.",
    "doctor": "Check the installation.",
    "demo": "Run the whole chain on a synthesised song.",
    "bench": "Measure how fast this machine is.",
}

FAILURE, USAGE_ERROR = 1, 2


class _LazyGroup(click.Group):
    """A group whose commands are imported when they are called; ``--help`` imports none."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        return with_verbosity(import_module(f"autovoice_core.cli.{cmd_name}").command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="autovoice-core", prog_name="autovoice")
def cli() -> None:
    """Singing voice conversion: separate, track the pitch, convert, remix."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code: 0, 1 (failed) or 2 (wrong usage)."""
    with _sigterm_as_sigint(), warnings.catch_warnings(), restored_logging():
        warnings.simplefilter("always", AutoVoiceWarning)
        warnings.showwarning = _show_warning
        try:
            given = sys.argv[1:] if arguments is None else list(arguments)
            result = cli.main(given, prog_name="autovoice", standalone_mode=False, obj=given)
        except click.UsageError as error:
            error.show()
            return USAGE_ERROR
        except (click.Abort, KeyboardInterrupt):
            return _fail("stopped; nothing was left half-written")
        except click.ClickException as error:
            return _fail(error.format_message())
        except AutoVoiceError as error:
            return _fail(str(error))
        except BrokenPipeError:
            # The reader of our output is gone, as with `| head`.
            sys.stderr.close()
            return FAILURE
        except OSError as error:
            return _fail(str(error))
        except MemoryError:
            return _fail("out of memory; close other programs")
    return result if isinstance(result, int) else 0


@contextmanager
def _sigterm_as_sigint() -> Iterator[None]:
    """Let SIGTERM unwind the stack as Ctrl-C does, so that temporary files are removed."""
    try:
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    except ValueError:  # only the main thread gets signals
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _fail(message: str) -> int:
    click.echo(f"autovoice: {message}", err=True)
    log_message(logging.ERROR, message)
    return FAILURE


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    click.echo(f"autovoice: warning: {message}", err=True)
    log_message(logging.WARNING, str(message))
