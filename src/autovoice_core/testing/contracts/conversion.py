"""What a converter promises."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import strategies as st
from numpy.typing import NDArray

from autovoice_core._arrays import as_numpy
from autovoice_core._errors import InputError
from autovoice_core._grid import frame_centres
from autovoice_core._types import Audio, PitchTrack
from autovoice_core.audio.source import as_source
from autovoice_core.audio.windows import windows
from autovoice_core.backends.offer import Operation
from autovoice_core.conversion import SingingVoiceConverter
from autovoice_core.testing.contracts import singing
from autovoice_core.testing.contracts.base import Place, drawn, same
from autovoice_core.testing.contracts.claims import Claims
from autovoice_core.testing.contracts.conduct import Conduct
from autovoice_core.testing.contracts.drawing import Recipe, recipes
from autovoice_core.testing.contracts.parity import Parity
from autovoice_core.testing.contracts.streaming import Streaming

Found = tuple[NDArray[Any], ...]


class ConverterContract(Claims, Conduct, Streaming, Parity):
    """Proves a converter: subclass it and name the ``backend``."""

    operation: ClassVar[Operation] = "conversion"
    most_channels = 2

    def hear(self, subject: Any, audio: Audio) -> Found:
        """Return a whole sound converted in one window."""
        frames, rate = (audio.frames, audio.sample_rate) if isinstance(audio, Audio) else (0, 8000)
        return self.converted(subject, audio, _pitch_of(frames, rate))

    def converted(
        self, subject: Any, audio: Audio, pitch: PitchTrack, *, key: float = 0.0
    ) -> Found:
        """Return ``audio`` sung again by the alto."""
        conversion = subject.begin(_voice(subject), pitch, _rate(audio), key=key)
        conversion.observe(audio, 0)
        return (conversion.render(audio, 0).numpy(),)

    def sound(self, seconds: float = 1.5, sample_rate: int = 16_000, seed: int = 0) -> Audio:
        """Return a voice singing; its pitch is that of seed 0 whatever the seed."""
        return singing.sung(seconds, sample_rate, seed).audio

    def arrays(self, subject: Any, audio: Audio) -> dict[str, Any]:
        """Return the converter's own array."""
        pitch = _pitch_of(audio.frames, audio.sample_rate)
        conversion = subject.begin(_voice(subject), pitch, audio.sample_rate, key=0.0)
        conversion.observe(audio, 0)
        return {"the converted window": conversion.render(audio, 0).samples}

    def through_core(self, place: Place, audio: Audio) -> tuple[Any, ...]:
        """Return ``made_by`` of a converted line."""
        converter = SingingVoiceConverter(backend=self.backend, need=self.need(place))
        voice = _voice(self.subject(place))
        pitch = _pitch_of(audio.frames, audio.sample_rate)
        return converter.convert(audio, voice, pitch=pitch).made_by

    def stream(self, subject: Any, sample_rate: int) -> Any:
        """Return a new stream into the alto's voice."""
        return subject.stream(sample_rate, voice=_voice(subject), key=0.0)

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

    def strays(self, whole: Found, said: Found) -> str | None:
        """Return what a stream's result lacks: its length, or the level of whole-file work."""
        (a,), (b,) = whole, said
        if a.shape != b.shape:
            return f"the shape is {b.shape} and not {a.shape}"
        level = 10 * np.log10((np.mean(b**2, dtype=float) + 1e-12) / (np.mean(a**2) + 1e-12))
        return f"it is {level:+.1f} dB louder" if abs(level) > 6 else None

    @staticmethod
    def measured(subject: Any) -> dict[str, float]:
        """Return the figures of the conversion tiers."""
        return singing.conversion_figures(subject)

    def test_the_result_has_the_shape_and_rate_of_the_vocals(self, place: Place) -> None:
        inner = self.subject(place).inner

        @drawn(30, recipe=recipes(most_channels=2))
        def holds(recipe: Recipe) -> None:
            vocals = recipe.make()
            pitch = _pitch_of(recipe.frames, recipe.sample_rate)
            conversion = inner.begin(_voice(inner), pitch, recipe.sample_rate, key=0.0)
            conversion.observe(vocals, 0)
            result = conversion.render(vocals, 0)
            assert result.numpy().shape == vocals.numpy().shape, (
                f"{self.who}: the result has the shape {result.numpy().shape}, "
                f"the vocals {vocals.numpy().shape}"
            )
            assert result.sample_rate == vocals.sample_rate, f"{self.who} changes the rate"

    def test_the_result_is_float32(self, place: Place) -> None:
        found = self.arrays(self.subject(place).inner, self.sound(0.3))
        assert [as_numpy(samples).dtype.name for samples in found.values()] == ["float32"]

    def test_silence_gives_silence(self, place: Place) -> None:
        subject = self.subject(place)

        @drawn(10, recipe=recipes(most_channels=2, kinds="silence"))
        def holds(recipe: Recipe) -> None:
            loudest = np.abs(self.hear(subject, recipe.make())[0]).max(initial=0.0)
            assert loudest <= 1e-5, f"{self.who} makes sound out of silence"

    def test_gain_in_is_gain_out(self, place: Place) -> None:
        subject = self.subject(place)
        vocals = self.sound(2.0)
        (plain,) = self.hear(subject, vocals)
        for gain in (0.05, 4.0):
            (louder,) = self.hear(subject, Audio(np.float32(gain) * vocals.numpy(), 16_000))
            alike = singing.sdr(plain, louder / gain)
            # Which sounds of the target are taken may depend a little on the level.
            assert alike > 10, (
                f"{self.who}: for a gain of {gain:g} the result is only {alike:.0f} dB "
                "like the one without"
            )

    def test_the_key_is_changed_as_asked(self, place: Place) -> None:
        subject = self.subject(place)
        sung = singing.sung(3.0, 16_000, 0)
        for key in (-5.0, 0.0, 3.0, 12.0):
            (result,) = self.converted(subject, sung.audio, sung.pitch, key=key)
            cents = singing.off_pitch(result[0], sung.f0 * 2 ** (key / 12), 16_000)
            assert cents < 20, (
                f"{self.who}: moved by {key:g} semitones, the result is {cents:.0f} cents off"
            )

    def test_the_timbre_goes_towards_the_target(self, place: Place) -> None:
        margin = singing.conversion_figures(self.subject(place))["margin"]
        assert margin > 0, f"{self.who}: the result is farther from the target than the source was"

    def test_the_loudness_stays(self, place: Place) -> None:
        subject = self.subject(place)
        vocals = self.sound(3.0)
        (result,) = self.hear(subject, vocals)
        level = 10 * np.log10(np.mean(result**2, dtype=float) / np.mean(vocals.numpy() ** 2))
        assert abs(level) < 6, f"{self.who}: the result is {level:+.1f} dB louder than the vocals"

    def test_nothing_is_late(self, place: Place) -> None:
        subject = self.subject(place)
        vocals = self.sound(3.0).numpy()
        (result,) = self.hear(subject, Audio(vocals, 16_000))
        late = singing.envelope_lag(vocals[0], result[0], 16_000)
        assert abs(late) < 0.01, f"{self.who}: the result is {1000 * late:.0f} ms late"

    def test_two_songs_do_not_disturb_each_other(self, place: Place) -> None:
        subject = self.subject(place)
        voice = _voice(subject)
        sounds = [self.sound(1.0, seed=seed) for seed in (0, 1)]
        pitch = _pitch_of(16_000, 16_000)
        alone = [self.hear(subject, one) for one in sounds]
        songs = [subject.begin(voice, pitch, 16_000, key=0.0) for _ in sounds]
        for song, sound in zip(songs, sounds, strict=True):
            song.observe(sound, 0)
        for song, sound, expected in zip(songs, sounds, alone, strict=True):
            found = (song.render(sound, 0).numpy(),)
            assert same(expected, found), f"{self.who}: two songs at once disturb each other"

    def test_what_is_learnt_can_be_kept(self, place: Place) -> None:
        subject = self.subject(place)
        one, other = singing.features_of(subject), singing.features_of(subject)
        assert one.keys() == other.keys()
        for name in one:
            assert np.array_equal(one[name], other[name]), (
                f"{self.who} learns another {name!r} from the same recordings"
            )
        assert sum(values.nbytes for values in one.values()) < 20e6, (
            f"{self.who} learns more than 20 MB from 20 s"
        )

    def test_no_pitch_is_needed_where_nobody_sings(self, place: Place) -> None:
        vocals = Recipe("noise", 16_000, 16_000).make()
        nothing = np.zeros(101)
        pitch = PitchTrack(nothing, nothing > 0, nothing.astype(np.float32), 0.01)
        self.converted(self.subject(place), vocals, pitch)

    def test_a_key_that_is_no_number_is_refused(self, place: Place) -> None:
        subject = self.subject(place)
        for key in (np.nan, np.inf):
            with pytest.raises(InputError):
                self.converted(subject, self.sound(0.3), _pitch_of(4800, 16_000), key=key)

    def test_windows_give_what_the_whole_gives(self, place: Place) -> None:
        subject = self.subject(place)

        @drawn(4, core=st.floats(1.0, 4.0), key=st.sampled_from([0.0, 2.0]))
        def holds(core: float, key: float) -> None:
            rate = 16_000
            sung = singing.sung(8.0, rate, 5)
            whole = self.converted(subject, sung.audio, sung.pitch, key=key)
            spans = list(
                windows(
                    as_source(sung.audio),
                    core=int(core * rate),
                    context=int(np.ceil(subject.context * rate)),
                    grid=subject.grid(rate),
                )
            )
            conversion = subject.begin(_voice(subject), sung.pitch, rate, key=key)
            for window in spans:
                conversion.observe(window.audio, window.start)
            pieces = [
                conversion.render(window.audio, window.start).numpy()[:, window.keep]
                for window in spans
            ]
            fault = self.differ(whole, (np.concatenate(pieces, axis=1),))
            assert fault is None, (
                f"{self.who} gives something else in windows of {core:.1f} s with the context "
                f"of {subject.context:g} s that it states: {fault}"
            )


@cache
def _voice_of(inner: Any) -> Any:
    return singing.voice_for(inner)


def _voice(subject: Any) -> Any:
    """Return the alto's profile, learnt once by each implementation."""
    return _voice_of(getattr(subject, "inner", subject))


def _rate(audio: Any) -> int:
    return audio.sample_rate if isinstance(audio, Audio) else 8000


@cache
def _pitch_of(frames: int, sample_rate: int) -> PitchTrack:
    """Return the pitch of the first sound's singer, as long as ``frames``."""
    true = singing.sung(4.0, 16_000, 0).pitch
    index = np.arange(len(frame_centres(frames, sample_rate, 0.01))) % len(true)
    return PitchTrack(true.f0[index], true.voiced[index], true.confidence[index], 0.01)
