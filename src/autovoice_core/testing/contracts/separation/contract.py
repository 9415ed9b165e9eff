"""The contract of separators."""

from __future__ import annotations

from math import ceil
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from autovoice_core._types import Audio
from autovoice_core.audio.reading import as_source
from autovoice_core.audio.windows import iter_windows
from autovoice_core.backends.guards.separator import SUM_TOLERANCE
from autovoice_core.synthetic import truth
from autovoice_core.testing.contracts.common import measures, signals
from autovoice_core.testing.contracts.common.batching import Batching
from autovoice_core.testing.contracts.common.claims import Claims
from autovoice_core.testing.contracts.common.contract import Place
from autovoice_core.testing.contracts.common.kernel_parity import KernelParity
from autovoice_core.testing.contracts.common.lengths import Lengths
from autovoice_core.testing.contracts.common.licences import Licences
from autovoice_core.testing.contracts.common.purity import Purity
from autovoice_core.testing.contracts.common.residency import Residency
from autovoice_core.testing.contracts.common.strategies import (
    SignalSpec,
    for_examples,
    sample_rates,
    signal_specs,
)
from autovoice_core.testing.contracts.common.streaming import Streaming
from autovoice_core.testing.contracts.separation.adapter import STEMS, SeparationAdapter, read


class SeparatorContract(
    SeparationAdapter,
    Claims,
    Licences,
    Purity,
    Lengths,
    Residency,
    Batching,
    Streaming,
    KernelParity,
):
    """Tests of a separator: subclass it and name the ``backend``."""

    max_channels = 8

    def test_stems_have_the_shape_and_rate_of_the_mixture(self, place: Place) -> None:
        inner = self.subject(place).inner

        @for_examples(40, spec=signal_specs(max_channels=8))
        def check(spec: SignalSpec) -> None:
            mixture = spec.make()
            stems = inner.separate(mixture)
            for name in ("vocals", "accompaniment"):
                stem = getattr(stems, name)
                assert stem.numpy().shape == mixture.numpy().shape, (
                    f"{self.backend}: {name} have the shape {stem.numpy().shape}, "
                    f"the mixture {mixture.numpy().shape}"
                )
                assert stem.sample_rate == mixture.sample_rate, (
                    f"{self.backend}: {name} change rate"
                )

    def test_stems_add_up_to_the_mixture(self, place: Place) -> None:
        subject = self.subject(place)
        # If stems are estimated independently, core distributes the residual.
        separator = subject if getattr(subject.inner, "independent_stems", False) else subject.inner

        @for_examples(40, spec=signal_specs(max_channels=8))
        def check(spec: SignalSpec) -> None:
            mixture = spec.make()
            vocals, accompaniment = read(separator.separate(mixture))
            error = np.abs(mixture.numpy() - vocals - accompaniment).max(initial=0.0)
            bound = SUM_TOLERANCE * max(1.0, float(np.abs(mixture.numpy()).max(initial=0.0)))
            assert error <= bound, (
                f"{self.backend}: the sum of the stems is {error:.2g} off the mixture"
            )

    def test_silence_gives_silence(self, place: Place) -> None:
        subject = self.subject(place)

        @for_examples(15, spec=signal_specs(max_channels=8, kinds="silence"))
        def check(spec: SignalSpec) -> None:
            for name, stem in zip(STEMS, self.run(subject, spec.make()), strict=True):
                assert not stem.any(), f"{self.backend} turns silence into sound in the {name}"

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

    def test_channels_stay_where_they_are(self, place: Place) -> None:
        subject = self.subject(place)
        song = signals.song(3.0, 16_000, 0)
        mono, sung = song.mixture.numpy()[:1], song.stems.vocals.numpy()[:1]
        for channels in range(1, 9):
            for occupied in {0, channels // 2, channels - 1}:
                samples = np.zeros((channels, mono.shape[1]), np.float32)
                samples[occupied] = mono[0]
                stems = self.run(subject, Audio(samples, 16_000))
                for name, stem in zip(STEMS, stems, strict=True):
                    power = np.sum(stem.astype(np.float64) ** 2, axis=1)
                    astray = power.sum() - power[occupied]
                    assert astray <= 1e-3 * power[occupied], (
                        f"{self.backend}: sound in channel {occupied} of {channels} leaks into "
                        f"other channels of the {name}"
                    )
                gain = measures.sdr(sung, stems[0][occupied]) - measures.sdr(sung, mono)
                assert gain > 0, (
                    f"{self.backend}: for a voice in channel {occupied} of {channels}, the others "
                    f"silent, the SDR is {-gain:.1f} dB under that of the mixture"
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
                late = _lag(mixture.numpy()[0], stem[0])
                assert late == 0, f"{self.backend}: the {name} are {late} samples late at {rate} Hz"

    def test_no_sample_is_left_out(self, place: Place) -> None:
        subject = self.subject(place)
        mixture = self.signal(1.5)
        for cut in (0, 1, 2, 3):
            audio = Audio(mixture.numpy()[:, cut:].copy(), 16_000)
            for name, stem in zip(STEMS, self.run(subject, audio), strict=True):
                for what, near in {"first": stem[:, :800], "last": stem[:, :-801:-1]}.items():
                    assert near[:, 0].any() or not near.any(), (
                        f"{self.backend}: the {what} of {audio.frames} samples is missing in the "
                        f"{name}"
                    )

    def test_a_silence_amid_sound_stays_silent(self, place: Place) -> None:
        subject = self.subject(place)
        samples = self.signal(3.0).numpy().copy()
        samples[:, 16_000:36_000] = 0
        for name, stem in zip(STEMS, self.run(subject, Audio(samples, 16_000)), strict=True):
            loudest = np.abs(stem[:, 20_000:32_000]).max()
            assert loudest <= 1e-4, (
                f"{self.backend} turns silence amid sound into sound in the {name}"
            )

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

    def test_a_shift_by_the_grid_shifts_the_stems(self, place: Place) -> None:
        subject = self.subject(place)
        mixture = self.signal(3.0)
        grid = subject.grid(16_000)
        shift = grid * max(1, 4000 // grid)
        later = Audio(np.pad(mixture.numpy(), ((0, 0), (shift, 0))), 16_000)
        plain = self.run(subject, mixture)
        moved = tuple(stem[:, shift:] for stem in self.run(subject, later))
        for name, one, other in zip(STEMS, plain, moved, strict=True):
            # The beginning follows silence now, which may change it a little.
            ratio = measures.sdr(one, other)
            assert ratio > 15, (
                f"{self.backend}: {shift} samples later the {name} have an SDR of {ratio:.0f} dB "
                "against those before"
            )

    def test_windows_give_what_the_whole_gives(self, place: Place) -> None:
        subject = self.subject(place)

        for rate, core in ((8_000, 2.0), (11_025, 5.0)):
            mixture = signals.song(ceil(max(8.0, 2.2 * subject.context)), rate, 2).mixture
            whole = self.run(subject, mixture)
            pieces = []
            for window in iter_windows(
                as_source(mixture),
                core=int(core * rate),
                context=int(np.ceil(subject.context * rate)),
                grid=subject.grid(rate),
            ):
                found = self.run(subject, window.audio)
                pieces.append([stem[:, window.keep] for stem in found])
            joined = tuple(np.concatenate(stems, axis=1) for stems in zip(*pieces, strict=True))
            fault = self.difference(whole, joined)
            assert fault is None, (
                f"{self.backend} gives another result in windows of {core:.1f} s with the context "
                f"of {subject.context:g} s that it states: {fault}"
            )


def _lag(one: NDArray[Any], other: NDArray[Any]) -> int:
    """Return the lag of ``other`` behind ``one`` in samples, by cross-correlation."""
    size = 2 * len(one)
    across = np.fft.irfft(np.conj(np.fft.rfft(one, size)) * np.fft.rfft(other, size), size)
    lag = int(np.argmax(across))
    return lag - size if lag > len(one) else lag
