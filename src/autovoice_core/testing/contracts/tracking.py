"""A pitch estimator as the contract sees it: what it is given, how its tracks are compared."""

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
from autovoice_core.testing.contracts import figures, singing
from autovoice_core.testing.contracts.base import Contract, Place
from autovoice_core.testing.contracts.lengths import FRAME

HOP = 0.01
Found = tuple[NDArray[Any], ...]


class Tracking(Contract):
    """How a pitch estimator is asked, and what it says is read."""

    operation: ClassVar[Operation] = "pitch"
    samples_a_value = FRAME

    def hear(self, subject: Any, audio: Audio) -> Found:
        """Return f0, voiced and confidence every 10 ms."""
        frames, rate = (audio.frames, audio.sample_rate) if isinstance(audio, Audio) else (0, 8000)
        return read(subject.estimate(audio, frame_centres(frames, rate, HOP)))

    def sound(self, seconds: float = 1.5, sample_rate: int = 16_000, seed: int = 0) -> Audio:
        """Return a voice singing."""
        return singing.sung(seconds, sample_rate, seed).audio

    def arrays(self, subject: Any, audio: Audio) -> dict[str, Any]:
        """Return the estimator's own arrays."""
        frames = subject.estimate(audio, frame_centres(audio.frames, audio.sample_rate, HOP))
        return {name: getattr(frames, name) for name in ("f0", "voiced", "confidence")}

    def through_core(self, place: Place, audio: Audio) -> tuple[Any, ...]:
        """Return ``made_by`` of a track."""
        need = self.need(place)
        return SingingPitchExtractor(backend=self.backend, need=need).extract(audio).made_by

    def stream(self, subject: Any, sample_rate: int) -> Any:
        """Return a new stream with a frame every 10 ms."""
        return subject.stream(sample_rate, hop=HOP)

    @staticmethod
    def said(outputs: Sequence[Any]) -> Found:
        """Return the frames of a stream, joined."""
        parts = [read(output) for output in outputs]
        return tuple(np.concatenate(column) for column in zip(*parts, strict=True))

    @staticmethod
    def due(frames: int, sample_rate: int, latency: float) -> int:
        """Return how many frames lie more than ``latency`` before the end."""
        past = frames - latency * sample_rate
        return len(frame_centres(int(past), sample_rate, HOP)) if past >= 0 else 0

    @staticmethod
    def differ(one: Found, other: Found) -> str | None:
        """Return how two tracks differ by more than 0.2 cents, or in voicing."""
        if len(one[0]) != len(other[0]):
            return f"{len(other[0])} frames and not {len(one[0])}"
        unlike = np.flatnonzero(one[1] != other[1])
        if unlike.size:
            return f"{unlike.size} frames differ in voicing, the first is frame {unlike[0]}"
        cents = np.abs(cents_of(other[0][one[1]], one[0][one[1]]))
        if cents.max(initial=0.0) > 0.2:
            return f"f0 differs by up to {cents.max():.2g} cents"
        unsure = np.abs(one[2] - other[2]).max(initial=0.0)
        return f"confidence differs by up to {unsure:.2g}" if unsure > 0.01 else None

    def strays(self, whole: Found, said: Found, sample_rate: int) -> str | None:
        """Return how a stream's track differs from the whole's in more than a tenth of it."""
        if len(whole[0]) != len(said[0]):
            return f"{len(said[0])} frames and not {len(whole[0])}"
        alike, near = agreement(whole, said, cents=30)
        if min(alike, near) < 0.9:
            return f"voicing agrees in {alike:.0%} of the frames, f0 in {near:.0%}"
        unsure = float(np.mean(np.abs(whole[2] - said[2])))
        if unsure > 0.2:
            return f"confidence is {unsure:.2f} off"
        late = lateness(whole[0], said[0])
        return f"it is {late} frames late" if late else None

    def hear_batch(self, subject: Any, clips: Sequence[Audio]) -> list[Found]:
        """Return the tracks of all ``clips``, every 10 ms."""
        centres = [frame_centres(clip.frames, clip.sample_rate, HOP) for clip in clips]
        return [read(frames) for frames in subject.estimate_batch(clips, centres)]

    def prepared(self, subject: Any, audio: Audio) -> Callable[[], Found]:
        """Return what hears ``audio`` when called."""
        centres = frame_centres(audio.frames, audio.sample_rate, HOP)
        return lambda: read(subject.estimate(audio, centres))

    @staticmethod
    def measured(subject: Any) -> dict[str, float]:
        """Return the figures of the pitch tiers, the mean over four singers."""
        return figures.pitch_figures(subject)


def read(frames: Any) -> Found:
    """Return f0, voicing and confidence on the host."""
    return as_numpy(frames.f0), as_numpy(frames.voiced), as_numpy(frames.confidence)


def cut(found: Found, where: NDArray[np.bool_]) -> Found:
    """Return the frames for which ``where`` is true."""
    return tuple(values[where] for values in found)


def cents_of(one: Any, other: Any) -> NDArray[np.float64]:
    """Return how far ``one`` lies above ``other``, frequencies over 0."""
    return np.asarray(1200 * np.log2(one / other))


def agreement(one: Found, other: Found, *, cents: float) -> tuple[float, float]:
    """Return in which part of the frames voicing is the same, and in which of both's f0 is."""
    both = one[1] & other[1]
    off = np.abs(cents_of(other[0][both], one[0][both]))
    return float(np.mean(one[1] == other[1])), float(np.mean(off < cents)) if off.size else 0.0


def lateness(one: NDArray[np.float64], other: NDArray[np.float64], most: int = 6) -> int:
    """Return by how many frames ``other`` follows ``one``; 0 where one frame more explains it."""
    errors = {}
    for late in range(-most, most + 1):
        early, shifted = one[most - late : len(one) - most - late], other[most : len(one) - most]
        both = (early > 0) & (shifted > 0)
        off = np.abs(cents_of(shifted[both], early[both]))
        errors[late] = float(np.mean(off)) if off.size else np.inf
    best = min(errors, key=lambda late: errors[late])
    return best if abs(best) > 1 and errors[best] < 0.5 * errors[0] else 0
