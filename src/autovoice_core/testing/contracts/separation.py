"""What a separator promises."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from autovoice_core._arrays import as_numpy
from autovoice_core._types import Audio
from autovoice_core.audio.source import as_source
from autovoice_core.audio.windows import windows
from autovoice_core.backends.guarded_separator import SUM_TOLERANCE
from autovoice_core.backends.offer import Operation
from autovoice_core.separation import VocalSeparator
from autovoice_core.testing.contracts import singing
from autovoice_core.testing.contracts.base import Place, drawn
from autovoice_core.testing.contracts.claims import Claims
from autovoice_core.testing.contracts.conduct import Conduct
from autovoice_core.testing.contracts.drawing import Recipe, recipes
from autovoice_core.testing.contracts.parity import Parity
from autovoice_core.testing.contracts.streaming import Streaming

Found = tuple[NDArray[Any], ...]


class SeparatorContract(Claims, Conduct, Streaming, Parity):
    """Proves a separator: subclass it and name the ``backend``."""

    operation: ClassVar[Operation] = "separation"
    most_channels = 8

    def hear(self, subject: Any, audio: Audio) -> Found:
        """Return vocals and accompaniment."""
        return _read(subject.separate(audio))

    def sound(self, seconds: float = 1.5, sample_rate: int = 16_000, seed: int = 0) -> Audio:
        """Return a singer over a band, in stereo."""
        return singing.song(seconds, sample_rate, seed).mixture

    def arrays(self, subject: Any, audio: Audio) -> dict[str, Any]:
        """Return the separator's own arrays."""
        stems = subject.separate(audio)
        return {"vocals": stems.vocals.samples, "accompaniment": stems.accompaniment.samples}

    def through_core(self, place: Place, audio: Audio) -> tuple[Any, ...]:
        """Return ``made_by`` of the vocals."""
        separator = VocalSeparator(backend=self.backend, need=self.need(place))
        return separator.separate(audio).vocals.made_by

    @staticmethod
    def said(outputs: Sequence[Any]) -> Found:
        """Return the stems of a stream, joined."""
        parts = [_read(output) for output in outputs]
        return tuple(np.concatenate(column, axis=1) for column in zip(*parts, strict=True))

    @staticmethod
    def differ(one: Found, other: Found) -> str | None:
        """Return how stems differ by more than -80 dB of full scale."""
        for name, a, b in zip(("vocals", "accompaniment"), one, other, strict=True):
            if a.shape != b.shape:
                return f"{name} have the shape {b.shape} and not {a.shape}"
            error = np.abs(a - b).max(initial=0.0)
            if error > 1e-4:
                return f"{name} differ by {20 * np.log10(error):.0f} dB of full scale"
        return None

    def strays(self, whole: Found, said: Found) -> str | None:
        """Return how a stream's stems differ from those of the whole by more than -10 dB."""
        for name, a, b in zip(_STEMS, whole, said, strict=True):
            if a.shape != b.shape:
                return f"{name} have the shape {b.shape} and not {a.shape}"
            if singing.sdr(a, b) < 10:
                return f"{name} are only {singing.sdr(a, b):.1f} dB like those of the whole"
        return None

    @staticmethod
    def measured(subject: Any) -> dict[str, float]:
        """Return the figures of the separation tiers."""
        return singing.separation_gain(subject)

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
        inner = self.subject(place).inner

        @drawn(40, recipe=recipes(most_channels=8))
        def holds(recipe: Recipe) -> None:
            mixture = recipe.make()
            vocals, accompaniment = _read(inner.separate(mixture))
            error = np.abs(mixture.numpy() - vocals - accompaniment).max(initial=0.0)
            bound = SUM_TOLERANCE * max(1.0, float(np.abs(mixture.numpy()).max(initial=0.0)))
            assert error <= bound, f"{self.who}: the stems' sum is {error:.2g} off the mixture"

    def test_silence_gives_silence(self, place: Place) -> None:
        subject = self.subject(place)

        @drawn(15, recipe=recipes(most_channels=8, kinds="silence"))
        def holds(recipe: Recipe) -> None:
            for name, stem in zip(_STEMS, self.hear(subject, recipe.make()), strict=True):
                assert not stem.any(), f"{self.who} makes sound out of silence in the {name}"

    def test_gain_in_is_gain_out(self, place: Place) -> None:
        subject = self.subject(place)
        mixture = self.sound(3.0)
        plain = self.hear(subject, mixture)
        for gain in (0.01, 0.125, 8.0):
            louder = self.hear(subject, Audio(np.float32(gain) * mixture.numpy(), 16_000))
            for name, one, other in zip(_STEMS, plain, louder, strict=True):
                error = singing.sdr(one, other / gain)
                assert error > 40, (
                    f"{self.who}: for a gain of {gain:g} the {name} are only {error:.0f} dB "
                    "like those without"
                )

    def test_the_voice_is_in_the_vocals(self, place: Place) -> None:
        subject = self.subject(place)
        for rate in (8_000, 22_050, 44_100):
            song = singing.song(6.0, rate, 1)
            found = self.hear(subject, song.mixture)
            for name, true, stem in zip(_STEMS, _read(song.stems), found, strict=True):
                gain = singing.sdr(true, stem) - singing.sdr(true, song.mixture.numpy())
                assert gain > 0, (
                    f"{self.who}: at {rate} Hz the {name} are {-gain:.1f} dB farther from the "
                    "truth than the mixture is"
                )

    def test_channels_stay_where_they_are(self, place: Place) -> None:
        subject = self.subject(place)
        mono = self.sound(3.0).numpy()[:1]
        for channels in (2, 5):
            for place_of in range(channels):
                samples = np.zeros((channels, mono.shape[1]), np.float32)
                samples[place_of] = mono[0]
                for name, stem in zip(
                    _STEMS, self.hear(subject, Audio(samples, 16_000)), strict=True
                ):
                    power = np.sum(stem.astype(np.float64) ** 2, axis=1)
                    astray = power.sum() - power[place_of]
                    assert astray <= 1e-3 * power[place_of], (
                        f"{self.who}: sound in channel {place_of} of {channels} is in other "
                        f"channels of the {name}"
                    )

    def test_equal_channels_stay_equal(self, place: Place) -> None:
        subject = self.subject(place)
        mono = self.sound(2.0).numpy()[:1]
        for channels in (2, 3, 8):
            audio = Audio(np.repeat(mono, channels, axis=0), 16_000)
            for name, stem in zip(_STEMS, self.hear(subject, audio), strict=True):
                error = np.abs(stem - stem[:1]).max()
                assert error <= 1e-4, f"{self.who}: equal channels differ in the {name}"

    def test_nothing_is_late(self, place: Place) -> None:
        subject = self.subject(place)
        for rate in (16_000, 44_100):
            mixture = self.sound(2.0, rate)
            for name, stem in zip(_STEMS, self.hear(subject, mixture), strict=True):
                late = _lag(mixture.numpy()[0], stem[0])
                assert late == 0, f"{self.who}: the {name} are {late} samples late"

    def test_a_shift_by_the_grid_shifts_the_stems(self, place: Place) -> None:
        subject = self.subject(place)
        mixture = self.sound(3.0)
        grid = subject.grid(16_000)
        shift = grid * max(1, 4000 // grid)
        later = Audio(np.pad(mixture.numpy(), ((0, 0), (shift, 0))), 16_000)
        plain = self.hear(subject, mixture)
        moved = tuple(stem[:, shift:] for stem in self.hear(subject, later))
        for name, one, other in zip(_STEMS, plain, moved, strict=True):
            # What was the beginning has silence before it now, which may mean a little.
            alike = singing.sdr(one, other)
            assert alike > 15, (
                f"{self.who}: {shift} samples later the {name} are {alike:.0f} dB alike"
            )

    def test_windows_give_what_the_whole_gives(self, place: Place) -> None:
        subject = self.subject(place)

        for rate, core in ((8_000, 2.0), (11_025, 5.0)):
            mixture = singing.song(ceil(max(8.0, 2.2 * subject.context)), rate, 2).mixture
            whole = self.hear(subject, mixture)
            pieces = []
            for window in windows(
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


_STEMS = ("vocals", "accompaniment")


def _read(stems: Any) -> Found:
    return stems.vocals.numpy(), stems.accompaniment.numpy()


def _lag(one: NDArray[Any], other: NDArray[Any]) -> int:
    """Return by how many samples ``other`` follows ``one``, where they are most alike."""
    size = 2 * len(one)
    across = np.fft.irfft(np.conj(np.fft.rfft(one, size)) * np.fft.rfft(other, size), size)
    lag = int(np.argmax(across))
    return lag - size if lag > len(one) else lag
