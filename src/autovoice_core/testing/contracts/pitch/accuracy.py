"""Tests of a track's accuracy on synthesised sounds whose pitch is known."""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import evolve
from hypothesis import strategies as st
from numpy.typing import NDArray

from autovoice_core._frames import frame_centres
from autovoice_core._types import Audio
from autovoice_core.synthetic import truth
from autovoice_core.synthetic.phonemes import VOWELS
from autovoice_core.testing.contracts.common import measures, signals
from autovoice_core.testing.contracts.common.contract import Place, Result, slow
from autovoice_core.testing.contracts.common.strategies import (
    SignalSpec,
    for_examples,
    sample_rates,
    signal_specs,
)
from autovoice_core.testing.contracts.pitch.adapter import (
    HOP,
    PitchAdapter,
    agreement,
    cents_of,
    read,
)
from autovoice_core.testing.contracts.pitch.resolution import melody


class TrackAccuracy(PitchAdapter):
    """Tests of f0, voicing, confidence and timing."""

    def test_silence_is_unvoiced(self, place: Place) -> None:
        subject = self.subject(place)

        @for_examples(20, spec=signal_specs(kinds="silence"))
        def check(spec: SignalSpec) -> None:
            assert not self.run(subject, spec.make())[1].any(), (
                f"{self.backend} calls silence voiced"
            )

    def test_noise_is_mostly_unvoiced(self, place: Place) -> None:
        subject = self.subject(place)
        for rate in (8_000, 16_000, 44_100):
            audio = SignalSpec("noise", 2 * rate, rate).make()
            voiced = self.run(subject, audio)[1].mean()
            assert voiced < 0.2, f"{self.backend} calls {voiced:.0%} of noise at {rate} Hz voiced"

    @slow
    def test_a_tone_has_its_pitch_at_any_rate(self, place: Place) -> None:
        subject = self.subject(place)

        @for_examples(
            30, f0=st.floats(80.0, 1000.0), rate=sample_rates(), cents=st.floats(0.0, 50.0)
        )
        def check(f0: float, rate: int, cents: float) -> None:
            time = np.arange(int(0.6 * rate)) / rate
            wave = f0 * 2 ** (cents / 1200 * np.sin(2 * np.pi * 5.5 * time))
            self._check_pitch(
                subject, truth.tone(wave, rate), wave, f"a tone of {f0:.0f} Hz at {rate} Hz"
            )

    @slow
    def test_no_vowel_is_an_octave_off(self, place: Place) -> None:
        subject = self.subject(place)
        for singer in truth.SINGERS.values():
            for vowel in VOWELS:
                for height in (0.15, 0.5, 0.85):
                    f0 = singer.low * (singer.high / singer.low) ** height
                    sung = signals.sustained_vowel(singer, vowel, f0)
                    self._check_pitch(
                        subject, sung.audio, sung.f0, f"{singer.name}'s {vowel!r} at {f0:.0f} Hz"
                    )

    def _check_pitch(self, subject: Any, audio: Audio, f0: NDArray[Any], what: str) -> None:
        centres = frame_centres(audio.frames, audio.sample_rate, HOP)
        inner = centres[10:-10]
        found, voiced, _ = read(subject.estimate(audio, inner))
        cents = np.abs(cents_of(found[voiced], f0[inner][voiced]))
        share = float(np.mean(voiced))
        assert share > 0.8, f"{self.backend} calls {share:.0%} of {what} voiced"
        right = float(np.mean(cents < 50)) if cents.size else 0.0
        assert right > 0.8, (
            f"{self.backend} tracks {what} {np.median(cents):.0f} cents off in the median, and "
            f"{right:.0%} of it within 50 cents"
        )
        assert np.median(cents) < 25, (
            f"{self.backend} tracks {what} {np.median(cents):.0f} cents off in the median"
        )

    def test_an_octave_up_is_an_octave_up(self, place: Place) -> None:
        subject = self.subject(place)
        score = truth.compose(6.0, low=110.0, high=400.0, seed=2)
        higher = evolve(score, f0=2 * score.f0)
        low, high = (
            self.run(subject, truth.sing(truth.ALTO, 6.0, 16_000, 2, score=one).audio)
            for one in (score, higher)
        )
        both = low[1] & high[1]
        risen = cents_of(high[0][both], low[0][both])
        right = float(np.mean(np.abs(risen - 1200) < 50))
        assert both.mean() > 0.4, (
            f"{self.backend} calls only {both.mean():.0%} of a song voiced in both octaves"
        )
        assert right > 0.85, f"{self.backend} tracks {right:.0%} of a song an octave up when it is"

    def test_louder_is_not_higher(self, place: Place) -> None:
        subject = self.subject(place)
        audio = self.signal(3.0)
        plain = self.run(subject, audio)
        for gain in (0.05, 0.25, 4.0):
            other = self.run(subject, Audio(np.float32(gain) * audio.numpy(), 16_000))
            self._check_agreement(plain, other, f"a gain of {gain:g}")

    def test_polarity_and_offset_are_not_heard(self, place: Place) -> None:
        subject = self.subject(place)
        samples = self.signal(3.0).numpy()
        plain = self.run(subject, Audio(samples, 16_000))
        for what, changed in {
            "the other polarity": -samples,
            "an offset of 0.1": samples + np.float32(0.1),
        }.items():
            self._check_agreement(plain, self.run(subject, Audio(changed, 16_000)), what)

    def _check_agreement(self, plain: Result, other: Result, what: str) -> None:
        alike, near = agreement(plain, other, cents=10)
        assert min(alike, near) > 0.95, (
            f"{self.backend} gives another track for {what}: voicing agrees in {alike:.0%}, "
            f"f0 in {near:.0%} of the frames"
        )

    @slow
    def test_the_track_is_on_time(self, place: Place) -> None:
        subject = self.subject(place)
        common = (8_000, 16_000, 22_050, 44_100, 48_000, 96_000)

        @for_examples(9, rate=st.one_of(st.sampled_from(common), sample_rates()))
        def check(rate: int) -> None:
            late = measures.track_delay(lambda audio: self.run(subject, audio)[0], HOP, rate)
            assert abs(late) < 0.004, (
                f"{self.backend} reports pitch {1000 * late:.1f} ms late at {rate} Hz"
            )

    def test_notes_and_pauses_are_heard(self, place: Place) -> None:
        subject = self.subject(place)
        for note, pause in ((0.15, 0.25), (0.5, 0.3)):
            notes = melody(note, pause, 16_000)
            f0, voiced, _ = self.run(subject, notes.audio)
            frames = notes.audio.frames
            at = np.minimum(frame_centres(frames, 16_000, HOP), frames - 1)
            wave, since = notes.f0, notes.since
            sung = (since[at] > 0.03) & (since[at] < note - 0.03)
            silent = (since[at] > note + 0.04) & (since[at] < note + pause - 0.04)
            right = np.zeros(len(at), bool)
            right[voiced] = np.abs(cents_of(f0[voiced], wave[at][voiced])) < 50
            assert right[sung].mean() > 0.7, (
                f"{self.backend} tracks {right[sung].mean():.0%} of notes of {note:g} s"
            )
            assert voiced[silent].mean() < 0.1, (
                f"{self.backend} calls {voiced[silent].mean():.0%} of pauses of {pause:g} s voiced"
            )

    def test_a_sound_is_heard_up_to_its_edges(self, place: Place) -> None:
        subject = self.subject(place)
        for f0, rate in ((150.0, 16_000), (420.0, 16_000), (420.0, 44_100)):
            wave = np.full(rate // 2, f0)
            found, voiced, _ = self.run(subject, truth.tone(wave, rate))
            for what, edge in {"first": slice(0, 4), "last": slice(-4, None)}.items():
                off = np.abs(cents_of(found[edge][voiced[edge]], f0))
                assert off.max(initial=0.0) < 100, (
                    f"{self.backend} tracks the {what} 40 ms of a tone of {f0:.0f} Hz "
                    f"{off.max():.0f} cents off"
                )
                assert off.size > 2, (
                    f"{self.backend} misses the {what} 20 ms of a tone of {f0:.0f} Hz"
                )

    def test_a_voice_on_the_telephone_keeps_its_pitch(self, place: Place) -> None:
        subject = self.subject(place)
        sung = signals.singing(3.0, 16_000, 0)
        f0, voiced, _ = self.run(subject, truth.limit_band(sung.audio, 300.0, 3400.0))
        both = voiced & sung.pitch.voiced
        octaves = np.abs(cents_of(f0[both], sung.pitch.f0[both])) > 600
        right = float(np.mean(~octaves)) if both.any() else 0.0
        assert right > 0.8, (
            f"{self.backend} has the octave right in {right:.0%} of a voice on the telephone"
        )

    def test_the_pitch_is_not_sharp_or_flat(self, place: Place) -> None:
        subject = self.subject(place)
        errors = []
        for singer in truth.SINGERS.values():
            sung = truth.sing(singer, 4.0, 16_000, seed=7)
            f0, voiced, _ = self.run(subject, sung.audio)
            both = voiced & sung.pitch.voiced
            errors.append(cents_of(f0[both], sung.pitch.f0[both]))
        bias = float(np.median(np.concatenate(errors)))
        assert abs(bias) < 8, f"{self.backend} is {bias:+.0f} cents off in the median"

    def test_vibrato_is_followed(self, place: Place) -> None:
        subject = self.subject(place)
        for cents in (25.0, 90.0):
            time = np.arange(32_000) / 16_000
            wave = 330.0 * 2 ** (cents / 1200 * np.sin(2 * np.pi * 5.5 * time))
            f0, voiced, _ = self.run(subject, truth.tone(wave, 16_000))
            deviation = cents_of(f0[voiced][20:-20], 330.0)
            extent = float(np.sqrt(2) * deviation.std()) if deviation.size else 0.0
            assert 0.7 * cents < extent < 1.3 * cents, (
                f"{self.backend} tracks a vibrato of {cents:.0f} cents as one of {extent:.0f}"
            )

    def test_it_is_surer_of_a_voice_than_of_noise(self, place: Place) -> None:
        subject = self.subject(place)
        sung = signals.singing(3.0, 16_000, 0)
        voice = self.run(subject, sung.audio)[2][sung.pitch.voiced].mean()
        noise = self.run(subject, SignalSpec("noise", 48_000, 16_000).make())[2].mean()
        assert voice > noise + 0.1, (
            f"{self.backend} has a confidence of {voice:.2f} in a voice and {noise:.2f} in noise"
        )
