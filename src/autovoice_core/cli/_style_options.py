"""The style options: ``--key``, ``--formant`` and so on, of `convert` and of `voices set`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

import click

from autovoice_core._style import (
    BREATHS,
    MAX_FORMANT,
    MAX_KEY,
    MAX_SEED,
    MAX_VIBRATO,
    StyleOptions,
)


class _Key(click.ParamType[float | str]):
    name = "auto|auto-semitone|SEMITONES"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float | str:
        if value in ("auto", "auto-semitone"):
            return str(value)
        try:
            semitones = float(str(value))
        except ValueError:
            self.fail(
                f"{value!r} is neither 'auto', 'auto-semitone' nor a number of semitones",
                param,
                ctx,
            )
        if not -MAX_KEY <= semitones <= MAX_KEY:
            self.fail(
                f"{value} semitones are outside -{MAX_KEY:g} to {MAX_KEY:g}",
                param,
                ctx,
            )
        return semitones


_Command = TypeVar("_Command", bound=Callable[..., Any])


def _key_option(what: str) -> Callable[[_Command], _Command]:
    return click.option(
        "--key",
        type=_Key(),
        help=f"Semitones to shift {what} by; auto shifts the vocals by an octave at most, "
        "towards the voice; auto-semitone to the nearest semitone.",
    )


_OPTIONS = (
    _key_option("the song"),
    click.option(
        "--formant",
        type=click.FloatRange(-MAX_FORMANT, MAX_FORMANT),
        metavar="SEMITONES",
        help="Shift the formants; below 0 the singer sounds larger.",
    ),
    click.option(
        "--strength",
        type=click.FloatRange(0, 1),
        metavar="0..1",
        help="How far to go from the source's timbre to the voice's.",
    ),
    click.option("--breath", type=click.Choice(BREATHS), help="What to do with breaths."),
    click.option(
        "--vibrato",
        type=click.FloatRange(0, MAX_VIBRATO),
        metavar="0..2",
        help="Factor of the vibrato's extent; 0 removes it.",
    ),
    click.option(
        "--seed",
        type=click.IntRange(0, MAX_SEED),
        metavar="N",
        help="Seed of the synthesised noise.",
    ),
)


def style_options(function: _Command) -> _Command:
    """Add ``--key``, ``--formant`` and so on to a command; see :func:`given_style`."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def sung_style_options(function: _Command) -> _Command:
    """Add them to a command that sings; see :func:`given_style`."""
    for option in reversed(
        (_key_option("the voice of --voice and the accompaniment"), *_OPTIONS[1:])
    ):
        function = option(function)
    return function


def live_style_options(function: _Command) -> _Command:
    """Add those style options that a stream can follow; see :func:`given_style`."""
    return _timbre_options(function, "your voice")


def speech_style_options(function: _Command) -> _Command:
    """Add those style options that suit speech; see :func:`given_style`."""
    return _timbre_options(function, "the speech")


def _timbre_options(function: _Command, what: str) -> _Command:
    for option in reversed((_key_option(what), *_OPTIONS[1:3], *_OPTIONS[5:])):
        function = option(function)
    return function


def given_style(options: Mapping[str, Any]) -> StyleOptions:
    """Return those options of :func:`style_options` that were given."""
    return cast("StyleOptions", {name: v for name, v in options.items() if v is not None})
