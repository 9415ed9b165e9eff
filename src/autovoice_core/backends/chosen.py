"""The outcome of a selection: one backend, and why not the others."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from attrs import frozen

from autovoice_core._errors import AutoVoiceError, BackendError, InputError
from autovoice_core.backends.catalogue import Entry, Fault
from autovoice_core.backends.offer import Operation, Reason
from autovoice_core.backends.probing import resolve
from autovoice_core.backends.wording import described, nearest

if TYPE_CHECKING:
    from autovoice_core._provenance import Provenance


_OURS = {"device", "dtype"}
"""What every factory is told by the selection, not by the caller of ``open``."""


@frozen
class Considered:
    """An offer that was looked at for a device, and why it was not chosen.

    ``reasons`` is empty for one that fits and was not weighed against others.
    """

    entry: Entry
    device: str
    reasons: tuple[Reason, ...]


@frozen
class Chosen:
    """The backend that serves a need.

    Attributes
    ----------
    operation, backend, distribution, device, dtype
        What it will do, its full name, the package and version that offer it, where and in
        which precision it will run.
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
    considered: tuple[Considered, ...] = ()
    faults: tuple[Fault, ...] = ()

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
        from autovoice_core._provenance import Provenance

        return Provenance(self.operation, self.backend, self.distribution, self.device, self.dtype)

    def explain(self) -> str:
        """Return the choice and every reason as lines of text."""
        lines = [str(self.provenance), f"  {self.backend} {self.because}"]
        lines += [f"  {clause}" for clause in clauses(self.considered)]
        lines += [f"  {fault}" for fault in self.faults]
        return "\n".join(lines)

    def open(self, **options: Any) -> Any:
        """Load the implementation and return it under guard.

        Parameters
        ----------
        options
            What the backend's factory takes beyond device and dtype.

        Raises
        ------
        InputError
            An option is unknown or its value won't do.
        BackendError
            The implementation could not be loaded.
        """
        from autovoice_core.backends.guards.guard import guard

        provenance = self.provenance
        try:
            factory = resolve(self.entry.offer.load)
            _check_options(factory, options, self.backend)
            implementation = factory(device=self.device, dtype=self.dtype, **options)
        except AutoVoiceError:
            raise
        except Exception as error:
            raise BackendError(
                f"{self.backend} ({self.distribution}) could not be opened on {self.device}: "
                f"{described(error)}; choose another backend or reinstall this one",
                provenance,
            ) from error
        return guard(implementation, provenance, self.entry.offer.latency)


def _check_options(factory: Any, options: dict[str, Any], backend: str) -> None:
    parameters = inspect.signature(factory).parameters.values()
    open_ended = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters)
    known = [
        parameter.name
        for parameter in parameters
        if parameter.kind in {parameter.KEYWORD_ONLY, parameter.POSITIONAL_OR_KEYWORD}
        and parameter.name not in _OURS
    ]
    for name in options:
        if name in _OURS or (name not in known and not open_ended):
            takes = f"takes {', '.join(known)}" if known else "takes none"
            raise InputError(
                f"{name}: {backend} has no such option{nearest(name, known)}; it {takes}"
            )


def clauses(considered: Iterable[Considered]) -> list[str]:
    """Return one clause per offer, with each of its reasons once."""
    grouped: dict[Entry, dict[str, None]] = {}
    for item in considered:
        grouped.setdefault(item.entry, {}).update((str(reason), None) for reason in item.reasons)
    return [
        f"{entry.name} ({entry.distribution}) {', '.join(reasons)}"
        for entry, reasons in grouped.items()
    ]
