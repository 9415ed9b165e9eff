"""What a pitch estimator promises."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from attrs import evolve
from hypothesis import strategies as st
from numpy.typing import NDArray

from autovoice_core._arrays import as_numpy
from autovoice_core._grid import frame_centres
from autovoice_core._types import Audio, PitchFrames
from autovoice_core.audio.source import as_source
from autovoice_core.audio.windows import windows
from autovoice_core.backends.offer import Operation
from autovoice_core.pitch import SingingPitchExtractor
from autovoice_core.testing import truth
from autovoice_core.testing.contracts import singing
from autovoice_core.testing.contracts.base import Place, drawn
from autovoice_core.testing.contracts.claims import Claims
from autovoice_core.testing.contracts.conduct import Conduct
from autovoice_core.testing.contracts.drawing import Recipe, rates, recipes
from autovoice_core.testing.contracts.parity import Parity
from autovoice_core.testing.contracts.streaming import Streaming

HOP = 0.01
Found = tuple[NDArray[Any], ...]


class PitchContract(Claims, Conduct, Streaming, Parity):
    """Proves a pitch estimator: subclass it and name the ``backend``."""

    operation: ClassVar[Operation] = "pitch"

    def hear(self, subject: Any, audio: Audio) -> Found:
        """Return f0, voiced and confidence every 10 ms."""
        frames, rate = (audio.frames, audio.sample_rate) if isinstance(audio, Audio) else (0, 8000)
        return _read(subject.estimate(audio, frame_centres(frames, rate, HOP)))

    def sound(self, seconds: float = 1.5, sample_rate: int = 16_000, seed: int = 0) -> Audio:
        """Return a voice singing."""
        return singing.sung(seconds, sample_rate, seed).audio

    def arrays(self, subject: Any, audio: Audio) -> dict[str, Any]:
        """Return the estimator's own arrays."""
        frames = subject.estimate(audio, frame_centres(audio.frames, audio.sample_rate, HOP))
        return {name: getattr(frames, name) for name in ("f0", "voiced", "confidence")}

    def through_core(self, place: Place, audio: Audio) -> tuple[Any, ...]:
        """Return ``made_by`` of a track."""
        need = self.need(place)
        return SingingPitchExtractor(backend=self.backend, need=need).extract(audio).made_by

    def stream(self, subject: Any, sample_rate: int) -> Any:
        """Return a new stream with a frame every 10 ms."""
        return subject.stream(sample_rate, hop=HOP)

    @staticmethod
    def said(outputs: Sequence[Any]) -> Found:
        """Return the frames of a stream, joined."""
        parts = [_read(output) for output in outputs]
        return tuple(np.concatenate(column) for column in zip(*parts, strict=True))

    @staticmethod
    def due(frames: int, sample_rate: int, latency: float) -> int:
        """Return how many frames lie more than ``latency`` before the end."""
        past = frames - latency * sample_rate
        return len(frame_centres(int(past), sample_rate, HOP)) if past >= 0 else 0

    @staticmethod
    def differ(one: Found, other: Found) -> str | None:
        """Return how two tracks differ by more than 0.2 cents, or in voicing."""
        if len(one[0]) != len(other[0]):
            return f"{len(other[0])} frames and not {len(one[0])}"
        unlike = np.flatnonzero(one[1] != other[1])
        if unlike.size:
            return f"{unlike.size} frames differ in voicing, the first is frame {unlike[0]}"
        cents = np.abs(_cents(other[0][one[1]], one[0][one[1]]))
        if cents.max(initial=0.0) > 0.2:
            return f"f0 differs by up to {cents.max():.2g} cents"
        return None

    def strays(self, whole: Found, said: Found) -> str | None:
        """Return how a stream's track differs from the whole's in more than a tenth of it."""
        if len(whole[0]) != len(said[0]):
            return f"{len(said[0])} frames and not {len(whole[0])}"
        both = whole[1] & said[1]
        alike = float(np.mean(whole[1] == said[1]))
        near = (
            float(np.mean(np.abs(_cents(said[0][both], whole[0][both])) < 30)) if both.any() else 0
        )
        if min(alike, near) < 0.9:
            return f"voicing agrees in {alike:.0%} of the frames, f0 in {near:.0%}"
        return None

    @staticmethod
    def measured(subject: Any) -> dict[str, float]:
        """Return the figures of the pitch tiers, the mean over four singers."""
        return singing.pitch_figures(subject)

    # What comes out.

    def test_every_position_gets_a_value(self, place: Place) -> None:
        inner = self.subject(place).inner

        @drawn(40, recipe=recipes(kinds="tone noise"), hop=st.sampled_from([0.002, 0.01, 0.016]))
        def holds(recipe: Recipe, hop: float) -> None:
            centres = frame_centres(recipe.frames, recipe.sample_rate, hop)
            found = inner.estimate(recipe.make(), centres)
            for name in ("f0", "voiced", "confidence"):
                shape = as_numpy(getattr(found, name)).shape
                assert shape == centres.shape, (
                    f"{self.who} was asked about {len(centres)} positions in {recipe.frames} "
                    f"samples, and {name} has the shape {shape}"
                )

    def test_positions_may_be_any(self, place: Place) -> None:
        subject = self.subject(place)
        audio = self.sound(0.5)
        every = np.arange(0, audio.frames + 1, 80)
        for centres in (every[:0], every[:1], every[-1:], every[[0, 3, 50, -1]], every):
            assert len(_read(subject.estimate(audio, centres))[0]) == len(centres)

    def test_values_are_of_the_types_promised(self, place: Place) -> None:
        inner = self.subject(place).inner
        found = self.arrays(inner, self.sound(0.3))
        types = {name: as_numpy(values).dtype.name for name, values in found.items()}
        assert types == {"f0": "float64", "voiced": "bool", "confidence": "float32"}

    def test_f0_is_zero_exactly_where_unvoiced(self, place: Place) -> None:
        inner = self.subject(place).inner

        @drawn(20, recipe=recipes(kinds="tone noise click"))
        def holds(recipe: Recipe) -> None:
            f0, voiced, confidence = (
                as_numpy(x) for x in self.arrays(inner, recipe.make()).values()
            )
            assert np.isfinite(f0).all(), f"{self.who}: f0 is not finite"
            assert np.array_equal(f0 > 0, voiced), f"{self.who}: f0 and voicing disagree"
            inside = (confidence >= 0) & (confidence <= 1)
            assert inside.all(), f"{self.who}: confidence is outside 0 to 1"

    def test_f0_stays_in_the_range_asked_for(self, place: Place) -> None:
        audio = truth.sing(truth.ALTO, 4.0, 16_000, seed=1).audio
        for fmin, fmax in ((60.0, 250.0), (200.0, 300.0), (300.0, 1000.0)):
            f0, voiced, _ = self.hear(self.open(place, fmin=fmin, fmax=fmax), audio)
            inside = (f0[voiced] >= 0.97 * fmin) & (f0[voiced] <= 1.03 * fmax)
            assert inside.all(), (
                f"{self.who}, asked to look from {fmin:g} to {fmax:g} Hz, "
                f"found {f0[voiced][~inside][0]:.0f} Hz"
            )

    # Whether it is right.

    def test_silence_is_unvoiced(self, place: Place) -> None:
        subject = self.subject(place)

        @drawn(20, recipe=recipes(kinds="silence"))
        def holds(recipe: Recipe) -> None:
            assert not self.hear(subject, recipe.make())[1].any(), f"{self.who} hears a voice"

    def test_noise_is_mostly_unvoiced(self, place: Place) -> None:
        subject = self.subject(place)
        for rate in (8_000, 16_000, 44_100):
            audio = Recipe("noise", 2 * rate, rate).make()
            voiced = self.hear(subject, audio)[1].mean()
            assert voiced < 0.2, f"{self.who} calls {voiced:.0%} of noise at {rate} Hz voiced"

    def test_a_tone_has_its_pitch_at_any_rate(self, place: Place) -> None:
        subject = self.subject(place)

        @drawn(30, f0=st.floats(80.0, 1000.0), rate=rates(), cents=st.floats(0.0, 50.0))
        def holds(f0: float, rate: int, cents: float) -> None:
            time = np.arange(int(0.6 * rate)) / rate
            wave = f0 * 2 ** (cents / 1200 * np.sin(2 * np.pi * 5.5 * time))
            self._on_pitch(
                subject, truth.tone(wave, rate), wave, f"a tone of {f0:.0f} Hz at {rate} Hz"
            )

    def test_no_vowel_is_an_octave_off(self, place: Place) -> None:
        subject = self.subject(place)
        for singer in truth.SINGERS.values():
            for vowel in singing.VOWELS:
                for height in (0.15, 0.5, 0.85):
                    f0 = singer.low * (singer.high / singer.low) ** height
                    sung = singing.held(singer, vowel, f0)
                    self._on_pitch(
                        subject, sung.audio, sung.f0, f"{singer.name}'s {vowel!r} at {f0:.0f} Hz"
                    )

    def _on_pitch(self, subject: Any, audio: Audio, f0: NDArray[Any], what: str) -> None:
        centres = frame_centres(audio.frames, audio.sample_rate, HOP)
        inner = centres[10:-10]
        found, voiced, _ = _read(subject.estimate(audio, inner))
        cents = np.abs(_cents(found[voiced], f0[inner][voiced]))
        share = float(np.mean(voiced))
        assert share > 0.8, f"{self.who} calls {share:.0%} of {what} voiced"
        right = float(np.mean(cents < 50)) if cents.size else 0.0
        assert right > 0.8, (
            f"{self.who} hears {what} {np.median(cents):.0f} cents off in the median, and "
            f"{right:.0%} of it within 50 cents"
        )
        assert np.median(cents) < 20, (
            f"{self.who} hears {what} {np.median(cents):.0f} cents off in the median"
        )

    def test_an_octave_up_is_an_octave_up(self, place: Place) -> None:
        subject = self.subject(place)
        score = truth.compose(6.0, low=110.0, high=400.0, seed=2)
        higher = evolve(score, f0=2 * score.f0)
        low, high = (
            self.hear(subject, truth.sing(truth.ALTO, 6.0, 16_000, 2, score=one).audio)
            for one in (score, higher)
        )
        both = low[1] & high[1]
        risen = _cents(high[0][both], low[0][both])
        right = float(np.mean(np.abs(risen - 1200) < 50))
        assert both.mean() > 0.4, f"{self.who} finds {both.mean():.0%} of a song voiced twice"
        assert right > 0.85, f"{self.who} hears {right:.0%} of a song an octave up when it is"

    def test_louder_is_not_higher(self, place: Place) -> None:
        subject = self.subject(place)
        audio = self.sound(3.0)
        f0, voiced, _ = self.hear(subject, audio)
        for gain in (0.05, 0.25, 4.0):
            other = self.hear(subject, Audio(np.float32(gain) * audio.numpy(), 16_000))
            both = voiced & other[1]
            alike = float(np.mean(voiced == other[1]))
            near = (
                float(np.mean(np.abs(_cents(other[0][both], f0[both])) < 10)) if both.any() else 0
            )
            assert min(alike, near) > 0.95, (
                f"{self.who} gives another track for a gain of {gain:g}: voicing agrees in "
                f"{alike:.0%}, f0 in {near:.0%} of the frames"
            )

    def test_the_track_is_on_time(self, place: Place) -> None:
        late = singing.delay(lambda audio: self.hear(self.subject(place), audio)[0], HOP)
        assert abs(late) < 0.004, f"{self.who} tells pitch {1000 * late:.1f} ms late"

    def test_the_pitch_is_not_sharp_or_flat(self, place: Place) -> None:
        subject = self.subject(place)
        errors = []
        for singer in truth.SINGERS.values():
            sung = truth.sing(singer, 4.0, 16_000, seed=7)
            f0, voiced, _ = self.hear(subject, sung.audio)
            both = voiced & sung.pitch.voiced
            errors.append(_cents(f0[both], sung.pitch.f0[both]))
        bias = float(np.median(np.concatenate(errors)))
        assert abs(bias) < 8, f"{self.who} is {bias:+.0f} cents off in the median"

    def test_vibrato_is_followed(self, place: Place) -> None:
        subject = self.subject(place)
        for cents in (25.0, 90.0):
            time = np.arange(32_000) / 16_000
            wave = 330.0 * 2 ** (cents / 1200 * np.sin(2 * np.pi * 5.5 * time))
            f0, voiced, _ = self.hear(subject, truth.tone(wave, 16_000))
            heard = _cents(f0[voiced][20:-20], 330.0)
            extent = float(np.sqrt(2) * heard.std()) if heard.size else 0.0
            assert 0.7 * cents < extent < 1.3 * cents, (
                f"{self.who} hears a vibrato of {extent:.0f} cents where it is {cents:.0f}"
            )

    def test_it_is_surer_of_a_voice_than_of_noise(self, place: Place) -> None:
        subject = self.subject(place)
        sung = singing.sung(3.0, 16_000, 0)
        voice = self.hear(subject, sung.audio)[2][sung.pitch.voiced].mean()
        noise = self.hear(subject, Recipe("noise", 48_000, 16_000).make())[2].mean()
        assert voice > noise + 0.1, (
            f"{self.who} is {voice:.2f} sure of a voice and {noise:.2f} of noise"
        )

    # Whether time does what it should.

    def test_a_shift_by_whole_hops_shifts_the_track(self, place: Place) -> None:
        subject = self.subject(place)
        rate = 16_000
        audio = self.sound(2.5, rate)
        centres = frame_centres(audio.frames, rate, HOP)
        step = int(np.lcm(subject.grid(rate), 160))
        plain = _read(subject.estimate(audio, centres))
        for shift in (step, 7 * step):
            later = Audio(np.pad(audio.numpy(), ((0, 0), (shift, 0))), rate)
            moved = _read(subject.estimate(later, centres + shift))
            # Near its beginning the sound has other neighbours now.
            far = centres > subject.context * rate + 2 * 160
            fault = self.differ(_cut(plain, far), _cut(moved, far))
            assert fault is None, f"{self.who}, {shift} samples later: {fault}"

    def test_windows_give_what_the_whole_gives(self, place: Place) -> None:
        subject = self.subject(place)

        @drawn(8, rate=st.sampled_from([8_000, 11_025, 16_000, 44_100]), core=st.floats(0.3, 3.0))
        def holds(rate: int, core: float) -> None:
            audio = singing.sung(6.0, rate, 5).audio
            centres = frame_centres(audio.frames, rate, HOP)
            whole = _read(subject.estimate(audio, centres))
            pieces = []
            for window in windows(
                as_source(audio),
                core=int(core * rate),
                context=int(np.ceil(subject.context * rate)),
                grid=subject.grid(rate),
            ):
                # As core does: asked about the whole window, used inside its core.
                stop = window.start + window.audio.frames
                asked = centres[(centres >= window.start) & (centres <= stop)]
                begin, end = window.core.start, window.core.stop + window.last
                found = _read(subject.estimate(window.audio, asked - window.start))
                pieces.append(PitchFrames(*_cut(found, (asked >= begin) & (asked < end))))
            fault = self.differ(whole, self.said(pieces))
            assert fault is None, (
                f"{self.who} gives something else in windows of {core:.1f} s with the context "
                f"of {subject.context:g} s that it states: {fault}"
            )


def _read(frames: Any) -> Found:
    return as_numpy(frames.f0), as_numpy(frames.voiced), as_numpy(frames.confidence)


def _cut(found: Found, where: NDArray[np.bool_]) -> Found:
    return tuple(values[where] for values in found)


def _cents(one: Any, other: Any) -> NDArray[np.float64]:
    return np.asarray(1200 * np.log2(one / other))
