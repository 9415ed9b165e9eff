"""Tests of a separation's accuracy: level, channels, timing and bandwidth of the stems."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from autovoice_core._types import Audio
from autovoice_core.synthetic import truth
from autovoice_core.testing.contracts.common import measures, signals
from autovoice_core.testing.contracts.common.contract import Place, Result, slow
from autovoice_core.testing.contracts.common.strategies import for_examples, sample_rates
from autovoice_core.testing.contracts.separation.adapter import STEMS, SeparationAdapter, read

MAX_ASTRAY_DB = -20.0
"""Level of what may leak from one channel into silent ones, against all of a stem."""
MIN_LONE_SDR = -1.0
"""SDR of the vocals in dB where all other channels are silent; vocals of silence have 0."""


class SeparationAccuracy(SeparationAdapter):
    """Tests on songs whose stems are known."""

    def test_gain_in_is_gain_out(self, place: Place) -> None:
        subject = self.subject(place)
        mixture = self.signal(3.0)
        plain = self.run(subject, mixture)
        for gain in (1e-4, 0.01, 0.125, 8.0):
            louder = self.run(subject, Audio(np.float32(gain) * mixture.numpy(), 16_000))
            for name, one, other in zip(STEMS, plain, louder, strict=True):
                error = measures.sdr(one, other / gain)
                assert error > 40, (
                    f"{self.backend}: with a gain of {gain:g} the {name} have an SDR of only "
                    f"{error:.0f} dB against those without"
                )

    @slow
    def test_the_voice_is_in_the_vocals(self, place: Place) -> None:
        subject = self.subject(place)
        for rate, seconds in ((8_000, 6.0), (22_050, 6.0), (44_100, 6.0), (96_000, 3.0)):
            song = signals.song(seconds, rate, 1)
            found = self.run(subject, song.mixture)
            for name, true, stem in zip(STEMS, read(song.stems), found, strict=True):
                gain = measures.sdr(true, stem) - measures.sdr(true, song.mixture.numpy())
                assert gain > 0, (
                    f"{self.backend}: at {rate} Hz the SDR of the {name} is {-gain:.1f} dB under "
                    "that of the mixture"
                )

    @slow
    def test_channels_stay_where_they_are(self, place: Place) -> None:
        subject = self.subject(place)
        for rate, seconds, counts in ((16_000, 3.0, range(1, 9)), (44_100, 3.0, (2,))):
            song = signals.song(seconds, rate, 0)
            mono, sung = song.mixture.numpy()[:1], song.stems.vocals.numpy()[:1]
            for channels in counts:
                for occupied in {0, channels // 2, channels - 1}:
                    samples = np.zeros((channels, mono.shape[1]), np.float32)
                    samples[occupied] = mono[0]
                    stems = self.run(subject, Audio(samples, rate))
                    self._check_channel(stems, sung, occupied)

    def _check_channel(self, stems: Result, sung: NDArray[Any], occupied: int) -> None:
        """Check stems of a song in one channel, with silence in the others."""
        channels = len(stems[0])
        for name, stem in zip(STEMS, stems, strict=True):
            power = np.sum(stem.astype(np.float64) ** 2, axis=1)
            astray = 10 * np.log10((power.sum() - power[occupied] + 1e-20) / (power.sum() + 1e-12))
            assert astray < MAX_ASTRAY_DB, (
                f"{self.backend}: of sound in channel {occupied} of {channels}, {round(astray)} dB "
                f"leak into other channels of the {name}"
            )
        found = stems[0][[occupied]]
        level = measures.level_difference(sung, found)
        # Silence on one side is rare in songs: there a separator may do little, but no harm.
        assert level > -10 and measures.sdr(sung, found) > MIN_LONE_SDR, (  # noqa: PT018
            f"{self.backend}: for a voice in channel {occupied} of {channels}, the others silent, "
            f"the vocals are {level:+.1f} dB of the voice, with an SDR of "
            f"{measures.sdr(sung, found):.1f} dB"
        )

    def test_equal_channels_stay_equal(self, place: Place) -> None:
        subject = self.subject(place)
        mono = self.signal(2.0).numpy()[:1]
        for channels in (2, 3, 8):
            audio = Audio(np.repeat(mono, channels, axis=0), 16_000)
            for name, stem in zip(STEMS, self.run(subject, audio), strict=True):
                error = np.abs(stem - stem[:1]).max()
                assert error <= 1e-4, f"{self.backend}: equal channels differ in the {name}"

    def test_nothing_is_late(self, place: Place) -> None:
        subject = self.subject(place)

        @for_examples(6, rate=st.one_of(st.sampled_from([16_000, 44_100, 48_000]), sample_rates()))
        def check(rate: int) -> None:
            mixture = truth.song(1.5, rate, 1).mixture
            for name, stem in zip(STEMS, self.run(subject, mixture), strict=True):
                late = measures.lag(mixture.numpy()[0], stem[0])
                assert late == 0, f"{self.backend}: the {name} are {late} samples late at {rate} Hz"

    def test_stems_have_no_offset(self, place: Place) -> None:
        subject = self.subject(place)
        samples = self.signal(3.0).numpy()
        mixture = Audio(samples - samples.mean(axis=1, keepdims=True), 16_000)
        for name, stem in zip(STEMS, self.run(subject, mixture), strict=True):
            offset = float(np.abs(stem.mean(axis=1)).max())
            assert offset < 1e-3, f"{self.backend}: the {name} have an offset of {offset:.2g}"

    def test_the_high_band_of_the_voice_is_in_the_vocals(self, place: Place) -> None:
        subject = self.subject(place)
        song = signals.song(6.0, 44_100, 1)
        true, found = (
            measures.band_power(stem, 44_100, 8_000.0, 15_000.0)
            for stem in (song.stems.vocals.numpy(), self.run(subject, song.mixture)[0])
        )
        level = 10 * np.log10((found + 1e-20) / (true + 1e-20))
        assert level > -20, (
            f"{self.backend}: over 8 kHz the vocals are {-level:.0f} dB softer than the singer; "
            "process at the mixture's sample rate"
        )
