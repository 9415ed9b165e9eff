"""The contract of converters."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from attrs import evolve
from hypothesis import strategies as st

from autovoice_core._errors import InputError
from autovoice_core._types import Audio, PitchTrack
from autovoice_core.audio.reading import as_source
from autovoice_core.audio.windows import Window, iter_windows
from autovoice_core.synthetic import truth
from autovoice_core.testing.contracts.common import signals
from autovoice_core.testing.contracts.common.claims import Claims
from autovoice_core.testing.contracts.common.contract import Place, Result, identical, slow
from autovoice_core.testing.contracts.common.kernel_parity import KernelParity
from autovoice_core.testing.contracts.common.lengths import Lengths
from autovoice_core.testing.contracts.common.licences import Licences
from autovoice_core.testing.contracts.common.purity import Purity
from autovoice_core.testing.contracts.common.residency import Residency
from autovoice_core.testing.contracts.common.strategies import (
    SignalSpec,
    for_examples,
    signal_specs,
)
from autovoice_core.testing.contracts.common.streaming import Streaming
from autovoice_core.testing.contracts.conversion.accuracy import ConversionAccuracy
from autovoice_core.testing.contracts.conversion.adapter import alto_voice, pitch_of, voice_of
from autovoice_core.testing.contracts.conversion.controls import Controls


class ConverterContract(
    ConversionAccuracy,
    Controls,
    Claims,
    Licences,
    Purity,
    Lengths,
    Residency,
    Streaming,
    KernelParity,
):
    """Tests of a converter: subclass it and name the ``backend``."""

    max_channels = 2

    @slow
    def test_the_result_has_the_shape_and_rate_of_the_vocals(self, place: Place) -> None:
        inner = self.subject(place).inner

        @for_examples(30, spec=signal_specs(max_channels=2))
        def check(spec: SignalSpec) -> None:
            vocals = spec.make()
            pitch = pitch_of(spec.frames, spec.sample_rate)
            conversion = inner.begin(alto_voice(inner), pitch, spec.sample_rate, key=0.0)
            conversion.observe(vocals, 0)
            result = conversion.render(vocals, 0)
            assert result.numpy().shape == vocals.numpy().shape, (
                f"{self.backend}: the result has the shape {result.numpy().shape}, "
                f"the vocals {vocals.numpy().shape}"
            )
            assert result.sample_rate == vocals.sample_rate, f"{self.backend} changes the rate"

    def test_silence_gives_silence(self, place: Place) -> None:
        subject = self.subject(place)

        @for_examples(10, spec=signal_specs(max_channels=2, kinds="silence"))
        def check(spec: SignalSpec) -> None:
            loudest = np.abs(self.run(subject, spec.make())[0]).max(initial=0.0)
            assert loudest <= 1e-5, f"{self.backend} turns silence into sound"

    def test_a_silence_amid_sound_stays_silent(self, place: Place) -> None:
        subject = self.subject(place)
        samples = self.signal(3.0).numpy().copy()
        samples[:, 16_000:36_000] = 0
        (result,) = self.run(subject, Audio(samples, 16_000))
        loudest = np.abs(result[:, 20_000:32_000]).max()
        assert loudest <= 1e-4, f"{self.backend} turns silence amid the vocals into sound"

    @slow
    def test_two_songs_do_not_disturb_each_other(self, place: Place) -> None:
        subject = self.subject(place)
        sounds = [self.signal(1.0, rate, seed=rate) for rate in (16_000, 16_000, 44_100)]
        voices = [voice_of(subject, one) for one in (truth.ALTO, truth.ALTO, truth.BASS)]

        def begin(number: int) -> Any:
            sound = sounds[number]
            pitch = pitch_of(sound.frames, sound.sample_rate)
            return subject.begin(voices[number], pitch, sound.sample_rate, key=2.0 * number)

        def end(song: Any, number: int) -> Result:
            return (song.render(sounds[number], 0).numpy(),)

        alone = []
        for number, sound in enumerate(sounds):
            song = begin(number)
            song.observe(sound, 0)
            alone.append(end(song, number))
        songs = list(map(begin, range(len(sounds))))
        for song, sound in zip(songs, sounds, strict=True):
            song.observe(sound, 0)
        for number, song in enumerate(songs):
            assert identical(alone[number], end(song, number)), (
                f"{self.backend}: songs at once, in other voices and keys, disturb each other"
            )

    def test_a_voice_is_its_features_not_its_name(self, place: Place) -> None:
        subject, sung = self.subject(place), signals.singing(1.0, 16_000, 0)
        voices = [voice_of(subject, singer) for singer in (truth.ALTO, truth.BASS)]

        def convert(converter: Any, voice: Any) -> Result:
            renamed = evolve(voice, name="one name")
            conversion = converter.begin(renamed, sung.pitch, 16_000, key=0.0)
            conversion.observe(sung.audio, 0)
            return (conversion.render(sung.audio, 0).numpy(),)

        one, other = (convert(subject, voice) for voice in voices)
        fresh = convert(self.open(place), voices[1])
        assert identical(other, fresh), (
            f"{self.backend}: a voice sounds otherwise once another of its name was used"
        )
        assert not identical(one, other), f"{self.backend} sings alike in two voices of one name"

    @slow
    def test_what_is_learnt_can_be_kept(self, place: Place) -> None:
        subject = self.subject(place)
        one, other = signals.learn_features(subject), signals.learn_features(subject)
        assert one.keys() == other.keys()
        for name in one:
            assert np.array_equal(one[name], other[name]), (
                f"{self.backend} learns another {name!r} from the same recordings"
            )
        assert sum(values.nbytes for values in one.values()) < 20e6, (
            f"{self.backend} learns more than 20 MB from 20 s"
        )

    def test_every_recording_is_learnt_from(self, place: Place) -> None:
        subject = self.subject(place)
        takes = [truth.sing(truth.ALTO, 6.0, rate, seed=rate) for rate in (16_000, 44_100)]
        both, first = (
            subject.learn([(take.audio, take.pitch) for take in takes[:count]]) for count in (2, 1)
        )
        assert any(not np.array_equal(both[name], first.get(name)) for name in both), (
            f"{self.backend} learns the same from one recording as from two"
        )

    def test_voice_and_pitch_are_never_written_to(self, place: Place) -> None:
        subject = self.subject(place)
        learnt, pitch = voice_of(subject, truth.ALTO), signals.singing(2.0, 16_000, 0).pitch
        own = {name: value.copy() for name, value in learnt.features.items()}
        voice = evolve(learnt, features=own)
        arrays = {"the voice's " + name: value for name, value in voice.features.items()}
        arrays |= {"the pitch's f0": pitch.f0, "the pitch's voicing": pitch.voiced}
        before = {name: value.copy() for name, value in arrays.items()}
        conversion = subject.begin(voice, pitch, 16_000, key=2.0)
        conversion.observe(self.signal(2.0), 0)
        conversion.render(self.signal(2.0), 0)
        for name, value in arrays.items():
            assert np.array_equal(value, before[name]), f"{self.backend} writes to {name}"

    def test_no_pitch_is_needed_where_nobody_sings(self, place: Place) -> None:
        vocals = SignalSpec("noise", 16_000, 16_000).make()
        zeros = np.zeros(101)
        pitch = PitchTrack(zeros, zeros > 0, zeros.astype(np.float32), 0.01)
        self.convert(self.subject(place), vocals, pitch)

    def test_a_key_that_is_no_number_is_refused(self, place: Place) -> None:
        subject = self.subject(place)
        for key in (np.nan, np.inf):
            with pytest.raises(InputError):
                self.convert(subject, self.signal(0.3), pitch_of(4800, 16_000), key=key)

    @slow
    def test_windows_at_once_give_what_they_give_in_turn(self, place: Place) -> None:
        subject = self.subject(place)
        if not subject.renders_in_parallel:
            pytest.skip(f"{self.backend} does not claim renders_in_parallel")
        sung = signals.singing(6.0, 16_000, 5)
        spans = spans_of(subject, sung.audio, 1.0)

        def observed() -> Any:
            conversion = subject.begin(alto_voice(subject), sung.pitch, 16_000, key=2.0)
            for window in spans:
                conversion.observe(window.audio, window.start)
            return conversion

        def render(conversion: Any, window: Window) -> Result:
            return (conversion.render(window.audio, window.start).numpy(),)

        conversion = observed()
        in_turn = [render(conversion, window) for window in spans]
        # Another, so that what a conversion prepares with its first window is not there yet.
        conversion, gate = observed(), threading.Barrier(len(spans))

        def render_together(window: Window) -> Result:
            gate.wait(timeout=60)
            return render(conversion, window)

        with ThreadPoolExecutor(len(spans)) as pool:
            at_once = list(pool.map(render_together, spans))
        assert all(map(identical, in_turn, at_once)), (
            f"{self.backend} claims renders_in_parallel, but renders windows differently while "
            "other threads render others of the song"
        )

    @slow
    def test_windows_give_what_the_whole_gives(self, place: Place) -> None:
        subject = self.subject(place)

        @for_examples(4, core=st.floats(1.0, 4.0), key=st.sampled_from([0.0, 2.0]))
        def check(core: float, key: float) -> None:
            rate = 16_000
            sung = signals.singing(8.0, rate, 5)
            whole = self.convert(subject, sung.audio, sung.pitch, key=key)
            spans = spans_of(subject, sung.audio, core)
            conversion = subject.begin(alto_voice(subject), sung.pitch, rate, key=key)
            for window in spans:
                conversion.observe(window.audio, window.start)
            pieces = [
                conversion.render(window.audio, window.start).numpy()[:, window.keep]
                for window in spans
            ]
            fault = self.difference(whole, (np.concatenate(pieces, axis=1),))
            assert fault is None, (
                f"{self.backend} gives another result in windows of {core:.1f} s with the context "
                f"of {subject.context:g} s that it states: {fault}"
            )


def spans_of(subject: Any, audio: Audio, seconds: float) -> list[Window]:
    """Return windows over ``audio`` whose cores are of that length, as core makes them."""
    rate = audio.sample_rate
    windows = iter_windows(
        as_source(audio),
        core=int(seconds * rate),
        context=int(np.ceil(subject.context * rate)),
        grid=subject.grid(rate),
    )
    return list(windows)
