"""Spectral subtraction of steady noise before pitch is tracked (Boll 1979), exact on every machine.

The noise of a band is the least that its energy falls to nearby (Martin 2001). Nothing is
subtracted unless half of the bands are near that least at the same time for part of the time, as
they are in hiss or hum of a room, and are not in other voices or instruments.

Spectra are products of matrices of whole numbers, which a float64 holds exactly in whatever order
they are added up. So every library finds the same ones.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core.pitch.nccf.loudness import running_max
from autovoice_core.pitch.nccf.parameters import ENERGY_BLOCK, LOW_PASS_HZ

FRAME = 2 * ENERGY_BLOCK
"""Samples of a frame of the spectrum; frames overlap by half."""
FRAMES_AT_A_TIME = 2048
"""Frames of each row whose spectra are held at a time."""
BANDS_PER_OCTAVE = 6
"""Bands in which noise is measured; at low frequencies each is a bin."""
FIRST_BAND_BINS = 2
"""Bins of the first band, in which pink noise alone would be a tone now and then."""
TABLE_BITS = 12
"""Bits of the sines by which spectra are made."""
SPECTRUM_SHIFT = 21
"""Bits by which a spectrum is shortened, so that sums of its squares fit 63 bits."""
SHARE_STEPS = 64
"""Steps between nothing and all of a band."""

NOISE_SECONDS = 0.75
"""Seconds to either side in which the least energy is looked for."""
NOISE_FRAMES = 8
"""Frames to either side whose energies are averaged before the least is looked for."""
BAND_FRAMES = 1
"""Frames to either side whose energies are averaged to say how loud a band is."""
NEAR_LEAST = 1.8
"""Multiple of the least energy up to which a band is near it."""
MIN_STEADY_PART = 8
"""Half of the bands are near their least for at least one frame in so many, if noise is steady."""
MIN_RANGE, MAX_RANGE = 1.6, 512.0
"""Energy of the loudest within twice as long over that of the noise, between which noise is
subtracted: if nothing is louder, there is no voice; if noise is weaker, it does not matter."""
NOISE_GAIN = 2.5
"""Multiple of the least energy that is subtracted: the least is less than the mean."""
MAX_SHARE = 0.88
"""The most that is subtracted of a band; a held note is as steady as noise, and must be left."""


@frozen(eq=False)
class SpectrumTables:
    """Tables by which spectra are made and turned back.

    Attributes
    ----------
    analysis, synthesis
        ``(FRAME, columns)`` and ``(columns, FRAME)`` float64, whole numbers: cosine and sine of
        each bin under the window.
    edges
        ``(bands + 1,)`` int64, the column at which each band begins, and where the last ends.
    band_of_column
        ``(columns,)`` int64.
    reach
        Frames to either side in which the least energy is looked for.
    """

    analysis: NDArray[np.float64]
    synthesis: NDArray[np.float64]
    edges: NDArray[np.int64]
    band_of_column: NDArray[np.int64]
    reach: int

    @classmethod
    @lru_cache(maxsize=32)
    def at(cls, rate: float) -> SpectrumTables:
        """Return the tables for an analysis rate in Hz."""
        last = min(round(1.1 * LOW_PASS_HZ / rate * FRAME), FRAME // 2 - 1)
        edges = [1, 1 + FIRST_BAND_BINS]
        while edges[-1] <= last:
            edges.append(max(edges[-1] + 1, round(edges[-1] * 2 ** (1 / BANDS_PER_OCTAVE))))
        edges[-1] = last + 1
        time = np.arange(FRAME) + 0.5
        angle = 2 * np.pi / FRAME * time[:, None] * np.arange(1, last + 1)
        window = np.sin(np.pi / FRAME * time)[:, None, None]
        waves = window * np.stack([np.cos(angle), np.sin(angle)], axis=2)
        analysis = np.rint(waves.reshape(FRAME, -1) * (1 << TABLE_BITS))
        columns = 2 * (np.array(edges) - 1)
        return cls(
            analysis,
            np.ascontiguousarray(analysis.T),
            columns,
            np.repeat(np.arange(len(edges) - 1), np.diff(columns)),
            round(NOISE_SECONDS * rate / ENERGY_BLOCK),
        )


def subtract_noise(xp: Any, signal: Any, inside: Any, rate: float, *, may_wait: bool) -> Any:
    """Return the signal less its steady noise; the silence around clips may be silent no more.

    Parameters
    ----------
    xp
        Array library.
    signal
        ``(rows, n)`` int32 at the analysis rate, ``n`` a multiple of
        :data:`~autovoice_core.pitch.nccf.parameters.ENERGY_BLOCK`; clips that share a row lie
        :func:`noise_reach` apart.
    inside
        ``(rows, n / ENERGY_BLOCK)`` bool: the blocks that lie within a clip.
    rate
        The analysis rate, Hz.
    may_wait
        Whether to wait for the device, and do no more where there is no noise.
    """
    tables, count = SpectrumTables.at(rate), signal.shape[1] // ENERGY_BLOCK
    edge = xp.zeros_like(signal[:, :ENERGY_BLOCK])
    padded = xp.concat([edge, signal, edge], axis=1)
    spans = [(a, min(a + FRAMES_AT_A_TIME, count)) for a in range(0, count, FRAMES_AT_A_TIME)]
    energies = [band_energies(xp, _spectra(xp, padded, *span, tables), tables) for span in spans]
    # The last frame of a span is the first of the next one.
    energies = [*(part[:, :-1, :] for part in energies[:-1]), energies[-1]]
    share = noise_share(xp, xp.concat(energies, axis=1), inside, tables.reach)
    if may_wait and not bool(xp.any(share > 0.0)):
        return signal
    column_share = xp.take(share, xp.asarray(tables.band_of_column), axis=2)
    noise = [
        _sound(xp, _spectra(xp, padded, a, b, tables) * column_share[:, a : b + 1, :], tables)
        for a, b in spans
    ]
    return signal - xp.reshape(xp.concat(noise, axis=1), signal.shape)


def noise_reach(rate: float) -> int:
    """Return the samples to either side on which the noise of a frame depends."""
    return (2 * SpectrumTables.at(rate).reach + NOISE_FRAMES + 2) * ENERGY_BLOCK


def mostly_noise(xp: Any, before: Any, after: Any) -> Any:
    """Return which blocks lost more than half of their energy, by their int64 energies."""
    return xp.astype(2 * after < before, xp.int32)


def band_energies(xp: Any, spectra: Any, tables: SpectrumTables) -> Any:
    """Return the energies of each band: ``(rows, frames, bands)`` int64."""
    whole = xp.astype(spectra, xp.int64)
    sums = xp.cumulative_sum(whole * whole, axis=2)
    sums = xp.concat([xp.zeros_like(sums[:, :, :1]), sums], axis=2)
    at_edges = xp.take(sums, xp.asarray(tables.edges), axis=2)
    return at_edges[:, :, 1:] - at_edges[:, :, :-1]


def noise_share(xp: Any, energies: Any, inside: Any, reach: int) -> Any:
    """Return the share of noise in each band, in whole steps of 1 / :data:`SHARE_STEPS`.

    Shape: ``(rows, frames, bands)`` int64, ``(rows, frames - 1)`` bool -> float64. A frame is two
    blocks; the noise is the least energy of the frames inside within ``reach``.
    """
    energies, inside = xp.permute_dims(energies, (1, 0, 2)), xp.permute_dims(inside, (1, 0))
    edge = xp.zeros_like(inside[:1, :])
    both = xp.concat([edge, inside]) & xp.concat([inside, edge])
    counted = xp.astype(both, xp.int64)[:, :, None]
    count = _sum_around(xp, counted, NOISE_FRAMES)
    around = _sum_around(xp, energies * counted, NOISE_FRAMES)
    # The least of positive values is the inverse of the greatest inverse.
    inverse = counted * _ratio(xp, count, around)
    greatest = running_max(xp, inverse, reach, reach)
    least = xp.where(greatest > 0.0, 1.0 / xp.where(greatest > 0.0, greatest, 1.0), 0.0)
    loudness = _sum_around(xp, energies, BAND_FRAMES)
    share = NOISE_GAIN * (2 * BAND_FRAMES + 1) * _ratio(xp, least, loudness)
    share = xp.floor(SHARE_STEPS * xp.clip(share, 0.0, MAX_SHARE))

    near_least = _count(xp, inverse * NEAR_LEAST > greatest)
    quiet = counted * xp.astype(2 * near_least > energies.shape[2], xp.int64)
    steady = MIN_STEADY_PART * _sum_around(xp, quiet, reach) >= _sum_around(xp, counted, reach)
    total = xp.sum(around, axis=2, keepdims=True)
    loudest = running_max(xp, counted * _ratio(xp, total, count), 2 * reach, 2 * reach)
    above = loudest * running_max(xp, counted * _ratio(xp, count, total), reach, reach)
    matters = steady & (above > MIN_RANGE) & (above < MAX_RANGE)
    return xp.permute_dims(xp.where(matters, share, 0.0), (1, 0, 2))


def _spectra(xp: Any, padded: Any, first: int, last: int, tables: SpectrumTables) -> Any:
    """Return the spectra of the frames from ``first`` to ``last``, whole float64."""
    samples = padded[:, first * ENERGY_BLOCK : (last + 2) * ENERGY_BLOCK]
    blocks = xp.reshape(samples, (samples.shape[0], -1, ENERGY_BLOCK))
    frames = xp.astype(xp.concat([blocks[:, :-1, :], blocks[:, 1:, :]], axis=2), xp.float64)
    return xp.floor(xp.matmul(frames, xp.asarray(tables.analysis)) * 2.0**-SPECTRUM_SHIFT)


def _sound(xp: Any, spectra: Any, tables: SpectrumTables) -> Any:
    """Return the int32 blocks between the centres of frames whose spectra are given."""
    halves = xp.matmul(spectra, xp.asarray(tables.synthesis))
    blocks = halves[:, :-1, ENERGY_BLOCK:] + halves[:, 1:, :ENERGY_BLOCK]
    # The transform and its inverse multiply by FRAME / 2.
    scale = 2.0 ** (SPECTRUM_SHIFT - 2 * TABLE_BITS) / (FRAME // 2 * SHARE_STEPS)
    return xp.astype(xp.round(blocks * scale), xp.int32)


def _ratio(xp: Any, one: Any, other: Any) -> Any:
    """Return ``one / other`` in float64, where ``other`` counts as at least 1."""
    other = xp.astype(xp.maximum(other, xp.ones_like(other)), xp.float64)
    return xp.astype(one, xp.float64) / other


def _count(xp: Any, true: Any) -> Any:
    """Return how many values along the last axis are true, int64, keeping the axis."""
    return xp.sum(xp.astype(true, xp.int64), axis=2, keepdims=True)


def _sum_around(xp: Any, values: Any, reach: int) -> Any:
    """Return the sums of values from ``reach`` earlier to ``reach`` later, along the first axis."""
    edge = xp.zeros((reach, *values.shape[1:]), dtype=values.dtype)
    wide = xp.concat([xp.zeros_like(values[:1, ...]), edge, values, edge])
    sums = xp.cumulative_sum(wide, axis=0)
    return sums[2 * reach + 1 :, ...] - sums[: -2 * reach - 1, ...]
