"""A converter as the contract sees it: what it is given, how its results are compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from autovoice_core._frames import frame_centres
from autovoice_core._types import Audio, PitchTrack
from autovoice_core.backends.offer import Operation
from autovoice_core.conversion.converter import SingingVoiceConverter
from autovoice_core.testing.contracts import figures, measuring, singing
from autovoice_core.testing.contracts.base import Contract, Place
from autovoice_core.testing.contracts.lengths import FRAME, again

Found = tuple[NDArray[Any], ...]


class Resinging(Contract):
    """How a converter is asked, and what it sings is read."""

    operation: ClassVar[Operation] = "conversion"

    def hear(self, subject: Any, audio: Audio) -> Found:
        """Return a whole sound converted in one window."""
        frames, rate = (audio.frames, audio.sample_rate) if isinstance(audio, Audio) else (0, 8000)
        return self.converted(subject, audio, pitch_of(frames, rate))

    def converted(
        self, subject: Any, audio: Audio, pitch: PitchTrack, *, key: float = 0.0, **controls: Any
    ) -> Found:
        """Return ``audio`` sung again by the alto."""
        voice = voice_of(subject)
        conversion = subject.begin(voice, pitch, rate_of(audio), key=key, **controls)
        conversion.observe(audio, 0)
        return (conversion.render(audio, 0).numpy(),)

    def sound(self, seconds: float = 1.5, sample_rate: int = 16_000, seed: int = 0) -> Audio:
        """Return a voice singing; its pitch is that of seed 0 whatever the seed."""
        return singing.sung(seconds, sample_rate, seed).audio

    def arrays(self, subject: Any, audio: Audio) -> dict[str, Any]:
        """Return the converter's own array."""
        pitch = pitch_of(audio.frames, audio.sample_rate)
        conversion = subject.begin(voice_of(subject), pitch, audio.sample_rate, key=0.0)
        conversion.observe(audio, 0)
        return {"the converted window": conversion.render(audio, 0).samples}

    def through_core(self, place: Place, audio: Audio) -> tuple[Any, ...]:
        """Return ``made_by`` of a converted line."""
        converter = SingingVoiceConverter(backend=self.backend, need=self.need(place))
        voice = voice_of(self.subject(place))
        pitch = pitch_of(audio.frames, audio.sample_rate)
        return converter.convert(audio, voice, pitch=pitch).made_by

    def stream(self, subject: Any, sample_rate: int, key: float = 0.0) -> Any:
        """Return a new stream into the alto's voice."""
        return subject.stream(sample_rate, voice=voice_of(subject), key=key)

    @staticmethod
    def said(outputs: Sequence[Any]) -> Found:
        """Return the sound of a stream, joined."""
        return (np.concatenate([output.numpy() for output in outputs], axis=1),)

    @staticmethod
    def differ(one: Found, other: Found) -> str | None:
        """Return how sounds differ by more than -80 dB of full scale."""
        (a,), (b,) = one, other
        if a.shape != b.shape:
            return f"the shape is {b.shape} and not {a.shape}"
        error = np.abs(a - b).max(initial=0.0)
        return f"by {20 * np.log10(error):.0f} dB of full scale" if error > 1e-4 else None

    def strays(self, whole: Found, said: Found, sample_rate: int) -> str | None:
        """Return what a stream's result lacks: its length, or the level of whole-file work."""
        (a,), (b,) = whole, said
        if a.shape != b.shape:
            return f"the shape is {b.shape} and not {a.shape}"
        level = measuring.louder(a, b)
        if abs(level) > 6:
            return f"it is {level:+.1f} dB louder"
        late = measuring.envelope_lag(a[0], b[0], sample_rate)
        return f"it is {1000 * late:.0f} ms late" if abs(late) > 0.01 else None

    def recurs(self, early: Found, late: Found) -> str | None:
        """Return how a line that comes again is sung otherwise.

        Which of the target's sounds are taken may depend on what was taken before.
        """
        alike = measuring.sdr(early[0], late[0])
        return f"the two are only {alike:.0f} dB alike" if alike < 8 else None

    @staticmethod
    def measured(subject: Any) -> dict[str, float]:
        """Return the figures of the conversion tiers."""
        return figures.conversion_figures(subject)

    def prepared(self, subject: Any, audio: Audio) -> Callable[[], Found]:
        """Return what converts ``audio`` when called."""
        pitch = pitch_of(audio.frames, audio.sample_rate)
        conversion = subject.begin(voice_of(subject), pitch, audio.sample_rate, key=0.0)

        def hear() -> Found:
            conversion.observe(audio, 0)
            return (conversion.render(audio, 0).numpy(),)

        return hear

    def hear_again(self, subject: Any, clip: Audio, frames: int) -> Found:
        """Return what ``subject`` makes of a clip and its pitch, again and again for ``frames``."""
        once = pitch_of(clip.frames, clip.sample_rate)
        index = np.arange(frames // FRAME + 1) % (clip.frames // FRAME)
        pitch = PitchTrack(once.f0[index], once.voiced[index], once.confidence[index], once.hop)
        return self.converted(subject, again(clip, frames), pitch)


@cache
def _voice_of(inner: Any) -> Any:
    return singing.voice_for(inner)


def voice_of(subject: Any) -> Any:
    """Return the alto's profile, learnt once by each implementation."""
    return _voice_of(getattr(subject, "inner", subject))


def rate_of(audio: Any) -> int:
    """Return a sound's rate, whatever is given for a sound."""
    return audio.sample_rate if isinstance(audio, Audio) else 8000


@cache
def pitch_of(frames: int, sample_rate: int) -> PitchTrack:
    """Return the pitch of the first sound's singer, as long as ``frames``."""
    true = singing.sung(4.0, 16_000, 0).pitch
    index = np.arange(len(frame_centres(frames, sample_rate, 0.01))) % len(true)
    return PitchTrack(true.f0[index], true.voiced[index], true.confidence[index], 0.01)
