"""The controls that a converter claims do what they say; others are refused."""

from __future__ import annotations

from typing import Any

import array_api_compat.numpy as xp
import numpy as np
import pytest
from attrs import evolve
from numpy.typing import NDArray

from autovoice_core._errors import InputError
from autovoice_core._types import Audio
from autovoice_core.backends.controls import CONTROLS
from autovoice_core.conversion.retrieval.analysis import analyse
from autovoice_core.conversion.retrieval.mel_axis import FREQUENCIES
from autovoice_core.synthetic import truth
from autovoice_core.testing.contracts import measuring, singing
from autovoice_core.testing.contracts.base import Place, same
from autovoice_core.testing.contracts.resinging import Resinging

RATE = 16_000
NEAR = 1.0
"""Semitones that resonances may be off."""


class Controlling(Resinging):
    """Formant, strength, melody and seed, of a converter that takes them."""

    def claims(self, subject: Any, control: str, value: Any) -> bool:
        """Whether a control is claimed; where it is not, expect that it is refused."""
        if control in subject.controls:
            return True
        with pytest.raises(InputError, match=f"^{CONTROLS[control].option}: {self.who} "):
            subject.begin(None, _sung().pitch, RATE, key=0.0, **{control: value})
        return False

    def controlled(self, subject: Any, *, key: float = 0.0, **controls: Any) -> NDArray[Any]:
        """Return three seconds of a tenor sung again by the alto."""
        sung = _sung()
        return self.converted(subject, sung.audio, sung.pitch, key=key, **controls)[0]

    def test_resonances_move_as_asked(self, place: Place) -> None:
        subject = self.subject(place)
        if not self.claims(subject, "formant", 3.0):
            return
        for key in (0.0, 2.0):
            before = _envelope(self.controlled(subject, key=key), key)
            for semitones in (-3.0, 4.0):
                after = self.controlled(subject, key=key, formant=semitones)
                moved = _moved(before, _envelope(after, key))
                assert abs(moved - semitones) < NEAR, (
                    f"{self.who}: asked to move resonances by {semitones:g} semitones, it moved "
                    f"them by {moved:.1f}"
                )
                cents = measuring.off_pitch(after[0], _sung().f0 * 2 ** (key / 12), RATE)
                assert cents < 20, (
                    f"{self.who}: with resonances moved by {semitones:g} semitones, the result is "
                    f"{cents:.0f} cents off"
                )

    def test_the_less_the_strength_the_nearer_the_source(self, place: Place) -> None:
        subject = self.subject(place)
        if not self.claims(subject, "strength", 0.0):
            return
        sung = _sung()
        voiced = sung.pitch.voiced[:-1]
        source = measuring.timbre(sung.audio.numpy()[0])[voiced]
        none, half, full = (
            float(np.mean(np.abs(measuring.timbre(result[0])[voiced] - source)))
            for result in (self.controlled(subject, strength=s) for s in (0.0, 0.5, 1.0))
        )
        assert none < 0.3 * full, (
            f"{self.who}: at a strength of 0 the result is {none:.1f} dB from the source, and at "
            f"1 it is {full:.1f} dB"
        )
        assert none < half < full, (
            f"{self.who}: at a strength of 0.5 the result is {half:.1f} dB from the source, at 0 "
            f"{none:.1f} dB and at 1 {full:.1f} dB"
        )

    def test_another_melody_is_sung(self, place: Place) -> None:
        subject = self.subject(place)
        sung = _sung()
        wobbling = evolve(sung.pitch, f0=sung.pitch.f0 * _wobble(sung.pitch.times))
        if not self.claims(subject, "melody", wobbling):
            return
        wanted = sung.f0 * _wobble(np.arange(len(sung.f0)) / RATE)
        for key in (0.0, 3.0):
            result = self.controlled(subject, key=key, melody=wobbling)
            cents = measuring.off_pitch(result[0], wanted * 2 ** (key / 12), RATE)
            assert cents < 20, (
                f"{self.who}: given another melody and moved by {key:g} semitones, the result is "
                f"{cents:.0f} cents off"
            )

    def test_a_seed_changes_noise_and_nothing_else(self, place: Place) -> None:
        subject = self.subject(place)
        if not self.claims(subject, "seed", 7):
            return
        usual, first, again = (self.controlled(subject, key=2.0, seed=seed) for seed in (0, 7, 7))
        assert same((first,), (again,)), f"{self.who} gives something else for the same seed"
        assert not same((usual,), (first,)), f"{self.who} gives the same for every seed"
        for samples in (usual, first):
            cents = measuring.off_pitch(samples[0], _sung().f0 * 2 ** (2 / 12), RATE)
            assert cents < 20, f"{self.who}: with another seed the result is {cents:.0f} cents off"
        timbres = [measuring.timbre(samples[0]).mean(axis=0) for samples in (usual, first)]
        apart = float(np.mean(np.abs(timbres[0] - timbres[1])))
        assert apart < 1.0, f"{self.who}: with another seed the timbre is {apart:.1f} dB another"


def _sung() -> truth.Sung:
    return singing.sung(3.0, RATE, 0)


def _wobble(times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 60 cents of vibrato as a factor."""
    factor: NDArray[np.float64] = np.exp2(0.05 * np.sin(2 * np.pi * 5.5 * times))
    return factor


def _moved(before: NDArray[np.float64], after: NDArray[np.float64]) -> float:
    """Return by how many semitones resonances between 350 and 3600 Hz have moved."""
    octaves = np.log2(FREQUENCIES[1:])
    here = np.linspace(np.log2(350.0), np.log2(3600.0), 200)
    moves = np.arange(-7.0, 7.01, 0.1)
    wanted = np.interp(here, octaves, after[1:])
    likeness = [
        np.corrcoef(wanted, np.interp(here - move / 12, octaves, before[1:]))[0, 1]
        for move in moves
    ]
    return float(moves[int(np.argmax(likeness))])


def _envelope(samples: NDArray[Any], key: float) -> NDArray[np.float64]:
    """Return the mean spectral envelope of what is voiced."""
    sung = _sung()
    at = np.flatnonzero(sung.pitch.voiced)[5:-5:3]
    f0 = sung.pitch.f0[at] * 2 ** (key / 12)
    sound = Audio(samples, RATE).numpy()
    frames = analyse(xp.asarray(sound), at * RATE // 100, f0, np.ones(len(at), bool), RATE)
    mean: NDArray[np.float64] = np.asarray(frames.envelope, np.float64).mean(axis=0)
    return mean
