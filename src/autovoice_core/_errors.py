"""The exceptions and warnings of AutoVoice.

AutoVoiceError
+-- PluginError            a backend package is broken
|   +-- LoadFault          it raised while it was imported or called
|   +-- ApiMismatch        it is written for another version of the plugin API
|   +-- BadOffer           what it offers is not a valid offer
+-- SelectionError         (LookupError) no backend was chosen
|   +-- UnknownBackend     the backend named is not among the offers
|   +-- NoBackend          no offer meets the need
+-- InputError             (ValueError) what the caller gave can't be used
|   +-- ArgumentError      its message begins with the name of the argument
+-- ContractViolation      a backend returned what it promised not to
|   +-- DeviceMismatch     it returned an array on another device
+-- BackendError           (RuntimeError) an operation failed inside a backend
+-- StorageError           a voice profile is missing, taken, damaged or from a newer version
+-- ModelError             a network's weights are unknown, missing, damaged or can't be fetched

UserWarning
+-- AutoVoiceWarning
    +-- PluginWarning      a backend package was left out, or changed the process
    +-- FallbackWarning    a later device of the caller's list is used, with the reasons
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autovoice_core._provenance import Provenance


class AutoVoiceError(Exception):
    """Base class of all exceptions that this library raises on purpose."""


class PluginError(AutoVoiceError):
    """A backend package is broken; raised only under ``AUTOVOICE_STRICT=1``."""


class LoadFault(PluginError):
    """A backend package raised while it was imported or called."""


class ApiMismatch(PluginError):
    """A backend package is written for another version of the plugin API."""


class BadOffer(PluginError):
    """What a backend package offers is not a valid offer."""


class SelectionError(AutoVoiceError, LookupError):
    """No backend was chosen."""


class UnknownBackend(SelectionError):
    """The backend named is not among the offers."""


class NoBackend(SelectionError):
    """No offer meets the need; lists every offer with every reason.

    Attributes
    ----------
    summary
        One sentence: what is needed, the first reason, and where the others are told.
    need
        The :class:`~autovoice_core.Need`.
    considered
        Every offer on each device with the :class:`~autovoice_core.Reason` why not, as
        ``Chosen.considered`` holds them: each has ``entry``, ``device`` and ``reasons``.
    faults
        The plugins that were left out, as :class:`~autovoice_core.backends.Fault`.
    """

    def __init__(
        self,
        message: str,
        summary: str = "",
        *,
        need: Any = None,
        considered: tuple[Any, ...] = (),
        faults: tuple[Any, ...] = (),
    ) -> None:
        super().__init__(message)
        self.summary = summary or message
        self.need = need
        self.considered = considered
        self.faults = faults


class InputError(AutoVoiceError, ValueError):
    """What the caller gave can't be used; names the file or argument and the remedy."""


class ArgumentError(InputError):
    """An argument can't be used; begins with its name, ``"key: "``, or several, ``"fmin, fmax: "``.

    So the command line can name options instead, and never takes a file called ``key`` for one.
    """


class ContractViolation(AutoVoiceError):
    """A backend returned what it promised not to: a fault of the backend, not of the caller."""


class DeviceMismatch(ContractViolation):
    """A backend returned an array on another device than the one it was opened for."""


class BackendError(AutoVoiceError, RuntimeError):
    """An operation failed inside a backend; the cause is chained.

    ``provenance`` names the operation, backend, distribution, device and dtype.
    """

    def __init__(self, message: str, provenance: Provenance | None = None) -> None:
        super().__init__(message)
        self.provenance = provenance


class StorageError(AutoVoiceError):
    """A voice profile is missing, taken, damaged or from a newer version."""


class ModelError(AutoVoiceError):
    """A network's weights are unknown, missing, damaged or can't be fetched."""


class AutoVoiceWarning(UserWarning):
    """Base class of all warnings of this library."""


class PluginWarning(AutoVoiceWarning):
    """A backend package was left out, made for a newer core, or changed the process; names it."""


class FallbackWarning(AutoVoiceWarning):
    """A later device of the caller's list is used; gives the reasons."""
