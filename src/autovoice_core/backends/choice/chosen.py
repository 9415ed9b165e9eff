"""Choices: the backend that was selected, and the text that explains it and not the others."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

from attrs import frozen

from autovoice_core._errors import AutoVoiceError, BackendError, InputError
from autovoice_core._provenance import Provenance
from autovoice_core.backends.choice.ranking import Candidate
from autovoice_core.backends.containment import contained, ends_the_program, known_interrupts
from autovoice_core.backends.offer import Operation
from autovoice_core.backends.plugins.entry import Entry, Fault
from autovoice_core.backends.plugins.probe import resolve
from autovoice_core.backends.settings import as_values
from autovoice_core.backends.wording import describe_error, did_you_mean

_RESERVED_OPTIONS = {"device", "dtype", "settings"}
"""Options of every factory that the selection sets, not the caller of ``open``."""


@frozen(repr=False)
class Chosen:
    """The backend that serves a need.

    Attributes
    ----------
    operation, backend, distribution, device, dtype
        The operation, its full name, the package and version that offer it, and the device and
        precision it will run in.
    settings
        An object of the class of settings that the offer declares, None if it has none.
    because
        Why it was chosen, as the end of a sentence that begins with its name.
    considered
        The offers that were not chosen, with the reasons.
    faults
        The plugins that were left out of the catalogue.
    """

    operation: Operation
    device: str
    dtype: str
    entry: Entry
    because: str
    considered: tuple[Candidate, ...] = ()
    faults: tuple[Fault, ...] = ()
    settings: Any = None

    def __repr__(self) -> str:
        return f"Chosen({self.backend!r} for {self.operation} on {self.device}, {self.dtype})"

    @property
    def backend(self) -> str:
        """Full name of the offer, e.g. ``"cpu/nccf"``."""
        return self.entry.name

    @property
    def distribution(self) -> str:
        """Package and version that offer it, e.g. ``"autovoice-cpu 0.1.0"``."""
        return self.entry.distribution

    @property
    def provenance(self) -> Provenance:
        """What results are stamped with."""
        return Provenance(
            self.operation,
            self.backend,
            self.distribution,
            self.device,
            self.dtype,
            as_values(self.settings),
        )

    def explain(self) -> str:
        """Return the choice and every reason as lines of text."""
        lines = [str(self.provenance), f"  {self.backend} {self.because}"]
        lines += [f"  {clause}" for clause in reason_clauses(self.considered)]
        lines += [f"  {fault}" for fault in self.faults]
        return "\n".join(lines)

    def open(self, **options: Any) -> Any:
        """Return the implementation, loaded and guarded.

        Parameters
        ----------
        options
            Those of the backend's factory other than device, dtype and settings.

        Raises
        ------
        InputError
            An option is unknown or its value is refused.
        BackendError
            The implementation could not be loaded.
        """
        from autovoice_core.backends.guards import guard  # imports NumPy, as selecting must not

        provenance = self.provenance
        import logging  # which choosing does without

        logger = logging.getLogger(__name__)
        logger.info("%s; it %s", provenance, self.because)
        if logger.isEnabledFor(logging.DEBUG):
            for clause in reason_clauses(self.considered):
                logger.debug("  %s", clause)
        given = {"device": self.device, "dtype": self.dtype}
        given |= {} if self.settings is None else {"settings": self.settings}
        who = f"{self.backend} ({self.distribution})"
        try:
            with known_interrupts(), contained(who, "while it was opened"):
                factory = resolve(self.entry.offer.load)
                names, open_ended = _parameters(factory)
                _check_options(names, open_ended, options, self.backend)
                if missing := [name for name in given if name not in names and not open_ended]:
                    why = "which every factory has"
                    if missing == ["settings"]:
                        why = "though its offer declares settings"
                    raise BackendError(
                        f"{who} could not be opened on {self.device}: its factory has no parameter "
                        f"{' and '.join(missing)}, {why}; choose another backend or update this "
                        "one",
                        provenance,
                    )
                implementation = factory(**given, **options)
        except AutoVoiceError:
            raise
        except BaseException as error:
            # SystemExit and KeyboardInterrupt too: the user can end the program, a backend can't.
            if ends_the_program(error):
                raise
            raise BackendError(
                f"{who} could not be opened on {self.device}: "
                f"{describe_error(error)}; choose another backend or reinstall this one",
                provenance,
            ) from error
        return guard(implementation, provenance, self.entry.offer.latency)


def _parameters(factory: Any) -> tuple[list[str], bool]:
    """Return the parameters that can be given by name, and whether all names are taken."""
    parameters = inspect.signature(factory).parameters.values()
    by_name = {inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD}
    names = [parameter.name for parameter in parameters if parameter.kind in by_name]
    return names, any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters)


def _check_options(
    names: list[str], open_ended: bool, options: dict[str, Any], backend: str
) -> None:
    known = [name for name in names if name not in _RESERVED_OPTIONS]
    for name in options:
        if name in _RESERVED_OPTIONS or (name not in known and not open_ended):
            takes = f"takes {', '.join(known)}" if known else "takes none"
            raise InputError(
                f"{name}: {backend} has no such option{did_you_mean(name, known)}; it {takes}"
            )


def reason_clauses(considered: Iterable[Candidate]) -> list[str]:
    """Return one clause per offer, with each of its reasons once."""
    grouped: dict[Entry, dict[str, None]] = {}
    for item in considered:
        grouped.setdefault(item.entry, {}).update((str(reason), None) for reason in item.reasons)
    return [
        f"{entry.name} ({entry.distribution}) {', '.join(reasons)}"
        for entry, reasons in grouped.items()
    ]
