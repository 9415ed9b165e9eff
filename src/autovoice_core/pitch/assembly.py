"""A pitch track that is assembled window by window."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core._arguments import as_whole_number, describe
from autovoice_core._arrays import as_numpy
from autovoice_core._errors import InputError
from autovoice_core._frames import frame_centres
from autovoice_core._provenance import Provenance
from autovoice_core._samples import as_array
from autovoice_core._threads import read_ahead
from autovoice_core._types import Audio, PitchFrames, PitchTrack, as_sample_rate
from autovoice_core.audio.reading import as_source
from autovoice_core.audio.source import Source
from autovoice_core.audio.windows import Window


@frozen(eq=False)
class PartialTrack:
    """A track that is partly filled, and the sample positions of its frames, ``(frames,)`` each."""

    centres: NDArray[np.int64]
    f0: NDArray[np.float64]
    voiced: NDArray[np.bool_]
    confidence: NDArray[np.float32]

    @classmethod
    def of(cls, frames: int, sample_rate: int, hop: Fraction) -> PartialTrack:
        """Return the empty track of a sound of ``frames`` samples."""
        centres = frame_centres(frames, sample_rate, hop)
        count = len(centres)
        return cls(centres, np.zeros(count), np.zeros(count, bool), np.zeros(count, np.float32))

    def centres_in(self, window: Window) -> NDArray[np.int64]:
        """Return the positions inside a window, relative to its start."""
        return self.centres[self._inside(window)] - window.start

    def fill(self, window: Window, frames: PitchFrames) -> None:
        """Fill in the frames at :meth:`centres_in` that lie in the window's core."""
        core, inside = window.core, self._inside(window)
        # The last window also takes the frame that may lie just behind the last sample.
        kept = self._between(core.start, core.stop + window.last)
        part = slice(kept.start - inside.start, kept.stop - inside.start)
        self.f0[kept] = as_numpy(frames.f0)[part]
        self.voiced[kept] = as_numpy(frames.voiced)[part]
        self.confidence[kept] = as_numpy(frames.confidence)[part]

    def finished(self, hop: Fraction, made_by: tuple[Provenance, ...]) -> PitchTrack:
        """Return the finished track."""
        return PitchTrack(self.f0, self.voiced, self.confidence, float(hop), made_by=made_by)

    def _inside(self, window: Window) -> slice:
        return self._between(window.start, window.start + window.audio.frames + 1)

    def _between(self, start: int, stop: int) -> slice:
        return slice(*np.searchsorted(self.centres, [start, stop]).tolist())


def sources_of_rows(samples: Any, sample_rate: int, lengths: Sequence[int] | None) -> list[Source]:
    """Return a source for each row of ``(batch, frames)``, of its own length if there are lengths.

    Raises
    ------
    InputError
        The shape is different, or there is not one length within the frames for each row.
    """
    rows, sample_rate = as_numpy(as_array("samples", samples)), as_sample_rate(sample_rate)
    if rows.ndim != 2:
        raise InputError(
            f"samples: the shape {rows.shape} is not (batch, frames); one voice is "
            "samples[numpy.newaxis, :]"
        )
    batch, frames = rows.shape
    counts = [frames] * batch if lengths is None else _whole_numbers(lengths)
    if len(counts) != batch or not all(0 <= count <= frames for count in counts):
        raise InputError(
            f"lengths: not {batch} numbers from 0 to {frames}; give one for each row of samples"
        )
    return [
        as_source(Audio(rows[i : i + 1, :count], sample_rate)) for i, count in enumerate(counts)
    ]


def _whole_numbers(lengths: Any) -> list[int]:
    try:
        return [
            as_whole_number("lengths", length, unit="samples", example="44100")
            for length in lengths
        ]
    except TypeError as error:
        raise InputError(f"lengths: {describe(lengths)} is not a list of numbers") from error


def group_windows(
    spans: Iterable[tuple[PartialTrack, Window]], frames: int
) -> Iterator[list[tuple[PartialTrack, Window]]]:
    """Yield windows in groups of at least ``frames`` samples, as few as that takes.

    The last group has the rest. Windows are read ahead where several threads are allowed.
    """
    group: list[tuple[PartialTrack, Window]] = []
    held = 0
    for track, window in read_ahead(spans):
        group.append((track, window))
        held += window.audio.frames
        if held >= frames:
            yield group
            group, held = [], 0
    if group:
        yield group
