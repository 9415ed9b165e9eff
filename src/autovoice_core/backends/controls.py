"""What a converter can be asked for beyond voice and key, and refusing what it can't do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import frozen

from autovoice_core._errors import InputError
from autovoice_core._style import Style
from autovoice_core.backends.guards import inputs


@frozen
class Control:
    """A keyword that a converter may take.

    Attributes
    ----------
    neutral
        The value that asks for nothing.
    option
        What callers know it by: an attribute of :class:`~autovoice_core._style.Style`.
    refusal
        What a converter can't do that does not take it, and what to do next.
    """

    neutral: Any
    option: str
    refusal: str


_USUAL = Style()

CONTROLS: Mapping[str, Control] = {
    "formant": Control(_USUAL.formant, "formant", "can't move resonances; leave it at 0"),
    "strength": Control(
        _USUAL.strength, "strength", "can't stop halfway to the target; leave it at 1"
    ),
    "melody": Control(
        None, "vibrato", "sings no pitch but the singer's own; leave it at 1, which keeps it"
    ),
    "seed": Control(_USUAL.seed, "seed", "has no noise that could be chosen; leave it at 0"),
}
"""Every control, in the order in which they are documented."""


def needed(style: Style) -> list[str]:
    """Return which controls a style takes, beyond what core does itself."""
    return [
        name
        for name, control in CONTROLS.items()
        if getattr(style, control.option) != getattr(_USUAL, control.option)
    ]


def require(names: Iterable[str], declared: frozenset[str], backend: str) -> None:
    """Refuse a control that a converter does not take.

    Raises
    ------
    InputError
        One of ``names`` is not among ``declared``.
    """
    for name in names:
        if name not in declared:
            control = CONTROLS[name]
            raise InputError(f"{control.option}: {backend} {control.refusal}")


def honoured(asked: Mapping[str, Any], declared: frozenset[str], backend: str) -> dict[str, Any]:
    """Return what to tell a converter that takes ``declared``: all that is asked and not neutral.

    Raises
    ------
    InputError
        A value is out of range, or asks for what the converter does not do.
    """
    Style(**{name: value for name, value in asked.items() if name != "melody"})
    if asked.get("melody") is not None:
        inputs.check_pitch("melody", asked["melody"])
    wanted = {name: value for name, value in asked.items() if value != CONTROLS[name].neutral}
    require(wanted, declared, backend)
    return wanted
