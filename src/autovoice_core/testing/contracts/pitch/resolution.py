"""Tests of a track's resolution: every register, small steps, and voicing to the frame."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core._frames import frame_centres
from autovoice_core._types import Audio
from autovoice_core.synthetic import truth
from autovoice_core.testing.contracts.common.contract import Place
from autovoice_core.testing.contracts.common.stream_blocks import feed
from autovoice_core.testing.contracts.pitch.adapter import HOP, PitchAdapter, agreement, cents_of

Floats = NDArray[np.float64]

RATES = (16_000, 44_100)
REGISTERS = (80.0, 160.0, 300.0, 450.0, 600.0, 750.0, 1000.0)
"""Edges of the registers in Hz."""
MAX_VOICING_DELAY = 0.009
"""Seconds."""
INTERVALS = np.array([0, 4, 7, 12, 9, 5, 2, 11])
"""Semitones of the notes of a melody."""


@frozen(eq=False)
class Melody:
    """Notes with pauses between them.

    Attributes
    ----------
    audio
        One channel.
    f0
        The pitch of each note, also in the pause after it, a value for each sample.
    since
        Seconds since the note began, a value for each sample.
    note, pause
        Their lengths in seconds.
    """

    audio: Audio
    f0: Floats
    since: Floats
    note: float
    pause: float

    def edges(self) -> Floats:
        """Return the seconds at which notes begin and end, ``(notes, 2)``."""
        starts = np.arange(len(INTERVALS)) * (self.note + self.pause)
        return np.stack([starts, starts + self.note], axis=1)


def melody(note: float, pause: float, sample_rate: int) -> Melody:
    """Return eight notes that fade in and out in 10 ms."""
    time = np.arange(int(sample_rate * len(INTERVALS) * (note + pause))) / sample_rate
    number, since = np.divmod(time, note + pause)
    fade = np.clip(np.minimum(since, note - since) / 0.01, 0, 1)
    f0 = 220.0 * 2 ** (INTERVALS[number.astype(int) % len(INTERVALS)] / 12)
    quiet = np.random.default_rng(0).normal(0, 1e-4, len(time))
    samples = fade * truth.tone(f0, sample_rate).numpy()[0] + quiet
    audio = Audio(samples[None].astype(np.float32), sample_rate)
    return Melody(audio, f0, since, note, pause)


def voicing_delay(voiced: NDArray[np.bool_], times: Floats, edges: Floats) -> float:
    """Return by how many seconds the voicing of notes is late.

    That is the mean delay of beginnings and ends, so that notes which are a little longer or
    shorter on both sides are not late.
    """
    late = []
    for start, end in edges:
        there = times[voiced & (times > start - 0.12) & (times < end + 0.12)]
        if there.size:
            late.append((there[0] - start + there[-1] - end) / 2)
    return float(np.median(late)) if late else float("inf")


class TrackResolution(PitchAdapter):
    """Tests of errors that are too small, or in too few places, to be seen in the whole."""

    def test_a_track_does_not_depend_on_the_sample_rate(self, place: Place) -> None:
        subject = self.subject(place)
        plain, high = (self.run(subject, self.signal(4.0, rate)) for rate in RATES)
        frames = min(len(plain[0]), len(high[0]))
        plain, high = (tuple(values[:frames] for values in found) for found in (plain, high))
        alike, near = agreement(plain, high, cents=15)
        assert min(alike, near) > 0.9, (
            f"{self.backend} gives another track at 44.1 kHz than at 16 kHz: voicing agrees in "
            f"{alike:.0%}, f0 in {near:.0%} of the frames"
        )
        both = plain[1] & high[1]
        bias = float(np.median(cents_of(high[0][both], plain[0][both])))
        assert abs(bias) < 5, (
            f"{self.backend} is {bias:+.0f} cents off at 44.1 kHz against 16 kHz in the median"
        )

    def test_every_register_is_in_tune(self, place: Place) -> None:
        subject = self.subject(place)
        for rate in RATES:
            time = np.arange(6 * rate) / rate
            wave = REGISTERS[0] * (REGISTERS[-1] / REGISTERS[0]) ** (time / 6)
            found, voiced, _ = self.run(subject, truth.tone(wave, rate))
            at = np.minimum(frame_centres(len(time), rate, HOP), len(time) - 1)
            for low, high in pairwise(REGISTERS):
                inside = voiced & (wave[at] >= low) & (wave[at] < high)
                bias = float(np.median(cents_of(found[inside], wave[at][inside])))
                assert abs(bias) < 10, (
                    f"{self.backend} is {bias:+.0f} cents off from {low:.0f} to {high:.0f} Hz at "
                    f"{rate} Hz"
                )

    def test_small_steps_are_heard(self, place: Place) -> None:
        subject = self.subject(place)
        for rate in RATES:
            for f0 in (110.0, 165.0):
                time = np.arange(2 * rate) / rate
                wave = f0 * 2 ** (20 * time / 1200)
                found, voiced, _ = self.run(subject, truth.tone(wave, rate))
                cents = np.rint(10 * cents_of(found[voiced][10:-10], f0)).astype(int)
                steps = len(np.unique(cents))
                assert steps > 5, (
                    f"{self.backend} tracks a glide of 40 cents from {f0:.0f} Hz at {rate} Hz in "
                    f"{steps} steps"
                )

    def test_voicing_is_on_time(self, place: Place) -> None:
        subject = self.subject(place)
        for rate in RATES:
            sung = melody(0.3, 0.3, rate)
            voiced = self.run(subject, sung.audio)[1]
            times = frame_centres(sung.audio.frames, rate, HOP) / rate
            self._check_delay(voicing_delay(voiced, times, sung.edges()), f"at {rate} Hz")

    def test_voicing_of_a_stream_is_on_time(self, place: Place, latency: float) -> None:
        subject = self.subject(place)
        for rate in RATES:
            sung = melody(0.3, 0.3, rate)
            voiced = self.joined(feed(self.stream(subject, rate), sung.audio, [1024] * 300))[1]
            times = frame_centres(sung.audio.frames, rate, HOP) / rate
            self._check_delay(
                voicing_delay(voiced, times, sung.edges()), f"in a stream at {rate} Hz"
            )

    def test_a_stream_ends_on_time(self, place: Place, latency: float) -> None:
        subject = self.subject(place)
        sung = melody(0.3, 0.3, RATES[0])
        times = frame_centres(sung.audio.frames, RATES[0], HOP) / RATES[0]
        late = []
        # Whatever the latency, flush() returns the end of a note that lies so near.
        for start, end in sung.edges()[1:7]:
            frames = round((end + min(0.05, latency / 2)) * RATES[0])
            audio = Audio(sung.audio.numpy()[:, :frames].copy(), RATES[0])
            whole = self.run(subject, audio)[1]
            streamed = self.joined(feed(self.stream(subject, RATES[0]), audio, [1024] * 300))[1]
            near = times[: len(whole)] > start + 0.1
            late.append(float(np.sum(streamed & near) - np.sum(whole & near)) * HOP)
        # Where a stream ends, a note may end early: less is known there than of the whole.
        self._check_delay(max(0.0, float(np.mean(late))), "at the end of a stream")

    def _check_delay(self, late: float, where: str) -> None:
        assert abs(late) < MAX_VOICING_DELAY, (
            f"{self.backend} reports voicing {1000 * late:.0f} ms late {where}"
        )
