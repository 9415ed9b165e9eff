"""What a separator promises."""

from __future__ import annotations

from math import ceil
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from autovoice_core._arrays import as_numpy
from autovoice_core._types import Audio
from autovoice_core.audio.source import as_source
from autovoice_core.audio.windows import iter_windows
from autovoice_core.backends.guards.separator import SUM_TOLERANCE
from autovoice_core.synthetic import truth
from autovoice_core.testing.contracts import measuring, singing
from autovoice_core.testing.contracts.base import Place, drawn
from autovoice_core.testing.contracts.batching import Batching
from autovoice_core.testing.contracts.claims import Claims
from autovoice_core.testing.contracts.conduct import Conduct
from autovoice_core.testing.contracts.drawing import Recipe, rates, recipes
from autovoice_core.testing.contracts.lengths import Lengths
from autovoice_core.testing.contracts.licences import Licences
from autovoice_core.testing.contracts.parity import Parity
from autovoice_core.testing.contracts.residency import Residency
from autovoice_core.testing.contracts.streaming import Streaming
from autovoice_core.testing.contracts.unmixing import STEMS, Unmixing, read


class SeparatorContract(
    Unmixing, Claims, Licences, Conduct, Lengths, Residency, Batching, Streaming, Parity
):
    """Proves a separator: subclass it and name the ``backend``."""

    most_channels = 8

    def test_stems_have_the_shape_and_rate_of_the_mixture(self, place: Place) -> None:
        inner = self.subject(place).inner

        @drawn(40, recipe=recipes(most_channels=8))
        def holds(recipe: Recipe) -> None:
            mixture = recipe.make()
            stems = inner.separate(mixture)
            for name in ("vocals", "accompaniment"):
                stem = getattr(stems, name)
                assert stem.numpy().shape == mixture.numpy().shape, (
                    f"{self.who}: {name} have the shape {stem.numpy().shape}, "
                    f"the mixture {mixture.numpy().shape}"
                )
                assert stem.sample_rate == mixture.sample_rate, f"{self.who}: {name} change rate"

    def test_stems_are_float32(self, place: Place) -> None:
        found = self.arrays(self.subject(place).inner, self.sound(0.3))
        types = {name: as_numpy(samples).dtype.name for name, samples in found.items()}
        assert types == {"vocals": "float32", "accompaniment": "float32"}

    def test_stems_add_up_to_the_mixture(self, place: Place) -> None:
        subject = self.subject(place)
        # Where stems are estimated apart, core deals out what is left over.
        heard = subject if getattr(subject.inner, "independent_stems", False) else subject.inner

        @drawn(40, recipe=recipes(most_channels=8))
        def holds(recipe: Recipe) -> None:
            mixture = recipe.make()
            vocals, accompaniment = read(heard.separate(mixture))
            error = np.abs(mixture.numpy() - vocals - accompaniment).max(initial=0.0)
            bound = SUM_TOLERANCE * max(1.0, float(np.abs(mixture.numpy()).max(initial=0.0)))
            assert error <= bound, f"{self.who}: the stems' sum is {error:.2g} off the mixture"

    def test_silence_gives_silence(self, place: Place) -> None:
        subject = self.subject(place)

        @drawn(15, recipe=recipes(most_channels=8, kinds="silence"))
        def holds(recipe: Recipe) -> None:
            for name, stem in zip(STEMS, self.hear(subject, recipe.make()), strict=True):
                assert not stem.any(), f"{self.who} makes sound out of silence in the {name}"

    def test_gain_in_is_gain_out(self, place: Place) -> None:
        subject = self.subject(place)
        mixture = self.sound(3.0)
        plain = self.hear(subject, mixture)
        for gain in (1e-4, 0.01, 0.125, 8.0):
            louder = self.hear(subject, Audio(np.float32(gain) * mixture.numpy(), 16_000))
            for name, one, other in zip(STEMS, plain, louder, strict=True):
                error = measuring.sdr(one, other / gain)
                assert error > 40, (
                    f"{self.who}: for a gain of {gain:g} the {name} are only {error:.0f} dB "
                    "like those without"
                )

    def test_the_voice_is_in_the_vocals(self, place: Place) -> None:
        subject = self.subject(place)
        for rate, seconds in ((8_000, 6.0), (22_050, 6.0), (44_100, 6.0), (96_000, 3.0)):
            song = singing.song(seconds, rate, 1)
            found = self.hear(subject, song.mixture)
            for name, true, stem in zip(STEMS, read(song.stems), found, strict=True):
                gain = measuring.sdr(true, stem) - measuring.sdr(true, song.mixture.numpy())
                assert gain > 0, (
                    f"{self.who}: at {rate} Hz the {name} are {-gain:.1f} dB farther from the "
                    "truth than the mixture is"
                )

    def test_channels_stay_where_they_are(self, place: Place) -> None:
        subject = self.subject(place)
        song = singing.song(3.0, 16_000, 0)
        mono, sung = song.mixture.numpy()[:1], song.stems.vocals.numpy()[:1]
        for channels in range(1, 9):
            for place_of in {0, channels // 2, channels - 1}:
                samples = np.zeros((channels, mono.shape[1]), np.float32)
                samples[place_of] = mono[0]
                stems = self.hear(subject, Audio(samples, 16_000))
                for name, stem in zip(STEMS, stems, strict=True):
                    power = np.sum(stem.astype(np.float64) ** 2, axis=1)
                    astray = power.sum() - power[place_of]
                    assert astray <= 1e-3 * power[place_of], (
                        f"{self.who}: sound in channel {place_of} of {channels} is in other "
                        f"channels of the {name}"
                    )
                gain = measuring.sdr(sung, stems[0][place_of]) - measuring.sdr(sung, mono)
                assert gain > 0, (
                    f"{self.who}: a voice in channel {place_of} of {channels}, beside silence, "
                    f"is {-gain:.1f} dB farther from the truth than the mixture is"
                )

    def test_equal_channels_stay_equal(self, place: Place) -> None:
        subject = self.subject(place)
        mono = self.sound(2.0).numpy()[:1]
        for channels in (2, 3, 8):
            audio = Audio(np.repeat(mono, channels, axis=0), 16_000)
            for name, stem in zip(STEMS, self.hear(subject, audio), strict=True):
                error = np.abs(stem - stem[:1]).max()
                assert error <= 1e-4, f"{self.who}: equal channels differ in the {name}"

    def test_nothing_is_late(self, place: Place) -> None:
        subject = self.subject(place)

        @drawn(6, rate=st.one_of(st.sampled_from([16_000, 44_100, 48_000]), rates()))
        def holds(rate: int) -> None:
            mixture = truth.song(1.5, rate, 1).mixture
            for name, stem in zip(STEMS, self.hear(subject, mixture), strict=True):
                late = _lag(mixture.numpy()[0], stem[0])
                assert late == 0, f"{self.who}: the {name} are {late} samples late at {rate} Hz"

    def test_no_sample_is_left_out(self, place: Place) -> None:
        subject = self.subject(place)
        mixture = self.sound(1.5)
        for cut in (0, 1, 2, 3):
            audio = Audio(mixture.numpy()[:, cut:].copy(), 16_000)
            for name, stem in zip(STEMS, self.hear(subject, audio), strict=True):
                for what, near in {"first": stem[:, :800], "last": stem[:, :-801:-1]}.items():
                    assert near[:, 0].any() or not near.any(), (
                        f"{self.who}: of {audio.frames} samples the {what} is missing in the {name}"
                    )

    def test_a_silence_amid_sound_stays_silent(self, place: Place) -> None:
        subject = self.subject(place)
        samples = self.sound(3.0).numpy().copy()
        samples[:, 16_000:36_000] = 0
        for name, stem in zip(STEMS, self.hear(subject, Audio(samples, 16_000)), strict=True):
            loudest = np.abs(stem[:, 20_000:32_000]).max()
            assert loudest <= 1e-4, f"{self.who} makes sound out of silence amid the {name}"

    def test_stems_have_no_offset(self, place: Place) -> None:
        subject = self.subject(place)
        samples = self.sound(3.0).numpy()
        mixture = Audio(samples - samples.mean(axis=1, keepdims=True), 16_000)
        for name, stem in zip(STEMS, self.hear(subject, mixture), strict=True):
            offset = float(np.abs(stem.mean(axis=1)).max())
            assert offset < 1e-3, f"{self.who}: the {name} have an offset of {offset:.2g}"

    def test_the_high_band_of_the_voice_is_in_the_vocals(self, place: Place) -> None:
        subject = self.subject(place)
        song = singing.song(6.0, 44_100, 1)
        true, found = (
            measuring.band_power(stem, 44_100, 8_000.0, 15_000.0)
            for stem in (song.stems.vocals.numpy(), self.hear(subject, song.mixture)[0])
        )
        level = 10 * np.log10((found + 1e-20) / (true + 1e-20))
        assert level > -20, (
            f"{self.who}: over 8 kHz the vocals are {-level:.0f} dB softer than the singer; "
            "work at the mixture's rate"
        )

    def test_a_shift_by_the_grid_shifts_the_stems(self, place: Place) -> None:
        subject = self.subject(place)
        mixture = self.sound(3.0)
        grid = subject.grid(16_000)
        shift = grid * max(1, 4000 // grid)
        later = Audio(np.pad(mixture.numpy(), ((0, 0), (shift, 0))), 16_000)
        plain = self.hear(subject, mixture)
        moved = tuple(stem[:, shift:] for stem in self.hear(subject, later))
        for name, one, other in zip(STEMS, plain, moved, strict=True):
            # What was the beginning has silence before it now, which may mean a little.
            alike = measuring.sdr(one, other)
            assert alike > 15, (
                f"{self.who}: {shift} samples later the {name} are {alike:.0f} dB alike"
            )

    def test_windows_give_what_the_whole_gives(self, place: Place) -> None:
        subject = self.subject(place)

        for rate, core in ((8_000, 2.0), (11_025, 5.0)):
            mixture = singing.song(ceil(max(8.0, 2.2 * subject.context)), rate, 2).mixture
            whole = self.hear(subject, mixture)
            pieces = []
            for window in iter_windows(
                as_source(mixture),
                core=int(core * rate),
                context=int(np.ceil(subject.context * rate)),
                grid=subject.grid(rate),
            ):
                found = self.hear(subject, window.audio)
                pieces.append([stem[:, window.keep] for stem in found])
            joined = tuple(np.concatenate(stems, axis=1) for stems in zip(*pieces, strict=True))
            fault = self.differ(whole, joined)
            assert fault is None, (
                f"{self.who} gives something else in windows of {core:.1f} s with the context "
                f"of {subject.context:g} s that it states: {fault}"
            )


def _lag(one: NDArray[Any], other: NDArray[Any]) -> int:
    """Return by how many samples ``other`` follows ``one``, where they are most alike."""
    size = 2 * len(one)
    across = np.fft.irfft(np.conj(np.fft.rfft(one, size)) * np.fft.rfft(other, size), size)
    lag = int(np.argmax(across))
    return lag - size if lag > len(one) else lag
