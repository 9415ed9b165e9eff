"""Adapter by which the common tests call a converter and compare results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, ClassVar

import numpy as np
import pytest
from attrs import evolve

from autovoice_core._frames import frame_centres
from autovoice_core._types import Audio, PitchTrack
from autovoice_core.backends.offer import Operation
from autovoice_core.conversion.converter import SingingVoiceConverter
from autovoice_core.synthetic import truth
from autovoice_core.synthetic.singers import Singer
from autovoice_core.testing.contracts.common import measures, signals
from autovoice_core.testing.contracts.common.contract import Contract, Place, Result
from autovoice_core.testing.contracts.common.heard import heard_difference
from autovoice_core.testing.contracts.common.lengths import (
    SAMPLE_RATE,
    SAMPLES_PER_FRAME,
    repeated,
)
from autovoice_core.testing.contracts.common.tiers import Figures
from autovoice_core.testing.contracts.conversion import figures


class ConversionAdapter(Contract):
    """Calls of a converter, and comparisons of its results."""

    operation: ClassVar[Operation] = "conversion"

    def subject(self, place: Place) -> Any:
        """Return the guarded converter, if it learns voices."""
        subject = super().subject(place)
        require_learning(subject.inner)
        return subject

    def run(self, subject: Any, audio: Audio) -> Result:
        """Return a sound converted to the alto's voice in one window."""
        frames, rate = (audio.frames, audio.sample_rate) if isinstance(audio, Audio) else (0, 8000)
        return self.convert(subject, audio, pitch_of(frames, rate))

    def convert(
        self, subject: Any, audio: Audio, pitch: PitchTrack, *, key: float = 0.0, **controls: Any
    ) -> Result:
        """Return ``audio`` converted to the alto's voice."""
        voice = alto_voice(subject)
        conversion = subject.begin(voice, pitch, sample_rate_of(audio), key=key, **controls)
        conversion.observe(audio, 0)
        return (conversion.render(audio, 0).numpy(),)

    def signal(self, seconds: float = 1.5, sample_rate: int = 16_000, seed: int = 0) -> Audio:
        """Return a voice singing; its pitch is that of seed 0 whatever the seed."""
        return signals.singing(seconds, sample_rate, seed).audio

    def raw_arrays(self, subject: Any, audio: Audio) -> dict[str, Any]:
        """Return the converter's own array."""
        pitch = pitch_of(audio.frames, audio.sample_rate)
        conversion = subject.begin(alto_voice(subject), pitch, audio.sample_rate, key=0.0)
        conversion.observe(audio, 0)
        return {"the converted window": conversion.render(audio, 0).samples}

    def made_by_core(self, place: Place, audio: Audio) -> tuple[Any, ...]:
        """Return ``made_by`` of a converted sound."""
        converter = SingingVoiceConverter(backend=self.backend, need=self.need(place))
        voice = alto_voice(self.subject(place))
        pitch = pitch_of(audio.frames, audio.sample_rate)
        return converter.convert(audio, voice, pitch=pitch).made_by

    def stream(self, subject: Any, sample_rate: int, key: float = 0.0) -> Any:
        """Return a new stream that converts to the alto's voice."""
        return subject.stream(sample_rate, voice=alto_voice(subject), key=key)

    @staticmethod
    def joined(outputs: Sequence[Any]) -> Result:
        """Return the sound of a stream, joined."""
        return (np.concatenate([output.numpy() for output in outputs], axis=1),)

    @staticmethod
    def difference(one: Result, other: Result) -> str | None:
        """Return how sounds differ by more than -80 dB of full scale, or None."""
        (a,), (b,) = one, other
        if a.shape != b.shape:
            return f"the shape is {b.shape}, not {a.shape}"
        error = np.abs(a - b).max(initial=0.0)
        return f"by {20 * np.log10(error):.0f} dB of full scale" if error > 1e-4 else None

    def stream_signal(self, seconds: float, sample_rate: int, seed: int) -> Audio:
        """Return a voice that is softer in the second of two channels."""
        samples = self.signal(seconds, sample_rate, seed).numpy()
        return Audio(np.concatenate([samples, samples / 5]), sample_rate)

    def stream_difference(self, whole: Result, streamed: Result, sample_rate: int) -> str | None:
        """Return how a stream's result differs from the whole-file one in length, level or time."""
        (a,), (b,) = whole, streamed
        if a.shape != b.shape:
            return f"the shape is {b.shape}, not {a.shape}"
        for number, (one, other) in enumerate(zip(a, b, strict=True)):
            level = measures.level_difference(one, other)
            if abs(level) > 6:
                return f"the level of channel {number} differs by {level:+.1f} dB"
        late = measures.envelope_lag(a[0], b[0], sample_rate)
        return f"it is {1000 * late:.0f} ms late" if abs(late) > 0.01 else None

    def repeat_difference(self, early: Result, late: Result) -> str | None:
        """Return how the result for a repeat sounds unlike that for its first time, or None.

        The units selected may depend on those selected before, and so may the phase.
        """
        return heard_difference(early[0], late[0], SAMPLE_RATE)

    def distant_difference(self, one: Result, other: Result) -> str | None:
        """Return how a result differs from that with another sound beyond the context, or None.

        What was observed of the whole song may change which units are selected.
        """
        level = measures.level_difference(one[0], other[0])
        if abs(level) > 1:
            return f"its level differs by {level:+.1f} dB"
        ratio = measures.sdr(one[0], other[0])
        return f"the SDR of the two is only {ratio:.0f} dB" if ratio < 8 else None

    @staticmethod
    def quality_figures(subject: Any) -> Figures:
        """Return the figures of the conversion tiers."""
        return figures.conversion_figures(subject)

    def prepared_run(self, subject: Any, audio: Audio) -> Callable[[], Result]:
        """Return a function that converts ``audio``."""
        pitch = pitch_of(audio.frames, audio.sample_rate)
        conversion = subject.begin(alto_voice(subject), pitch, audio.sample_rate, key=0.0)

        def run() -> Result:
            conversion.observe(audio, 0)
            return (conversion.render(audio, 0).numpy(),)

        return run

    def run_repeated(self, subject: Any, clip: Audio, frames: int) -> Result:
        """Return the result for ``clip`` and its pitch, repeated to a length of ``frames``."""
        once = pitch_of(clip.frames, clip.sample_rate)
        index = np.arange(frames // SAMPLES_PER_FRAME + 1) % (clip.frames // SAMPLES_PER_FRAME)
        pitch = PitchTrack(once.f0[index], once.voiced[index], once.confidence[index], once.hop)
        return self.convert(subject, repeated(clip, frames), pitch)


def require_learning(inner: Any) -> None:
    """Skip what needs a voice, where a converter learns none."""
    if getattr(inner, "learns", True) is False:
        pytest.skip("sings in voices that were trained elsewhere, and learns none of the suite's")


@cache
def _learnt_voice(inner: Any, singer: Singer) -> Any:
    require_learning(inner)
    return signals.learn_voice(inner, singer=singer)


def voice_of(subject: Any, singer: Singer) -> Any:
    """Return a singer's profile, learnt once by each implementation."""
    learnt = _learnt_voice(getattr(subject, "inner", subject), singer)
    # What guards an implementation may give its features a longer name.
    return evolve(learnt, feature_id=subject.feature_id)


def alto_voice(subject: Any) -> Any:
    """Return the alto's profile."""
    return voice_of(subject, truth.ALTO)


def sample_rate_of(audio: Any) -> int:
    """Return the sample rate of ``audio``, even if it is not an :class:`Audio`."""
    return audio.sample_rate if isinstance(audio, Audio) else 8000


@cache
def pitch_of(frames: int, sample_rate: int) -> PitchTrack:
    """Return the pitch of the singer with seed 0, for ``frames`` samples."""
    true = signals.singing(4.0, 16_000, 0).pitch
    index = np.arange(len(frame_centres(frames, sample_rate, 0.01))) % len(true)
    return PitchTrack(true.f0[index], true.voiced[index], true.confidence[index], 0.01)
