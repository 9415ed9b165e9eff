"""Tests of a conversion's accuracy: key, timbre, loudness, balance and timing."""

from __future__ import annotations

from typing import Any

import numpy as np

from autovoice_core._types import Audio, PitchTrack
from autovoice_core.synthetic import truth
from autovoice_core.testing.contracts.common import measures, signals
from autovoice_core.testing.contracts.common.contract import Place, slow
from autovoice_core.testing.contracts.common.stream_blocks import feed
from autovoice_core.testing.contracts.conversion import figures
from autovoice_core.testing.contracts.conversion.adapter import ConversionAdapter, voice_of

LEAST_MARGIN = 0.03
"""Part of the way to the target below which the source was as near."""
MAX_STREAM_CENTS = 15.0
MIN_STREAM_CONTRAST = 0.25
"""Least difference of two voices in a stream, as a share of that in the whole file."""


class ConversionAccuracy(ConversionAdapter):
    """Tests on singing whose pitch, level, balance and timing are known before and after."""

    def test_gain_in_is_gain_out(self, place: Place) -> None:
        subject = self.subject(place)
        samples = self.signal(2.0).numpy()
        vocals = Audio(0.8 / np.abs(samples).max() * samples, 16_000)
        (plain,) = self.run(subject, vocals)
        for gain in (0.002, 0.05, 4.0):
            (louder,) = self.run(subject, Audio(np.float32(gain) * vocals.numpy(), 16_000))
            ratio = measures.sdr(plain, louder / gain)
            # The units selected may depend a little on the level.
            assert ratio > 10, (
                f"{self.backend}: with a gain of {gain:g} the result has an SDR of only "
                f"{ratio:.0f} dB against the one without"
            )

    @slow
    def test_the_key_is_changed_as_asked(self, place: Place) -> None:
        subject = self.subject(place)
        sung = signals.singing(3.0, 16_000, 0)
        for key in (-17.0, -5.0, 0.0, 0.5, 3.0, 12.0, 19.0):
            (result,) = self.convert(subject, sung.audio, sung.pitch, key=key)
            wanted = sung.f0 * 2 ** (key / 12)
            cents = measures.f0_error(result[0], wanted, 16_000)
            assert cents < 20, (
                f"{self.backend}: moved by {key:g} semitones, the result is {cents:.0f} cents off"
            )
            tail = measures.f0_error(result[0], wanted, 16_000, quantile=0.9)
            assert tail < 30, (
                f"{self.backend}: moved by {key:g} semitones, a tenth of the result is more than "
                f"{tail:.0f} cents off"
            )
            level = measures.level_difference(sung.audio.numpy(), result)
            assert abs(level) < 6, (
                f"{self.backend}: moved by {key:g} semitones, the level changes by {level:+.1f} dB"
            )

    def test_pitch_may_come_in_any_frames(self, place: Place) -> None:
        subject = self.subject(place)
        sung = signals.singing(3.0, 16_000, 0)
        fine = sung.track(0.004)
        later = slice(25, None)
        parts = (fine.f0[later], fine.voiced[later], fine.confidence[later])
        for pitch in (fine, PitchTrack(*parts, fine.hop, start=25 * fine.hop)):
            (result,) = self.convert(subject, sung.audio, pitch, key=3.0)
            cents = measures.f0_error(result[0], sung.f0 * 2 ** (3 / 12), 16_000)
            assert cents < 20, (
                f"{self.backend}: with pitch every {1000 * pitch.hop:g} ms from {pitch.start:g} s "
                f"on, the result is {cents:.0f} cents off"
            )

    @slow
    def test_the_timbre_goes_towards_the_target(self, place: Place) -> None:
        for found in figures.directions(self.subject(place)):
            assert found["margin"] > LEAST_MARGIN, (
                f"{self.backend}: the result is no nearer to the target than the source was"
            )

    def test_the_loudness_stays(self, place: Place) -> None:
        subject = self.subject(place)
        vocals = self.signal(3.0)
        level = measures.level_difference(vocals.numpy(), *self.run(subject, vocals))
        assert abs(level) < 3, f"{self.backend}: the level of the vocals changes by {level:+.1f} dB"

    def test_consonants_are_heard(self, place: Place) -> None:
        subject = self.subject(place)
        score = truth.compose(4.0, low=130.0, high=500.0, seed=4)
        sung = truth.sing(truth.TENOR, sample_rate=16_000, seed=4, score=score)
        (result,) = self.convert(subject, sung.audio, sung.pitch)
        vocals = sung.audio.numpy()
        voiced = np.convolve(sung.f0 > 0, np.ones(640), "same") > 0
        hissing = ~voiced & (np.abs(vocals[0]) > 0.1 * np.sqrt(np.mean(vocals**2)))
        level = measures.level_difference(vocals[:, hissing], result[:, hissing])
        assert abs(level) < 12, (
            f"{self.backend}: the level of consonants changes by {level:+.0f} dB"
        )

    def test_channels_keep_their_balance(self, place: Place) -> None:
        subject = self.subject(place)
        for left, right, rate in (
            (1.0, 0.0, 16_000),
            (0.0, 1.0, 16_000),
            (1.0, 0.25, 16_000),
            (1.0, 0.25, 44_100),
        ):
            mono = self.signal(2.0, rate).numpy()[0]
            audio = Audio(np.stack([left * mono, right * mono]).astype(np.float32), rate)
            (result,) = self.run(subject, audio)
            power = np.sqrt(np.mean(result.astype(np.float64) ** 2, axis=1))
            share, wanted = power[1] / (power.sum() + 1e-12), right / (left + right)
            assert abs(share - wanted) < 0.05, (
                f"{self.backend}: of vocals with {wanted:.0%} in the right channel, the result has "
                f"{share:.0%} there"
            )

    def test_the_high_band_is_there(self, place: Place) -> None:
        subject = self.subject(place)
        vocals = self.signal(3.0, 44_100)
        before, after = (
            measures.band_power(samples, 44_100, 8_000.0, 15_000.0)
            for samples in (vocals.numpy(), *self.run(subject, vocals))
        )
        level = 10 * np.log10((after + 1e-20) / (before + 1e-20))
        assert level > -25, (
            f"{self.backend}: over 8 kHz the result is {-level:.0f} dB softer than the vocals; "
            "process at their sample rate"
        )

    def test_the_result_has_no_offset(self, place: Place) -> None:
        subject = self.subject(place)
        samples = self.signal(3.0).numpy()
        (result,) = self.run(subject, Audio(samples - samples.mean(), 16_000))
        offset = abs(float(result.mean()))
        assert offset < 1e-3, f"{self.backend}: the result has an offset of {offset:.2g}"

    def test_nothing_is_late(self, place: Place) -> None:
        subject = self.subject(place)
        for rate in (8_000, 16_000, 22_050, 44_100, 48_000, 96_000):
            vocals = self.signal(1.5, rate)
            (result,) = self.run(subject, vocals)
            late = measures.envelope_lag(vocals.numpy()[0], result[0], rate)
            assert abs(late) < 0.01, (
                f"{self.backend}: the result is {1000 * late:.0f} ms late at {rate} Hz"
            )

    def test_no_sample_is_left_out(self, place: Place) -> None:
        subject = self.subject(place)
        for cut in (0, 1):
            vocals = self.signal(1.5).numpy()[:, cut:].copy()
            (result,) = self.run(subject, Audio(vocals, 16_000))
            for what, near in {"first": result[:, :800], "last": result[:, :-801:-1]}.items():
                assert near[:, 0].any() or not near.any(), (
                    f"{self.backend}: the {what} of {vocals.shape[1]} samples is missing"
                )

    @slow
    def test_a_voice_is_the_same_from_recordings_of_any_rate(self, place: Place) -> None:
        subject = self.subject(place)
        sung = signals.singing(3.0, 16_000, 0)
        results = []
        for rate in (16_000, 44_100):
            voice = signals.learn_voice(subject, rate)
            conversion = subject.begin(voice, sung.pitch, 16_000, key=0.0)
            conversion.observe(sung.audio, 0)
            results.append(conversion.render(sung.audio, 0).numpy()[0])
        one, other, before = (
            measures.timbre(samples)[sung.pitch.voiced[:-1]].mean(axis=0)
            for samples in (*results, sung.audio.numpy()[0])
        )
        apart, way = np.mean(np.abs(one - other)), np.mean(np.abs(one - before))
        assert apart < 0.5 * way, (
            f"{self.backend}: voices learnt at 16 and at 44.1 kHz are {apart:.1f} dB apart, and "
            f"{way:.1f} dB from the source"
        )

    @slow
    def test_a_stream_sings_in_the_key_asked_for(self, place: Place, latency: float) -> None:
        subject = self.subject(place)
        for key, rate in ((-5.0, 16_000), (0.0, 44_100), (12.0, 16_000)):
            sung = signals.singing(3.0, rate, 0)
            stream = self.stream(subject, rate, key)
            (result,) = self.joined(feed(stream, sung.audio, [1000] * 140))
            cents = measures.f0_error(result[0], sung.f0 * 2 ** (key / 12), rate)
            assert cents < MAX_STREAM_CENTS, (
                f"{self.backend}: streamed at {rate} Hz and moved by {key:g} semitones, the result "
                f"is {cents:.0f} cents off"
            )

    @slow
    def test_a_stream_sings_in_the_voice_asked_for(self, place: Place, latency: float) -> None:
        subject = self.subject(place)
        for rate in (16_000, 44_100):
            sung = signals.singing(1.5, rate, 0)
            timbres: dict[str, list[Any]] = {"whole": [], "stream": []}
            for voice in (voice_of(subject, truth.ALTO), voice_of(subject, truth.BASS)):
                stream = subject.stream(rate, voice=voice, key=0.0)
                (streamed,) = self.joined(feed(stream, sung.audio, []))
                conversion = subject.begin(voice, sung.pitch, rate, key=0.0)
                conversion.observe(sung.audio, 0)
                whole = conversion.render(sung.audio, 0).numpy()
                for kind, samples in (("whole", whole), ("stream", streamed)):
                    low = Audio(samples, rate).resample(16_000).numpy()[0]
                    timbres[kind].append(measures.timbre(low).mean(axis=0))
            apart = {kind: float(np.mean(np.abs(a - b))) for kind, (a, b) in timbres.items()}
            assert apart["stream"] > MIN_STREAM_CONTRAST * apart["whole"], (
                f"{self.backend} at {rate} Hz: streamed, the timbres of two voices are "
                f"{apart['stream']:.1f} dB apart, and {apart['whole']:.1f} dB for the whole file"
            )
