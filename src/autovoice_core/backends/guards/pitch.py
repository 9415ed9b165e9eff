"""The guard of pitch estimators: f0, voicing and confidence of the promised form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core._arrays import Array, all_finite, as_numpy
from autovoice_core._errors import InputError
from autovoice_core._types import Audio, PitchFrames, as_sample_rate
from autovoice_core.backends.guards import inputs
from autovoice_core.backends.guards.handed import read_only
from autovoice_core.backends.guards.stream import GuardedStream
from autovoice_core.backends.guards.window import WindowGuard


@frozen
class GuardedPitchEstimator(WindowGuard):
    """A guarded :class:`~autovoice_core.protocols.PitchEstimator`."""

    _methods: ClassVar[tuple[str, ...]] = ("grid", "estimate")

    def estimate(self, audio: Audio, centres: NDArray[np.int64]) -> PitchFrames:
        """Return f0, voicing and confidence at ``centres``, positions in the one channel."""
        inputs.check_audio("audio", audio, mono=True)
        inputs.check_centres(centres, audio.frames)
        with self.calling("estimate"):
            frames = self.inner.estimate(self.as_backend_input(audio), read_only(centres))
            return self._checked(frames, "estimate()", len(centres))

    @property
    def takes_mixture(self) -> bool:
        """Whether the backend tracks separated vocals with the help of their mixture."""
        return callable(self.attribute("estimate_in_mixture"))

    def estimate_in_mixture(
        self, vocals: Audio, mixture: Audio, centres: NDArray[np.int64]
    ) -> PitchFrames:
        """Return f0, voicing and confidence of vocals separated from ``mixture``."""
        inputs.check_audio("vocals", vocals, mono=True)
        inputs.check_audio("mixture", mixture, mono=True)
        inputs.check_centres(centres, vocals.frames)
        if (mixture.frames, mixture.sample_rate) != (vocals.frames, vocals.sample_rate):
            raise InputError(
                f"mixture: {mixture.frames} samples at {mixture.sample_rate} Hz, not "
                f"{vocals.frames} at {vocals.sample_rate} Hz as the vocals; "
                "give the mixture that they were separated from"
            )
        with self.calling("estimate_in_mixture"):
            frames = self.inner.estimate_in_mixture(
                self.as_backend_input(vocals),
                self.as_backend_input(mixture),
                read_only(centres),
            )
            return self._checked(frames, "estimate_in_mixture()", len(centres))

    def estimate_batch(
        self, audios: Sequence[Audio], centres: Sequence[NDArray[np.int64]]
    ) -> list[PitchFrames]:
        """Return what :meth:`estimate` gives of each clip, in one call if the backend can."""
        inputs.check_clips(audios, centres)
        if len(audios) < 2 or not callable(self.attribute("estimate_batch")):
            return [self.estimate(*clip) for clip in zip(audios, centres, strict=True)]
        with self.calling("estimate_batch"):
            clips = self.inner.estimate_batch(
                [self.as_backend_input(audio) for audio in audios],
                [read_only(positions) for positions in centres],
            )
            if not isinstance(clips, list) or len(clips) != len(audios):
                raise self.violation(
                    f"estimate_batch() did not return a list of {len(audios)} PitchFrames"
                )
            return [
                self._checked(frames, f"estimate_batch()[{i}]", len(centres[i]))
                for i, frames in enumerate(clips)
            ]

    def stream(self, sample_rate: int, *, hop: float) -> GuardedStream:
        """Return a stream that is fed blocks of one channel and gives :class:`PitchFrames`.

        Frame ``i`` of the stream lies at ``i * hop`` seconds, the nearest sample; there is one
        for every such sample from 0 to the number fed.
        """
        sample_rate = as_sample_rate(sample_rate)
        stream = self.inner_stream(sample_rate, hop=hop)
        return GuardedStream(stream, self.provenance, self._checked, sample_rate)

    def _checked(self, frames: Any, what: str, count: int | None = None) -> PitchFrames:
        if not isinstance(frames, PitchFrames):
            raise self.violation(f"{what} returned {type(frames).__name__}, not PitchFrames")
        if count is None:
            count = len(as_numpy(frames.f0)) if isinstance(frames.f0, Array) else 0
        f0 = self.checked_track(frames.f0, "f0", np.float64, count)
        voiced = self.checked_track(frames.voiced, "voiced", np.bool_, count)
        confidence = self.checked_track(frames.confidence, "confidence", np.float32, count)
        if not all_finite(f0) or np.any(f0 < 0) or np.any((f0 > 0) != voiced):
            raise self.violation("f0 is not a frequency where voiced and 0 where unvoiced")
        if not np.all((confidence >= 0) & (confidence <= 1)):
            raise self.violation("confidence is outside 0 to 1")
        return frames
