"""Tests of a converter's controls: those it claims work, others are refused."""

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
from autovoice_core.testing.contracts.common import measures, signals
from autovoice_core.testing.contracts.common.contract import Place, identical, slow
from autovoice_core.testing.contracts.conversion.adapter import ConversionAdapter

RATE = 16_000
FORMANT_TOLERANCE = 1.0
"""Semitones."""


class Controls(ConversionAdapter):
    """Tests of formant, strength, melody and seed."""

    def claimed_or_refused(self, subject: Any, control: str, value: Any) -> bool:
        """Return whether a control is claimed; if it is not, check that it is refused."""
        if control in subject.controls:
            return True
        with pytest.raises(InputError, match=f"^{CONTROLS[control].option}: {self.backend} "):
            subject.begin(None, _sung().pitch, RATE, key=0.0, **{control: value})
        return False

    def convert_with(self, subject: Any, *, key: float = 0.0, **controls: Any) -> NDArray[Any]:
        """Return three seconds of a tenor converted to the alto's voice."""
        sung = _sung()
        return self.convert(subject, sung.audio, sung.pitch, key=key, **controls)[0]

    @slow
    def test_resonances_move_as_asked(self, place: Place) -> None:
        subject = self.subject(place)
        if not self.claimed_or_refused(subject, "formant", 3.0):
            return
        for key in (0.0, 2.0):
            before = _mean_envelope(self.convert_with(subject, key=key), key)
            for semitones in (-3.0, 4.0):
                after = self.convert_with(subject, key=key, formant=semitones)
                moved = _formant_shift(before, _mean_envelope(after, key))
                assert abs(moved - semitones) < FORMANT_TOLERANCE, (
                    f"{self.backend}: with formant={semitones:g}, formants moved by {moved:.1f} "
                    "semitones"
                )
                cents = measures.f0_error(after[0], _sung().f0 * 2 ** (key / 12), RATE)
                assert cents < 20, (
                    f"{self.backend}: with formant={semitones:g}, the result is {cents:.0f} "
                    "cents off"
                )

    @slow
    def test_the_less_the_strength_the_nearer_the_source(self, place: Place) -> None:
        subject = self.subject(place)
        if not self.claimed_or_refused(subject, "strength", 0.0):
            return
        sung = _sung()
        voiced = sung.pitch.voiced[:-1]
        source = measures.timbre(sung.audio.numpy()[0])[voiced]
        none, half, full = (
            float(np.mean(np.abs(measures.timbre(result[0])[voiced] - source)))
            for result in (self.convert_with(subject, strength=s) for s in (0.0, 0.5, 1.0))
        )
        assert none < 0.3 * full, (
            f"{self.backend}: at a strength of 0 the result is {none:.1f} dB from the source, "
            f"and at 1 it is {full:.1f} dB"
        )
        assert none < half < full, (
            f"{self.backend}: at a strength of 0.5 the result is {half:.1f} dB from the source, "
            f"at 0 {none:.1f} dB and at 1 {full:.1f} dB"
        )

    def test_another_melody_is_sung(self, place: Place) -> None:
        subject = self.subject(place)
        sung = _sung()
        wobbling = evolve(sung.pitch, f0=sung.pitch.f0 * _wobble(sung.pitch.times))
        if not self.claimed_or_refused(subject, "melody", wobbling):
            return
        wanted = sung.f0 * _wobble(np.arange(len(sung.f0)) / RATE)
        for key in (0.0, 3.0):
            result = self.convert_with(subject, key=key, melody=wobbling)
            cents = measures.f0_error(result[0], wanted * 2 ** (key / 12), RATE)
            assert cents < 20, (
                f"{self.backend}: with another melody, moved by {key:g} semitones, the result is "
                f"{cents:.0f} cents off"
            )

    @slow
    def test_a_seed_changes_noise_and_nothing_else(self, place: Place) -> None:
        subject = self.subject(place)
        if not self.claimed_or_refused(subject, "seed", 7):
            return
        usual, first, again = (self.convert_with(subject, key=2.0, seed=seed) for seed in (0, 7, 7))
        assert identical((first,), (again,)), (
            f"{self.backend} gives another result for the same seed"
        )
        assert not identical((usual,), (first,)), f"{self.backend} ignores the seed"
        for seed, samples in ((0, usual), (7, first)):
            cents = measures.f0_error(samples[0], _sung().f0 * 2 ** (2 / 12), RATE)
            assert cents < 20, (
                f"{self.backend}: with seed={seed}, the result is {cents:.0f} cents off"
            )
        timbres = [measures.timbre(samples[0]).mean(axis=0) for samples in (usual, first)]
        apart = float(np.mean(np.abs(timbres[0] - timbres[1])))
        assert apart < 1.0, f"{self.backend}: with another seed, the timbre is {apart:.1f} dB off"


def _sung() -> truth.Sung:
    return signals.singing(3.0, RATE, 0)


def _wobble(times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the factors on f0 of a vibrato of 60 cents."""
    factor: NDArray[np.float64] = np.exp2(0.05 * np.sin(2 * np.pi * 5.5 * times))
    return factor


def _formant_shift(before: NDArray[np.float64], after: NDArray[np.float64]) -> float:
    """Return by how many semitones formants between 350 and 3600 Hz have moved."""
    octaves = np.log2(FREQUENCIES[1:])
    here = np.linspace(np.log2(350.0), np.log2(3600.0), 200)
    moves = np.arange(-7.0, 7.01, 0.1)
    wanted = np.interp(here, octaves, after[1:])
    correlation = [
        np.corrcoef(wanted, np.interp(here - move / 12, octaves, before[1:]))[0, 1]
        for move in moves
    ]
    return float(moves[int(np.argmax(correlation))])


def _mean_envelope(samples: NDArray[Any], key: float) -> NDArray[np.float64]:
    """Return the mean spectral envelope of voiced frames."""
    sung = _sung()
    at = np.flatnonzero(sung.pitch.voiced)[5:-5:3]
    f0 = sung.pitch.f0[at] * 2 ** (key / 12)
    sound = Audio(samples, RATE).numpy()
    frames = analyse(xp.asarray(sound), at * RATE // 100, f0, np.ones(len(at), bool), RATE)
    mean: NDArray[np.float64] = np.asarray(frames.envelope, np.float64).mean(axis=0)
    return mean
