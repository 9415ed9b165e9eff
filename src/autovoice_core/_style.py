"""Style: the options of a conversion other than the voice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypedDict, cast

from attrs import Attribute, asdict, evolve, field, fields, frozen

from autovoice_core._arguments import describe, is_number, plain_number
from autovoice_core._errors import ArgumentError

Key = float | Literal["auto", "auto-semitone"]
"""Semitones, -24 to 24, or a choice of :func:`~autovoice_core.conversion.key.choose_key`."""

Breath = Literal["keep", "soften", "remove"]
"""Treatment of the singer's breaths."""

BREATHS: tuple[Breath, ...] = ("keep", "soften", "remove")
"""Every :data:`Breath`."""

MAX_KEY, MAX_FORMANT, MAX_VIBRATO, MAX_SEED = 24.0, 12.0, 2.0, 2**32 - 1
"""Limits of :class:`Style`."""


def _plain_whole(value: Any) -> Any:
    number = plain_number(value)
    return int(number) if isinstance(number, float) and number.is_integer() else number


def _valid_key(_: Style, attribute: Attribute[Key], value: Any) -> None:
    automatic = isinstance(value, str) and value in ("auto", "auto-semitone")
    if not automatic and not (is_number(value) and -MAX_KEY <= value <= MAX_KEY):
        raise ArgumentError(
            f"{attribute.name}: {describe(value)} is neither 'auto', 'auto-semitone' nor a number "
            f"of semitones from -{MAX_KEY:g} to {MAX_KEY:g}"
        )


def _between(low: float, high: float, unit: str, default: str) -> Any:
    def check(_: Style, attribute: Attribute[float], value: Any) -> None:
        if not is_number(value) or not low <= value <= high:
            span = f"from {low:g} to {high:g}"
            raise ArgumentError(
                f"{attribute.name}: {describe(value)} is not {unit} {span}; {default}"
            )

    return check


def _known_breath(_: Style, attribute: Attribute[Breath], value: Any) -> None:
    if not isinstance(value, str) or value not in BREATHS:
        raise ArgumentError(
            f"{attribute.name}: {describe(value)} is not one of {', '.join(BREATHS)}"
        )


def _whole(_: Style, attribute: Attribute[int], value: Any) -> None:
    if not isinstance(value, int) or not is_number(value) or not 0 <= value <= MAX_SEED:
        raise ArgumentError(
            f"{attribute.name}: {describe(value)} is not a whole number from 0 to {MAX_SEED}; "
            "0 is the default"
        )


@frozen
class Style:
    """Options of a conversion other than the voice; by default nothing is changed.

    Attributes
    ----------
    key
        Semitones to move by, -24 to 24; ``"auto"``: an octave up or down, or none, whichever
        brings the singer nearest to the voice; ``"auto-semitone"``: the nearest semitone within an
        octave.
    formant
        Semitones to shift the formants by, -12 to 12: below 0 the singer sounds larger.
    strength
        How far to go from the source's timbre, 0, to the target's, 1.
    breath
        ``"keep"``, ``"soften"`` (by 12 dB) or ``"remove"`` the singer's breaths.
    vibrato
        Factor of the vibrato's extent, 0 to 2: 0 sings straight, 1 keeps it.
    seed
        Chooses the noise of what is synthesised, 0 to 4294967295.

    Raises
    ------
    InputError
        A value is of the wrong type or out of range.
    """

    key: Key = field(default="auto", converter=plain_number, validator=_valid_key)
    formant: float = field(
        default=0.0,
        converter=plain_number,
        validator=_between(
            -MAX_FORMANT, MAX_FORMANT, "a number of semitones", "0 shifts no formant"
        ),
    )
    strength: float = field(
        default=1.0,
        converter=plain_number,
        validator=_between(0.0, 1.0, "a number", "1 sounds like the target"),
    )
    breath: Breath = field(default="keep", validator=_known_breath)
    vibrato: float = field(
        default=1.0,
        converter=plain_number,
        validator=_between(0.0, MAX_VIBRATO, "a factor", "1 keeps the vibrato"),
    )
    seed: int = field(default=0, converter=_plain_whole, validator=_whole)

    def __str__(self) -> str:
        """Return what is not the default, e.g. ``"formant -1, breath soften"``, or ``""``."""
        default = asdict(Style())
        return ", ".join(
            f"{name} {value if isinstance(value, str) else f'{value:g}'}"
            for name, value in asdict(self).items()
            if value != default[name]
        )


class StyleOptions(TypedDict, total=False):
    """The attributes of :class:`Style` as keyword arguments, each of which may be omitted.

    Those omitted are taken from the ``style`` of the :class:`~autovoice_core.VoiceProfile`.
    """

    key: Key
    formant: float
    strength: float
    breath: Breath
    vibrato: float
    seed: int


STYLE_NAMES = tuple(attribute.name for attribute in fields(Style))
"""Names of the options of a style."""


def with_options(style: Style, options: Mapping[str, Any]) -> Style:
    """Return ``style`` with those attributes that ``options`` name replaced.

    Raises
    ------
    InputError
        A value is of the wrong type or out of range.
    TypeError
        There is no such attribute, as for any unknown keyword.
    """
    for name in options:
        if name not in STYLE_NAMES:
            known = ", ".join(STYLE_NAMES)
            raise TypeError(f"{name}: is not an option of a style; those are {known}")
    return evolve(style, **cast("StyleOptions", options))


def as_options(style: Style) -> StyleOptions:
    """Return ``style`` as keyword arguments."""
    return cast("StyleOptions", asdict(style))
