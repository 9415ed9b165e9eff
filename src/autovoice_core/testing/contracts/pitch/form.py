"""Tests of a track's form: values, types, range, positions, windows."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from autovoice_core._arrays import as_numpy
from autovoice_core._frames import frame_centres
from autovoice_core._types import Audio, PitchFrames
from autovoice_core.audio.reading import as_source
from autovoice_core.audio.windows import iter_windows
from autovoice_core.synthetic import truth
from autovoice_core.testing.contracts.common import signals
from autovoice_core.testing.contracts.common.contract import Place
from autovoice_core.testing.contracts.common.strategies import (
    SignalSpec,
    for_examples,
    signal_specs,
)
from autovoice_core.testing.contracts.pitch.adapter import HOP, PitchAdapter, cents_of, cut, read


class TrackForm(PitchAdapter):
    """Tests that hold for a track whatever is sung."""

    def test_every_position_gets_a_value(self, place: Place) -> None:
        inner = self.subject(place).inner

        @for_examples(
            40, spec=signal_specs(kinds="tone noise"), hop=st.sampled_from([0.002, 0.01, 0.016])
        )
        def check(spec: SignalSpec, hop: float) -> None:
            centres = frame_centres(spec.frames, spec.sample_rate, hop)
            found = inner.estimate(spec.make(), centres)
            for name in ("f0", "voiced", "confidence"):
                shape = as_numpy(getattr(found, name)).shape
                assert shape == centres.shape, (
                    f"{self.backend}, given {len(centres)} positions in {spec.frames} samples, "
                    f"returns {name} of shape {shape}"
                )

    def test_positions_may_be_any(self, place: Place) -> None:
        subject = self.subject(place)
        audio = self.signal(0.5)
        every = np.arange(0, audio.frames + 1, 80)
        for centres in (every[:0], every[:1], every[-1:], every[[0, 3, 50, -1]], every):
            assert len(read(subject.estimate(audio, centres))[0]) == len(centres)

    def test_positions_need_not_be_even(self, place: Place) -> None:
        subject = self.subject(place)
        time = np.arange(32_000) / 16_000
        wave = 200.0 * 2 ** (time - 1)
        audio = truth.tone(wave, 16_000)
        rng = np.random.default_rng(0)
        for centres in (
            np.sort(rng.choice(np.arange(1600, 30_400), 150, replace=False)),
            np.arange(1600, 30_400, 32),
            np.arange(1600, 30_400, 1600),
        ):
            f0, voiced, _ = read(subject.estimate(audio, centres))
            off = np.abs(cents_of(f0[voiced], wave[centres[voiced]]))
            right = float(np.mean(off < 30)) if off.size else 0.0
            assert right > 0.9, (
                f"{self.backend} tracks {right:.0%} of a glide within 30 cents at positions "
                f"{np.diff(centres).min()} to {np.diff(centres).max()} samples apart"
            )

    def test_values_are_of_the_types_promised(self, place: Place) -> None:
        inner = self.subject(place).inner
        found = self.raw_arrays(inner, self.signal(0.3))
        types = {name: as_numpy(values).dtype.name for name, values in found.items()}
        assert types == {"f0": "float64", "voiced": "bool", "confidence": "float32"}

    def test_f0_is_zero_exactly_where_unvoiced(self, place: Place) -> None:
        inner = self.subject(place).inner

        @for_examples(20, spec=signal_specs(kinds="tone noise click"))
        def check(spec: SignalSpec) -> None:
            f0, voiced, confidence = (
                as_numpy(x) for x in self.raw_arrays(inner, spec.make()).values()
            )
            assert np.isfinite(f0).all(), f"{self.backend}: f0 is not finite"
            assert np.array_equal(f0 > 0, voiced), f"{self.backend}: f0 and voicing disagree"
            inside = (confidence >= 0) & (confidence <= 1)
            assert inside.all(), f"{self.backend}: confidence is outside 0 to 1"

    def test_f0_stays_in_the_range_asked_for(self, place: Place) -> None:
        sung = truth.sing(truth.ALTO, 4.0, 16_000, seed=1)
        ranges = ((60.0, 250.0), (200.0, 300.0), (300.0, 1000.0))
        # All are open before the first is used, so that state they share is found.
        trackers = [self.open(place, fmin=fmin, fmax=fmax) for fmin, fmax in ranges]
        for tracker, (fmin, fmax) in zip(trackers, ranges, strict=True):
            f0, voiced, _ = self.run(tracker, sung.audio)
            there = np.mean((sung.pitch.f0 > 1.1 * fmin) & (sung.pitch.f0 < fmax / 1.1))
            assert voiced.any() or there < 0.3, (
                f"{self.backend}, opened for {fmin:g} to {fmax:g} Hz, finds nothing voiced"
            )
            inside = (f0[voiced] >= 0.97 * fmin) & (f0[voiced] <= 1.03 * fmax)
            assert inside.all(), (
                f"{self.backend}, opened for {fmin:g} to {fmax:g} Hz, "
                f"finds {f0[voiced][~inside][0]:.0f} Hz"
            )

    def test_a_shift_by_whole_hops_shifts_the_track(self, place: Place) -> None:
        subject = self.subject(place)
        rate = 16_000
        audio = self.signal(2.5, rate)
        centres = frame_centres(audio.frames, rate, HOP)
        step = int(np.lcm(subject.grid(rate), 160))
        plain = read(subject.estimate(audio, centres))
        for shift in (step, 7 * step):
            later = Audio(np.pad(audio.numpy(), ((0, 0), (shift, 0))), rate)
            moved = read(subject.estimate(later, centres + shift))
            # Near its beginning the sound has another context now.
            far = centres > subject.context * rate + 2 * 160
            fault = self.difference(cut(plain, far), cut(moved, far))
            assert fault is None, f"{self.backend}, {shift} samples later: {fault}"

    def test_a_stream_keeps_the_hop_asked_for(self, place: Place, latency: float) -> None:
        subject = self.subject(place)
        audio = self.signal(1.2, 16_000, seed=3)
        for hop in (0.005, 0.016):
            stream = subject.stream(16_000, hop=hop)
            streamed = self.joined([stream.feed(audio), stream.flush()])
            whole = read(subject.estimate(audio, frame_centres(audio.frames, 16_000, hop)))
            fault = self.stream_difference(whole, streamed, 16_000)
            assert fault is None, f"{self.backend} streams with a hop of {hop:g} s: {fault}"

    def test_windows_give_what_the_whole_gives(self, place: Place) -> None:
        subject = self.subject(place)

        @for_examples(
            8, rate=st.sampled_from([8_000, 11_025, 16_000, 44_100]), core=st.floats(0.3, 3.0)
        )
        def check(rate: int, core: float) -> None:
            audio = signals.singing(6.0, rate, 5).audio
            centres = frame_centres(audio.frames, rate, HOP)
            whole = read(subject.estimate(audio, centres))
            pieces = []
            for window in iter_windows(
                as_source(audio),
                core=int(core * rate),
                context=int(np.ceil(subject.context * rate)),
                grid=subject.grid(rate),
            ):
                # As core does: frames of the whole window, of which those in its core are kept.
                stop = window.start + window.audio.frames
                inside = centres[(centres >= window.start) & (centres <= stop)]
                begin, end = window.core.start, window.core.stop + window.last
                found = read(subject.estimate(window.audio, inside - window.start))
                pieces.append(PitchFrames(*cut(found, (inside >= begin) & (inside < end))))
            fault = self.difference(whole, self.joined(pieces))
            assert fault is None, (
                f"{self.backend} gives another result in windows of {core:.1f} s with the context "
                f"of {subject.context:g} s that it states: {fault}"
            )
