"""Failures of songs: those that are none of the song's own, and those that all songs would meet."""

from __future__ import annotations

from autovoice_core._causes import causes
from autovoice_core._errors import (
    ArgumentError,
    AutoVoiceError,
    InputError,
    ModelError,
    SelectionError,
)

REFUSALS: tuple[type[AutoVoiceError], ...] = (ArgumentError, SelectionError, ModelError)
"""Errors of what was asked for, whatever the song."""


class PlaceError(InputError):
    """The place of a result can't be written, or is taken."""


_PASSING = (*REFUSALS, PlaceError, MemoryError, OSError)


def may_pass(error: BaseException) -> bool:
    """Return whether an error may be gone at the next try, as it is none of the song's own."""
    return any(isinstance(each, _PASSING) for each in causes(error))


def refusal_of(error: BaseException) -> str:
    """Return the name of the class in :data:`REFUSALS` that an error is of; or empty."""
    return next((kind.__name__ for kind in REFUSALS if isinstance(error, kind)), "")
