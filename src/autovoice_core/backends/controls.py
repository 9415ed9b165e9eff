"""Controls: the optional keywords of converters, and the refusal of those that one lacks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import frozen

from autovoice_core._errors import ArgumentError
from autovoice_core._style import Style


@frozen
class Control:
    """A keyword that a converter may take.

    Attributes
    ----------
    neutral
        The value that changes nothing.
    option
        The attribute of :class:`~autovoice_core._style.Style` that callers set.
    refusal
        What a converter without it can't do, and what to do next.
    """

    neutral: Any
    option: str
    refusal: str


_DEFAULT = Style()

CONTROLS: Mapping[str, Control] = {
    "formant": Control(_DEFAULT.formant, "formant", "can't shift formants; leave it at 0"),
    "strength": Control(
        _DEFAULT.strength, "strength", "can't stop halfway to the target; leave it at 1"
    ),
    "melody": Control(None, "vibrato", "can't change the pitch within notes; leave it at 1"),
    "seed": Control(_DEFAULT.seed, "seed", "has no noise to seed; leave it at 0"),
}
"""Every control, in the order in which they are documented."""


def needed_controls(style: Style) -> list[str]:
    """Return the controls that a style needs of a converter."""
    return [
        name
        for name, control in CONTROLS.items()
        if getattr(style, control.option) != getattr(_DEFAULT, control.option)
    ]


def check_declared(names: Iterable[str], declared: frozenset[str], backend: str) -> None:
    """Refuse a control that a converter does not declare.

    Raises
    ------
    InputError
        One of ``names`` is not among ``declared``.
    """
    for name in names:
        if name not in declared:
            control = CONTROLS[name]
            raise ArgumentError(f"{control.option}: {backend} {control.refusal}")
