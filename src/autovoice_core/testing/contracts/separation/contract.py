"""The contract of separators."""

from __future__ import annotations

from math import ceil

import numpy as np

from autovoice_core._types import Audio
from autovoice_core.audio.reading import as_source
from autovoice_core.audio.windows import iter_windows
from autovoice_core.backends.guards.separator import SUM_TOLERANCE
from autovoice_core.testing.contracts.common import measures, signals
from autovoice_core.testing.contracts.common.batching import Batching
from autovoice_core.testing.contracts.common.claims import Claims
from autovoice_core.testing.contracts.common.contract import Place, slow
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
from autovoice_core.testing.contracts.separation.accuracy import SeparationAccuracy
from autovoice_core.testing.contracts.separation.adapter import STEMS, read


class SeparatorContract(
    SeparationAccuracy,
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

    @slow
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

    @slow
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
