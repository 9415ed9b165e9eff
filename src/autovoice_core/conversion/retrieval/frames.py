"""Operations on arrays whose rows are frames, in any array library, and the times of frames."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from array_api_compat import array_namespace, device, is_array_api_obj
from numpy.typing import NDArray

from autovoice_core._arrays import as_numpy
from autovoice_core._frames import frame_positions

FRAME_RATE = 100
"""Frames per second of everything that is measured of a voice."""

SMOOTH_30_MS, SMOOTH_50_MS = (1.0, 2.0, 1.0), (1.0, 2.0, 3.0, 2.0, 1.0)
"""Weights for :func:`smoothed`."""

MOVEMENT_REACH = 8
"""Frames on either side over which rows are averaged before their movement is measured."""

Track = NDArray[np.float64]
"""One number per frame, or per sample, on the host."""


def sample_positions(numbers: NDArray[np.int64], sample_rate: int) -> NDArray[np.int64]:
    """Return the sample positions in a song of frames by their numbers, rounded half up."""
    return frame_positions(numbers, Fraction(sample_rate, FRAME_RATE))


def asarray_like(like: Any, values: Any) -> Any:
    """Return host ``values`` as an array of the library, device and dtype of ``like``."""
    xp = array_namespace(like)
    return xp.asarray(np.asarray(values), dtype=like.dtype, device=device(like))


def indices_like(like: Any, values: Any) -> Any:
    """Return ``values``, on the host or the device of ``like``, as indices on that device."""
    if is_array_api_obj(values) and not isinstance(values, np.ndarray):
        return values
    xp = array_namespace(like)
    return xp.asarray(np.asarray(values, np.int64), device=device(like))


def take_rows(table: Any, indices: Any) -> Any:
    """Return rows of ``table`` by their indices, which lie on the host or on its device."""
    return array_namespace(table).take(table, indices_like(table, indices), axis=0)


def cut_frames(samples: Any, starts: Any, size: int) -> Any:
    """Cut frames out of ``(channels, n)``, zeros outside: ``(channels, frames, size)``."""
    xp = array_namespace(samples)
    channels, count = samples.shape
    before = max(0, -int(np.min(starts)))
    after = max(0, int(np.max(starts)) + size - count)
    on = device(samples)
    padded = xp.concat(
        [
            xp.zeros((channels, before), dtype=samples.dtype, device=on),
            samples,
            xp.zeros((channels, after), dtype=samples.dtype, device=on),
        ],
        axis=1,
    )
    first = indices_like(samples, np.asarray(starts, np.int64) + before)
    index = first[:, None] + xp.arange(size, dtype=xp.int64, device=on)[None, :]
    flat = xp.take(padded, xp.reshape(index, (-1,)), axis=1)
    return xp.reshape(flat, (channels, index.shape[0], size))


def interpolated(table: Any, positions: Any) -> Any:
    """Interpolate all rows of ``table`` linearly at the same host positions.

    Shape: ``(rows, points)``, ``(wanted,)`` -> ``(rows, wanted)``. Beyond an end, its value.
    """
    xp = array_namespace(table)
    positions = np.clip(positions, 0.0, table.shape[1] - 1.0)
    low = np.minimum(positions.astype(np.int64), table.shape[1] - 2)
    left = xp.take(table, indices_like(table, low), axis=1)
    right = xp.take(table, indices_like(table, low + 1), axis=1)
    return left + asarray_like(table, positions - low) * (right - left)


def interpolated_per_row(table: Any, positions: Any) -> Any:
    """Interpolate every row of ``table`` linearly at positions of its own, on its device.

    Shape: ``(rows, points)``, ``(rows, wanted)`` -> ``(rows, wanted)``. Beyond an end, its value.
    """
    xp = array_namespace(table)
    positions = xp.clip(positions, 0.0, table.shape[1] - 1.0)
    low = xp.astype(xp.clip(xp.floor(positions), 0.0, table.shape[1] - 2.0), xp.int64)
    left = xp.take_along_axis(table, low, axis=1)
    right = xp.take_along_axis(table, low + 1, axis=1)
    return left + (positions - xp.astype(low, positions.dtype)) * (right - left)


def per_sample(tracks: Any, count: int, sample_rate: int) -> Any:
    """Interpolate tracks of frames linearly to ``count`` samples, the first on frame 0.

    Shape: ``(..., frames)`` -> ``(..., count)``, on their device. Beyond the end, its value.
    """
    xp, on = array_namespace(tracks), device(tracks)
    last = tracks.shape[-1] - 1
    position = xp.arange(count, dtype=xp.float64, device=on) * (FRAME_RATE / sample_rate)
    position = xp.clip(position, 0.0, float(last))
    low = xp.astype(xp.clip(position, 0.0, float(max(last - 1, 0))), xp.int64)
    left = xp.take(tracks, low, axis=-1)
    right = xp.take(tracks, xp.clip(low + 1, 0, last), axis=-1)
    return (right - left) * (position - xp.astype(low, xp.float64)) + left


def hann(reach: int) -> tuple[float, ...]:
    """Return the weights of a Hann window over ``reach`` frames on either side."""
    offset = np.arange(-reach, reach + 1) / (reach + 1)
    return tuple((0.5 + 0.5 * np.cos(np.pi * offset)).tolist())


def smoothed(table: Any, weights: tuple[float, ...]) -> Any:
    """Average every row with its neighbours; at the ends the outermost row repeats."""
    xp = array_namespace(table)
    reach = len(weights) // 2
    count, total = table.shape[0], sum(weights)
    padded = xp.concat([table[:1]] * reach + [table] + [table[-1:]] * reach, axis=0)
    result = padded[:count] * (weights[0] / total)
    for offset, weight in enumerate(weights[1:], start=1):
        if not weight:
            continue
        result = result + padded[offset : offset + count] * (weight / total)
    return result


def smoothed_where(table: Any, active: NDArray[np.bool_], weights: tuple[float, ...]) -> Any:
    """Average every row with those of its neighbours that are ``active``."""
    xp = array_namespace(table)
    present = asarray_like(table, active)[:, None]
    count = xp.clip(smoothed(present, weights), 1e-6, None)
    return smoothed(present * table, weights) / count


def partly_smoothed(
    table: Any, share: Any, active: NDArray[np.bool_], weights: tuple[float, ...]
) -> Any:
    """Average rows with their active neighbours as far as ``share`` ``(rows, 1)`` says."""
    return table + share * (smoothed_where(table, active, weights) - table)


def movement(table: Any, weights: tuple[float, ...]) -> Track:
    """Return how far each row lies from the one before, on the host.

    Rows are averaged first, since from frame to frame a held note scatters too.
    """
    averaged = smoothed(table, weights)
    steady = as_numpy(averaged)
    steps = np.diff(steady, axis=0, prepend=steady[:1])
    distance: Track = np.sqrt(np.sum(np.square(steps, dtype=np.float64), axis=1))
    return distance


def dilate(flags: NDArray[np.bool_], reach: int) -> NDArray[np.bool_]:
    """Return where a flag is set within ``reach`` frames on either side."""
    wide = np.convolve(flags.astype(np.int64), np.ones(2 * reach + 1, np.int64))
    result: NDArray[np.bool_] = wide[reach : reach + flags.size] > 0
    return result


def successors(active: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which active frames follow an active one."""
    following: NDArray[np.bool_] = active & np.append(False, active[:-1])
    return following


