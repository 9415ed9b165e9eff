"""The base class of the engines: a backend, selected on first use and opened once."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cached_property
from typing import Any, ClassVar

from autovoice_core._arguments import as_text
from autovoice_core._types import Audio
from autovoice_core.backends.choice.chosen import Chosen
from autovoice_core.backends.choice.given_settings import of_argument
from autovoice_core.backends.choice.selection import select
from autovoice_core.backends.need import Need, as_need
from autovoice_core.backends.offer import Operation
from autovoice_core.backends.settings import Value

_NOT_COPIED = ("_opened", "_by_choice")
"""Attributes that a copy of an engine makes anew: the backends it has opened."""

_kept: ContextVar[dict[Hashable, Any] | None] = ContextVar("autovoice_kept_open", default=None)


@contextmanager
def backends_kept_open() -> Iterator[None]:
    """Let engines that choose the same backend share one, opened once, inside a ``with`` block.

    For song after song: an engine of its own for each opens a backend anew, which loads networks
    and kernels. What is kept takes memory until the end of the block.
    """
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


class Engine:
    """Applies the backend that is selected for its operation.

    It can be pickled and copied: the copy has the same backend selected, and opens it for itself.
    """

    _operation: ClassVar[Operation]

    def __init__(
        self,
        *,
        backend: str | None = None,
        need: Need | None = None,
        settings: Mapping[str, Value] | None = None,
    ) -> None:
        if backend is not None:
            as_text("backend", backend, example="cpu/nccf")
        of_argument(settings)  # refused here rather than on first use
        self._backend, self._need, self._settings = backend, as_need(need), settings

    def __repr__(self) -> str:
        backend = repr(self._backend) if self._backend else str(self._need)
        return f"{type(self).__name__}({backend})"

    @cached_property
    def chosen(self) -> Chosen:
        """The backend that is used; selected on first use."""
        return self._select(self._need)

    def _select(self, need: Need) -> Chosen:
        """Return the backend that meets ``need``, by the engine's name and settings."""
        return select(self._operation, need, name=self._backend, settings=self._settings)

    @cached_property
    def _opened(self) -> Any:
        """The backend's implementation, guarded."""
        kept, options = _kept.get(), self._options()
        if kept is None:
            return self.chosen.open(**options)
        key = repr((self.chosen.provenance, sorted(options.items())))
        if key not in kept:
            kept[key] = self.chosen.open(**options)
        return kept[key]

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name not in _NOT_COPIED}

    @property
    def can_bring(self) -> bool:
        """Whether the backend works on a device other than the CPU and can bring audio there."""
        return self.chosen.device != "cpu" and bool(self._opened.can_bring)

    def bring(self, audio: Audio) -> Audio:
        """Return ``audio`` on the backend's device."""
        moved: Audio = self._opened.bring(audio)
        return moved

    def _options(self) -> dict[str, Any]:
        """Return the options of the backend's factory other than device and dtype."""
        return {}
