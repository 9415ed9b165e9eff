"""Adapter by which the common tests call a pitch estimator and compare tracks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from autovoice_core._arrays import as_numpy
from autovoice_core._frames import frame_centres
from autovoice_core._types import Audio
from autovoice_core.backends.offer import Operation
from autovoice_core.pitch.extractor import SingingPitchExtractor
from autovoice_core.testing.contracts.common import signals
from autovoice_core.testing.contracts.common.contract import Contract, Place, Result
from autovoice_core.testing.contracts.common.lengths import SAMPLES_PER_FRAME
from autovoice_core.testing.contracts.common.tiers import Figures
from autovoice_core.testing.contracts.pitch import figures

HOP = 0.01


class PitchAdapter(Contract):
    """Calls of a pitch estimator, and comparisons of its tracks."""

    operation: ClassVar[Operation] = "pitch"
    samples_per_value = SAMPLES_PER_FRAME

    def run(self, subject: Any, audio: Audio) -> Result:
        """Return f0, voiced and confidence every 10 ms."""
        frames, rate = (audio.frames, audio.sample_rate) if isinstance(audio, Audio) else (0, 8000)
        return read(subject.estimate(audio, frame_centres(frames, rate, HOP)))

    def signal(self, seconds: float = 1.5, sample_rate: int = 16_000, seed: int = 0) -> Audio:
        """Return a voice singing."""
        return signals.singing(seconds, sample_rate, seed).audio

    def raw_arrays(self, subject: Any, audio: Audio) -> dict[str, Any]:
        """Return the estimator's own arrays."""
        frames = subject.estimate(audio, frame_centres(audio.frames, audio.sample_rate, HOP))
        return {name: getattr(frames, name) for name in ("f0", "voiced", "confidence")}

    def made_by_core(self, place: Place, audio: Audio) -> tuple[Any, ...]:
        """Return ``made_by`` of a track."""
        need = self.need(place)
        return SingingPitchExtractor(backend=self.backend, need=need).extract(audio).made_by

    def stream(self, subject: Any, sample_rate: int) -> Any:
        """Return a new stream with a frame every 10 ms."""
        return subject.stream(sample_rate, hop=HOP)

    @staticmethod
    def joined(outputs: Sequence[Any]) -> Result:
        """Return the frames of a stream, joined."""
        parts = [read(output) for output in outputs]
        return tuple(np.concatenate(column) for column in zip(*parts, strict=True))

    @staticmethod
    def values_due(frames: int, sample_rate: int, latency: float) -> int:
        """Return the number of frames that lie more than ``latency`` before the end."""
        past = frames - latency * sample_rate
        return len(frame_centres(int(past), sample_rate, HOP)) if past >= 0 else 0

    @staticmethod
    def difference(one: Result, other: Result) -> str | None:
        """Return how two tracks differ, in voicing or by more than 0.2 cents, or None."""
        if len(one[0]) != len(other[0]):
            return f"{len(other[0])} frames, not {len(one[0])}"
        unlike = np.flatnonzero(one[1] != other[1])
        if unlike.size:
            return f"{unlike.size} frames differ in voicing, the first is frame {unlike[0]}"
        cents = np.abs(cents_of(other[0][one[1]], one[0][one[1]]))
        if cents.max(initial=0.0) > 0.2:
            return f"f0 differs by up to {cents.max():.2g} cents"
        change = np.abs(one[2] - other[2]).max(initial=0.0)
        return f"confidence differs by up to {change:.2g}" if change > 0.01 else None

    def stream_difference(self, whole: Result, streamed: Result, sample_rate: int) -> str | None:
        """Return how a stream's track differs in more than a tenth of its frames, or None."""
        if len(whole[0]) != len(streamed[0]):
            return f"{len(streamed[0])} frames, not {len(whole[0])}"
        alike, near = agreement(whole, streamed, cents=30)
        if min(alike, near) < 0.9:
            return f"voicing agrees in {alike:.0%} of the frames, f0 in {near:.0%}"
        change = float(np.mean(np.abs(whole[2] - streamed[2])))
        if change > 0.2:
            return f"confidence is {change:.2f} off"
        late = frames_late(whole[0], streamed[0])
        if late:
            return f"it is {late} frames late"
        both = whole[1] & streamed[1]
        bias = float(np.median(cents_of(streamed[0][both], whole[0][both]))) if both.any() else 0.0
        return f"it is {bias:+.0f} cents off in the median" if abs(bias) > 8 else None

    def difference_at_end(self, whole: Result, ended: Result, sample_rate: int) -> str | None:
        """Return how the last frames of ``ended`` differ from the same ones of ``whole``."""
        near = slice(len(ended[0]) - 5, len(ended[0]))
        one, other = (tuple(values[near] for values in found) for found in (whole, ended))
        alike, close = agreement(one, other, cents=50)
        if alike < 0.7 or (close < 0.7 and (one[1] & other[1]).any()):
            return f"voicing agrees in {alike:.0%} of the frames, f0 in {close:.0%}"
        return None

    def run_batch(self, subject: Any, clips: Sequence[Audio]) -> list[Result]:
        """Return the tracks of all ``clips``, every 10 ms."""
        centres = [frame_centres(clip.frames, clip.sample_rate, HOP) for clip in clips]
        return [read(frames) for frames in subject.estimate_batch(clips, centres)]

    def prepared_run(self, subject: Any, audio: Audio) -> Callable[[], Result]:
        """Return a function that tracks ``audio``."""
        centres = frame_centres(audio.frames, audio.sample_rate, HOP)
        return lambda: read(subject.estimate(audio, centres))

    @staticmethod
    def quality_figures(subject: Any) -> Figures:
        """Return the figures of the pitch tiers."""
        return figures.pitch_figures(subject)


def read(frames: Any) -> Result:
    """Return f0, voicing and confidence on the host."""
    return as_numpy(frames.f0), as_numpy(frames.voiced), as_numpy(frames.confidence)


def cut(found: Result, where: NDArray[np.bool_]) -> Result:
    """Return the frames for which ``where`` is true."""
    return tuple(values[where] for values in found)


def cents_of(one: Any, other: Any) -> NDArray[np.float64]:
    """Return the interval from ``other`` up to ``one``, both in Hz and over 0, in cents."""
    return np.asarray(1200 * np.log2(one / other))


def agreement(one: Result, other: Result, *, cents: float) -> tuple[float, float]:
    """Return the parts of frames with equal voicing, and of those voiced in both with equal f0."""
    both = one[1] & other[1]
    off = np.abs(cents_of(other[0][both], one[0][both]))
    return float(np.mean(one[1] == other[1])), float(np.mean(off < cents)) if off.size else 0.0


def frames_late(one: NDArray[np.float64], other: NDArray[np.float64], limit: int = 6) -> int:
    """Return by how many frames ``other`` lags ``one``; 0 if no lag over a frame explains it."""
    errors = {}
    for late in range(-limit, limit + 1):
        early = one[limit - late : len(one) - limit - late]
        shifted = other[limit : len(one) - limit]
        both = (early > 0) & (shifted > 0)
        off = np.abs(cents_of(shifted[both], early[both]))
        errors[late] = float(np.mean(off)) if off.size else np.inf
    best = min(errors, key=lambda late: errors[late])
    return best if abs(best) > 1 and errors[best] < 0.5 * errors[0] else 0
