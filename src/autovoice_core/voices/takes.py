"""Takes: recordings with their pitch, cut into the stretches that hold the voice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from autovoice_core._arrays import as_numpy
from autovoice_core._types import Audio, PitchTrack, Progress
from autovoice_core.audio.mono import MonoMix
from autovoice_core.audio.source import Source
from autovoice_core.audio.windows import iter_windows

MAX_STRETCH_SECONDS = 30.0
"""Longest stretch; memory depends on it, not on the length of the recordings."""

_MARGIN_SECONDS = 0.3  # around voiced sound: consonants and breaths belong to a voice
_MIN_STRETCH_SECONDS = 0.05  # a stretch with less is noise that was mistaken for a voice
_GATE_POWER = 10 ** (-40 / 10)  # hum between phrases is voiced too, but is far quieter


@frozen(eq=False)
class Take:
    """A recording and its pitch; see :func:`gated_take`."""

    source: Source
    pitch: PitchTrack
    power: NDArray[np.float64] = field(factory=lambda: np.zeros(0))
    """``(frames,)``, the power around each frame of the pitch."""

    @property
    def voiced_seconds(self) -> float:
        """Voiced duration."""
        return float(self.pitch.voiced.sum()) * self.pitch.hop

    def stretches(self) -> Iterator[tuple[Audio, PitchTrack]]:
        """Yield each stretch that holds the voice, mixed to one channel, and its pitch."""
        rate, hop = self.source.sample_rate, self.pitch.hop
        near_voiced = _dilated(self.pitch.voiced, round(_MARGIN_SECONDS / hop))
        positions = np.rint(self.pitch.times * rate).astype(np.int64)
        core = round(MAX_STRETCH_SECONDS * rate)
        for window in iter_windows(MonoMix(self.source), core=core, context=0):
            first, end = np.searchsorted(positions, [window.core.start, window.core.stop])
            samples = window.audio.numpy()
            for begin, stop in _runs(near_voiced[first:end]):
                frames = slice(first + begin, first + stop)
                if self.pitch.voiced[frames].sum() * hop < _MIN_STRETCH_SECONDS:
                    continue
                start = positions[frames.start] - window.start
                cut = samples[:, start : start + round((stop - begin) * hop * rate)]
                yield Audio(cut, rate), _slice(self.pitch, frames)


def gated_take(source: Source, pitch: PitchTrack) -> Take:
    """Return a take whose pitch is unvoiced wherever ``source`` is far quieter than its voice."""
    power = frame_power(source, pitch)
    voiced = pitch.voiced.copy()
    if voiced.any():
        voiced &= power >= _GATE_POWER * np.percentile(power[voiced], 95)
    return Take(
        source,
        PitchTrack(
            np.where(voiced, pitch.f0, 0.0),
            voiced,
            pitch.confidence,
            pitch.hop,
            pitch.start,
            pitch.made_by,
        ),
        power,
    )


class VoicedStretches:
    """The stretches of all takes, for any number of iterations, each reporting its progress."""

    def __init__(self, takes: Sequence[Take], progress: Progress) -> None:
        self._takes = takes
        self._progress = progress

    def __iter__(self) -> Iterator[tuple[Audio, PitchTrack]]:
        total = sum(take.voiced_seconds for take in self._takes)
        done = 0.0
        for take in self._takes:
            for audio, pitch in take.stretches():
                yield audio, pitch
                done += float(pitch.voiced.sum()) * pitch.hop
                self._progress(min(done / total, 1.0))


def frame_power(source: Source, pitch: PitchTrack) -> NDArray[np.float64]:
    """Return the power of ``source`` around each frame, without its DC offset."""
    step = max(round(pitch.hop * source.sample_rate), 1)
    powers = []
    for block in MonoMix(source).blocks(step * 4096):
        mono = as_numpy(block)[0].astype(np.float64)
        missing = -len(mono) % step
        powers.append(np.pad(mono, (0, missing), "edge").reshape(-1, step).var(axis=1))
    power = np.concatenate(powers)
    # Frame i lies between step i - 1 and step i.
    around = np.maximum(np.append(power, power[-1]), np.append(power[0], power))
    at = np.rint(pitch.times * source.sample_rate / step).astype(np.int64)
    return np.take(around, at, mode="clip")


def _dilated(mask: NDArray[np.bool_], margin: int) -> NDArray[np.bool_]:
    """Return ``mask`` with everything within ``margin`` of a True value True."""
    counted = np.cumsum(np.pad(mask, (margin + 1, margin)), dtype=np.int64)
    return (counted[2 * margin + 1 :] - counted[: -2 * margin - 1]) > 0


def _runs(mask: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Yield the start and the end of each run of True values."""
    edges = np.flatnonzero(np.diff(np.pad(mask, 1).astype(np.int8)))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _slice(pitch: PitchTrack, frames: slice) -> PitchTrack:
    # One frame more than there are hops: the last one lies at the end of the last hop.
    frames = slice(frames.start, frames.stop + 1)
    return PitchTrack(
        pitch.f0[frames],
        pitch.voiced[frames],
        pitch.confidence[frames],
        pitch.hop,
        made_by=pitch.made_by,
    )
