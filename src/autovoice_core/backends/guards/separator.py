"""The guard of separators: stems that add up to the mixture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from attrs import evolve, frozen

from autovoice_core._arrays import as_array_api, to_device_of
from autovoice_core._provenance import Provenance
from autovoice_core._types import Audio, Stems, as_sample_rate
from autovoice_core.backends.guards import inputs
from autovoice_core.backends.guards.inputs import peak
from autovoice_core.backends.guards.residual import Residual, distribute_residual
from autovoice_core.backends.guards.stream import GuardedStream
from autovoice_core.backends.guards.window import WindowGuard

SUM_TOLERANCE = 1e-4
"""Largest difference of the stems' sum from the mixture, as a fraction of full scale."""


@frozen
class GuardedSeparator(WindowGuard):
    """A guarded :class:`~autovoice_core.protocols.Separator`."""

    _methods: ClassVar[tuple[str, ...]] = ("grid", "separate")

    def separate(self, mixture: Audio, *, residual: Residual = "share") -> Stems:
        """Return stems of the mixture's shape and rate that add up to it.

        ``residual`` says which stem gets the residual of a separator whose stems need not add up.
        """
        inputs.check_audio("mixture", mixture)
        with self.calling("separate"):
            stems = self.inner.separate(self.as_backend_input(mixture))
            return self._checked(stems, "separate()", mixture, residual)

    def separate_batch(
        self, mixtures: Sequence[Audio], *, residual: Residual = "share"
    ) -> list[Stems]:
        """Return what :meth:`separate` gives of each, in one call if the backend can."""
        inputs.check_mixtures(mixtures)
        if len(mixtures) < 2 or not callable(self.attribute("separate_batch")):
            return [self.separate(mixture, residual=residual) for mixture in mixtures]
        with self.calling("separate_batch"):
            batch = self.inner.separate_batch(
                [self.as_backend_input(mixture) for mixture in mixtures]
            )
            if not isinstance(batch, list) or len(batch) != len(mixtures):
                raise self.violation(
                    f"separate_batch() did not return a list of {len(mixtures)} Stems"
                )
            return [
                self._checked(stems, f"separate_batch()[{i}]", mixtures[i], residual)
                for i, stems in enumerate(batch)
            ]

    def _checked(self, stems: Any, what: str, mixture: Audio, residual: Residual) -> Stems:
        checked = self._checked_pair(stems, what, mixture, mixture.made_by)
        if self.attribute("independent_stems", False) is True:
            return distribute_residual(mixture, checked, residual)
        vocals = as_array_api(checked.vocals.samples)
        whole, rest = (
            to_device_of(vocals, part.samples) for part in (mixture, checked.accompaniment)
        )
        with np.errstate(over="ignore"):
            error = peak(whole - vocals - rest)
        if error > SUM_TOLERANCE * max(1.0, peak(whole)):
            raise self.violation(
                f"the sum of vocals and accompaniment differs from the mixture by {error:.2g}"
            )
        return checked

    def stream(self, sample_rate: int) -> GuardedStream:
        """Return a stream that is fed blocks of a mixture and gives :class:`Stems`."""
        sample_rate = as_sample_rate(sample_rate)
        stream = self.inner_stream(sample_rate)
        return GuardedStream(stream, self.provenance, self._checked_block, sample_rate)

    def _checked_block(self, stems: Any, what: str) -> Stems:
        return self._checked_pair(stems, what, None, ())

    def _checked_pair(
        self, stems: Any, what: str, mixture: Audio | None, before: tuple[Provenance, ...]
    ) -> Stems:
        if not isinstance(stems, Stems):
            raise self.violation(f"{what} returned {type(stems).__name__}, not Stems")
        like = mixture
        if like is None:
            like = stems.vocals if isinstance(stems.vocals, Audio) else stems.accompaniment
        vocals = self.checked_audio(stems.vocals, "vocals", like)
        accompaniment = self.checked_audio(stems.accompaniment, "accompaniment", like)
        made_by = (*before, self.provenance)
        return Stems(evolve(vocals, made_by=made_by), evolve(accompaniment, made_by=made_by))