def runs(follows: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the first and the last frame of the run that each frame belongs to.

    ``follows[i]`` says that frame ``i`` is the successor of frame ``i - 1``.
    """
    count = follows.size
    index = np.arange(count)
    first = np.maximum.accumulate(np.where(follows, 0, index))
    ends = np.append(~follows[1:], True) if count else np.zeros(0, bool)
    last = np.minimum.accumulate(np.where(ends, index, count)[::-1])[::-1]
    return first, last


def in_context(
    rows: Any, follows: NDArray[np.bool_], offsets: tuple[int, ...], weights: tuple[float, ...]
) -> Any:
    """Join every row with those at ``offsets`` from it, times ``weights``, within its run.

    Shape: ``(frames, n)`` -> ``(frames, n times the offsets)``.
    """
    xp = array_namespace(rows)
    first, last = runs(follows)
    index = np.arange(follows.size)
    parts = [
        weight * take_rows(rows, np.clip(index + offset, first, last))
        for offset, weight in zip(offsets, weights, strict=True)
    ]
    return xp.concat(parts, axis=1)


class RecentRows:
    """The last ``capacity`` rows of a table that grows without end, by their numbers."""

    def __init__(self, capacity: int) -> None:
        self._capacity, self._first = capacity, 0
        self._rows: Any = None

    def extend(self, rows: Any) -> None:
        """Add rows and drop what is too old."""
        if self._rows is not None:
            rows = array_namespace(rows).concat([self._rows, rows], axis=0)
        surplus = max(0, rows.shape[0] - self._capacity)
        self._rows, self._first = rows[surplus:, ...], self._first + surplus

    def between(self, first: int, stop: int) -> Any:
        """Return the rows from ``first`` up to ``stop``, without those before row 0."""
        return self._rows[max(first, 0) - self._first : stop - self._first, ...]

    def all(self) -> Any:
        """Return the rows that are kept, or None if there was none."""
        return self._rows
