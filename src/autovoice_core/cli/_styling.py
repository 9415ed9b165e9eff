"""The options that say how a line is sung, the same for songs and as defaults of a voice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

import click

from autovoice_core._style import (
    BREATHS,
    MOST_FORMANT,
    MOST_SEED,
    MOST_VIBRATO,
    StyleOptions,
)

MOST_KEY = 24.0


class _Key(click.ParamType[float | str]):
    name = "auto|SEMITONES"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float | str:
        if value == "auto":
            return "auto"
        try:
            semitones = float(str(value))
        except ValueError:
            self.fail(f"{value!r} is neither 'auto' nor a number of semitones", param, ctx)
        if not -MOST_KEY <= semitones <= MOST_KEY:
            self.fail(f"{value} semitones are outside -{MOST_KEY:g} to {MOST_KEY:g}", param, ctx)
        return semitones


_Command = TypeVar("_Command", bound=Callable[..., Any])
_OPTIONS = (
    click.option(
        "--key",
        type=_Key(),
        help="Semitones to move the song by; auto moves the voice by octaves into its range.",
    ),
    click.option(
        "--formant",
        type=click.FloatRange(-MOST_FORMANT, MOST_FORMANT),
        metavar="SEMITONES",
        help="Move the resonances; below 0 the singer sounds larger.",
    ),
    click.option(
        "--strength",
        type=click.FloatRange(0, 1),
        metavar="0..1",
        help="How far to go from the source's timbre to the voice's.",
    ),
    click.option("--breath", type=click.Choice(BREATHS), help="What becomes of breaths."),
    click.option(
        "--vibrato",
        type=click.FloatRange(0, MOST_VIBRATO),
        metavar="0..2",
        help="Factor of the vibrato's extent; 0 sings straight.",
    ),
    click.option(
        "--seed", type=click.IntRange(0, MOST_SEED), metavar="N", help="Choose another noise."
    ),
)


def style_options(function: _Command) -> _Command:
    """Add ``--key``, ``--formant`` and so on to a command; see :func:`given`."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def given(options: Mapping[str, Any]) -> StyleOptions:
    """Return those options of :func:`style_options` that were given."""
    chosen = {name: value for name, value in options.items() if value is not None}
    return cast("StyleOptions", chosen)
