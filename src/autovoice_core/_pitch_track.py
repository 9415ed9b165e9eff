"""Pitch over time: what a backend finds at given positions, and the track made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import cmp_using, field, frozen
from numpy.typing import NDArray

from autovoice_core._arguments import PathLike, as_made_by, as_number
from autovoice_core._arrays import Array, as_numpy
from autovoice_core._errors import InputError
from autovoice_core._provenance import Provenance
from autovoice_core._samples import as_array

if TYPE_CHECKING:
    from autovoice_core.pitch.notes import Note


@frozen(eq=False, repr=False)
class PitchFrames:
    """What a pitch estimator returns for the sample positions that it is given.

    Attributes
    ----------
    f0
        ``(positions,)`` float64, Hz; 0 where unvoiced.
    voiced
        ``(positions,)`` bool.
    confidence
        ``(positions,)`` float32, 0 to 1.
    """

    f0: Array
    voiced: Array
    confidence: Array

    def __repr__(self) -> str:
        return f"PitchFrames({len(as_numpy(self.f0))} positions)"


def _as_values(name: str, value: Any) -> NDArray[Any]:
    """Return one number per frame, on the host."""
    array = as_numpy(as_array(name, value))
    if array.ndim != 1 or array.dtype.kind not in "biuf":
        raise InputError(
            f"{name}: {array.dtype} of shape {array.shape} is not one number per frame; "
            "give an array of shape (frames,)"
        )
    return array


def _as_f0(value: Any) -> NDArray[np.float64]:
    return _as_values("f0", value).astype(np.float64, copy=False)


def _as_voiced(value: Any) -> NDArray[np.bool_]:
    array = _as_values("voiced", value)
    if array.dtype != np.bool_ and not np.isin(array, (0, 1)).all():
        raise InputError(f"voiced: {array.dtype} is not true or false per frame; give booleans")
    return array.astype(np.bool_, copy=False)


def _as_confidence(value: Any) -> NDArray[np.float32]:
    return _as_values("confidence", value).astype(np.float32, copy=False)


def _as_hop(value: Any) -> float:
    hop = as_number("hop", value, unit="seconds", example="0.01")
    if not hop > 0:
        raise InputError(f"hop: {hop} s is not a positive number of seconds")
    return hop


def _as_start(value: Any) -> float:
    return as_number("start", value, unit="seconds", example="0.0")


_BY_VALUE = cmp_using(eq=np.array_equal)


@frozen(repr=False)
class PitchTrack:
    """The fundamental frequency of a voice over time.

    Frame ``i`` describes the sound around ``start + i * hop`` seconds. Tracks are equal if all
    their values are.

    Attributes
    ----------
    f0
        ``(frames,)`` float64, Hz; 0 where unvoiced, whatever was given there, as librosa's NaN.
    voiced
        ``(frames,)`` bool.
    confidence
        ``(frames,)`` float32, 0 to 1.
    hop, start
        Seconds from frame to frame, and the time of the first frame.
    made_by
        The operations that made it, in order.

    Raises
    ------
    InputError
        A value is of another form, or the arrays differ in length.
    """

    f0: NDArray[np.float64] = field(converter=_as_f0, eq=_BY_VALUE, hash=False)
    voiced: NDArray[np.bool_] = field(converter=_as_voiced, eq=_BY_VALUE, hash=False)
    confidence: NDArray[np.float32] = field(converter=_as_confidence, eq=_BY_VALUE, hash=False)
    hop: float = field(converter=_as_hop)
    start: float = field(default=0.0, converter=_as_start)
    made_by: tuple[Provenance, ...] = field(default=(), converter=as_made_by)

    def __attrs_post_init__(self) -> None:
        if not self.f0.shape == self.voiced.shape == self.confidence.shape:
            raise InputError(
                f"f0, voiced and confidence differ in shape: {self.f0.shape}, "
                f"{self.voiced.shape}, {self.confidence.shape}; give one value per frame of each"
            )
        if np.any(self.f0[~self.voiced] != 0):
            object.__setattr__(self, "f0", np.where(self.voiced, self.f0, 0.0))

    def __len__(self) -> int:
        return int(self.f0.shape[0])

    def __repr__(self) -> str:
        f0 = self.f0[self.voiced]
        span = f"{f0.min():.1f} to {f0.max():.1f} Hz" if f0.size else "no pitch"
        share = f"{self.voiced.mean():.0%} voiced, " if f0.size else ""
        return f"PitchTrack({len(self)} frames, hop {self.hop:g} s, {share}{span})"

    def _repr_html_(self) -> str:
        """Return a picture of f0, for notebooks."""
        from autovoice_core.pitch.picture import picture

        return picture(self)

    @property
    def times(self) -> NDArray[np.float64]:
        """``(frames,)`` seconds, the time of each frame."""
        return self.start + self.hop * np.arange(len(self), dtype=np.float64)

    def notes(self) -> list[Note]:
        """Return the notes of the track, in order; see :func:`autovoice_core.pitch.notes.notes`."""
        from autovoice_core.pitch.notes import notes

        return notes(self)

    def save(self, path: PathLike, *, overwrite: bool = True) -> None:
        """Write the track to ``path`` in the format that its suffix names.

        ``.csv`` is a table, ``.json`` an object, ``.npz`` NumPy's arrays, ``.mid`` notes with
        pitch bends (the extra ``midi``), ``.png``, ``.svg`` or ``.pdf`` a picture (``plot``).
        A file that exists is replaced, or refused with ``overwrite`` False.

        Raises
        ------
        InputError
            The suffix is another, the file can't be written, or an extra is not installed.
        """
        from autovoice_core.pitch.files import save

        save(self, path, overwrite=overwrite)

    def plot(self, ax: Any = None) -> Any:
        """Draw f0 as a line with gaps where unvoiced, on a log axis of notes and Hz.

        Parameters
        ----------
        ax
            The matplotlib ``Axes`` to draw on; by default those of a new figure of pyplot, which
            a notebook shows.

        Returns
        -------
        matplotlib.axes.Axes
            Those that were drawn on.

        Raises
        ------
        InputError
            ``ax`` is something else, or matplotlib (the extra ``plot``) is not installed.
        """
        from autovoice_core.pitch.plot import draw

        return draw(self, ax)
