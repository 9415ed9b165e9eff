"""What applies a backend: it chooses one on first use, and opens it once."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

from autovoice_core._types import Audio
from autovoice_core.backends.chosen import Chosen
from autovoice_core.backends.offer import Need, Operation
from autovoice_core.backends.selection import select


class Engine:
    """Applies whichever backend serves its operation."""

    _operation: ClassVar[Operation]

    def __init__(self, *, backend: str | None = None, need: Need | None = None) -> None:
        self._backend, self._need = backend, need

    @cached_property
    def chosen(self) -> Chosen:
        """The backend that is used; selected on first use."""
        return select(self._operation, self._need, name=self._backend)

    @cached_property
    def _opened(self) -> Any:
        """The backend's implementation, under guard."""
        return self.chosen.open(**self._options())

    @property
    def brings(self) -> bool:
        """Whether the backend works on a device that it can bring sound to."""
        return self.chosen.device != "cpu" and bool(self._opened.brings)

    def bring(self, audio: Audio) -> Audio:
        """Return ``audio`` on the backend's device."""
        there: Audio = self._opened.bring(audio)
        return there

    def _options(self) -> dict[str, Any]:
        """Return what the backend's factory is told beyond device and dtype."""
        return {}
