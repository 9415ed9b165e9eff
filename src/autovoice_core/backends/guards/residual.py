"""What is left over where a separator estimates its stems apart from each other."""

from __future__ import annotations

from typing import Literal, cast, get_args

from attrs import evolve

from autovoice_core._arrays import beside, workable
from autovoice_core._errors import InputError
from autovoice_core._types import Audio, Stems

Residual = Literal["share", "accompaniment"]
"""Who gets it: each stem half, or the accompaniment all of it."""


def checked_residual(residual: str) -> Residual:
    """Return ``residual`` if it is one of the ways.

    Raises
    ------
    InputError
        It is another.
    """
    if residual not in get_args(Residual):
        raise InputError(
            f"residual: {residual!r} is no way to deal it out; give 'share' or 'accompaniment'"
        )
    return cast(Residual, residual)


def dealt_out(mixture: Audio, estimates: Stems, residual: Residual) -> Stems:
    """Return stems that add up to ``mixture``, from estimates that need not.

    Halves make the stems that are nearest to the estimates among all that add up: mixture
    consistency with equal weights (Wisdom et al., "Differentiable consistency constraints for
    improved deep speech enhancement", ICASSP 2019).
    """
    vocals = workable(estimates.vocals.samples)
    whole, rest = (beside(vocals, part.samples) for part in (mixture, estimates.accompaniment))
    if residual == "share":
        vocals = vocals + 0.5 * (whole - vocals - rest)
    return Stems(
        evolve(estimates.vocals, samples=vocals),
        evolve(estimates.accompaniment, samples=whole - vocals),
    )
