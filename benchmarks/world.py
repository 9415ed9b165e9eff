"""A baseline of conversion: WORLD for analysis and synthesis, MFCC for matching.

That of ``benchmarks/conversion.py``, by the ``pyworld`` package (M. Morise et al., IEICE Trans.
E99-D, 2016). It works at 24 kHz: envelope and aperiodicity are the mean of the 8 frames of the
target whose cepstra, normalised by voice, are nearest to the source's.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import soxr
from judges import Signal
from numpy.typing import NDArray

from autovoice_core import PitchTrack

RATE = 24_000
HOP = 0.005
NEAREST = 8

_CEPSTRA = 24


class World:
    """Analysis and synthesis by WORLD."""

    needs = ("pyworld",)

    def __init__(self) -> None:
        import pyworld

        self.world = pyworld

    def analyse(
        self, signal: Signal, rate: int, pitch: PitchTrack | None = None
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Return f0 (Hz, 0 where unvoiced), envelope and aperiodicity, every ``HOP``.

        f0 is that of ``pitch``, or found by DIO and StoneMask.
        """
        samples = signal.astype(np.float64)
        f0, times = self.world.dio(samples, rate, frame_period=1000 * HOP)
        if pitch is None:
            f0 = self.world.stonemask(samples, f0, times, rate)
        else:
            nearest = np.clip(np.rint((times - pitch.start) / pitch.hop), 0, len(pitch) - 1)
            voiced = pitch.voiced[nearest.astype(int)]
            known = np.interp(times, pitch.times[pitch.voiced], pitch.f0[pitch.voiced])
            f0 = np.where(voiced, known, 0.0)
        envelope = self.world.cheaptrick(samples, f0, times, rate)
        return f0, envelope, self.world.d4c(samples, f0, times, rate)

    def synthesise(
        self, f0: Any, envelope: Any, aperiodicity: Any, rate: int, frames: int
    ) -> Signal:
        """Return ``frames`` samples synthesised from what :meth:`analyse` returns."""
        tables = [np.ascontiguousarray(table) for table in (f0, envelope, aperiodicity)]
        sound = self.world.synthesize(*tables, rate, 1000 * HOP)[:frames]
        return np.pad(sound, (0, frames - len(sound))).astype(np.float32)

    def resynthesise(self, signal: Signal, rate: int, pitch: PitchTrack, key: float) -> Signal:
        """Return a voice resynthesised, transposed by ``key`` semitones."""
        f0, envelope, aperiodicity = self.analyse(signal, rate, pitch)
        return self.synthesise(f0 * 2 ** (key / 12), envelope, aperiodicity, rate, len(signal))


class Baseline:
    """A target voice, and conversion to it."""

    needs = World.needs

    def __init__(self, recordings: list[tuple[Signal, int]]) -> None:
        self.world = World()
        tables = [self._analyse(signal, rate) for signal, rate in recordings]
        f0, self.envelope, self.aperiodicity = (
            np.concatenate(part) for part in zip(*tables, strict=True)
        )
        voiced = f0 > 0
        self.envelope, self.aperiodicity = self.envelope[voiced], self.aperiodicity[voiced]
        self.features = self._normalised(self._cepstra(self.envelope))

    def convert(self, signal: Signal, rate: int, key: float) -> Signal:
        """Return ``signal`` in the voice of the target, transposed by ``key`` semitones."""
        f0, envelope, aperiodicity = self._analyse(signal, rate)
        voiced = f0 > 0
        source = self._normalised(self._cepstra(envelope[voiced]))
        squares = np.sum(self.features**2, axis=1)
        nearest = np.concatenate(
            [
                np.argpartition(squares - 2 * part @ self.features.T, NEAREST, axis=1)[:, :NEAREST]
                for part in np.array_split(source, len(source) // 256 + 1)
            ]
        )
        shape = np.exp(np.log(self.envelope)[nearest].mean(axis=1))
        power = [table.sum(axis=1, keepdims=True) for table in (envelope[voiced], shape)]
        envelope[voiced] = shape * (power[0] / power[1])
        aperiodicity[voiced] = self.aperiodicity[nearest].mean(axis=1)
        frames = len(soxr.resample(signal, rate, RATE))
        converted = self.world.synthesise(
            f0 * 2 ** (key / 12), envelope, aperiodicity, RATE, frames
        )
        back = soxr.resample(converted, RATE, rate)[: len(signal)]
        return np.pad(back, (0, len(signal) - len(back))).astype(np.float32)

    def _analyse(self, signal: Signal, rate: int) -> tuple[Any, Any, Any]:
        return self.world.analyse(soxr.resample(signal, rate, RATE), RATE)

    def _cepstra(self, envelope: NDArray[np.float64]) -> NDArray[np.float64]:
        # The first is the level.
        coded = self.world.world.code_spectral_envelope(
            np.ascontiguousarray(envelope), RATE, _CEPSTRA + 1
        )
        cepstra: NDArray[np.float64] = coded[:, 1:]
        return cepstra

    @staticmethod
    def _normalised(rows: NDArray[np.float64]) -> NDArray[np.float64]:
        normalised: NDArray[np.float64] = (rows - rows.mean(axis=0)) / (rows.std(axis=0) + 1e-9)
        return normalised
