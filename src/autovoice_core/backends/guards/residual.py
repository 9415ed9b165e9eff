"""The residual of stems that were estimated independently, and its distribution over them."""

from __future__ import annotations

from typing import Literal, cast, get_args

from attrs import evolve

from autovoice_core._arguments import describe
from autovoice_core._arrays import as_array_api, to_device_of
from autovoice_core._errors import InputError
from autovoice_core._types import Audio, Stems

Residual = Literal["share", "accompaniment"]
"""``"share"`` gives half of it to each stem, ``"accompaniment"`` all to the accompaniment."""


def checked_residual(residual: str) -> Residual:
    """Return ``residual`` if it is a :data:`Residual`.

    Raises
    ------
    InputError
        It is not.
    """
    if not isinstance(residual, str) or residual not in get_args(Residual):
        raise InputError(
            f"residual: {describe(residual)} is not a known choice; give 'share' or 'accompaniment'"
        )
    return cast(Residual, residual)


def distribute_residual(mixture: Audio, estimates: Stems, residual: Residual) -> Stems:
    """Return stems that add up to ``mixture``, from estimates that may not.

    Of all stems that add up, ``"share"`` gives those nearest to the estimates: mixture
    consistency with equal weights (Wisdom et al., "Differentiable consistency constraints for
    improved deep speech enhancement", ICASSP 2019).
    """
    vocals = as_array_api(estimates.vocals.samples)
    whole, rest = (
        to_device_of(vocals, part.samples) for part in (mixture, estimates.accompaniment)
    )
    if residual == "share":
        vocals = vocals + 0.5 * (whole - vocals - rest)
    return Stems(
        evolve(estimates.vocals, samples=vocals),
        evolve(estimates.accompaniment, samples=whole - vocals),
    )
