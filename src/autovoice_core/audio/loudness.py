"""Programme loudness after ITU-R BS.1770-4, measured block by block."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from array_api_compat import array_namespace
from numpy.typing import NDArray

from autovoice_core._arrays import as_numpy, to_device_of
from autovoice_core._types import Audio
from autovoice_core.audio.reading import as_source
from autovoice_core.audio.source import Source

_STEP_SECONDS = 0.1  # gating blocks of 400 ms overlap by 75 %
_STEPS_PER_BLOCK = 4
_ABSOLUTE_GATE_LUFS = -70.0
_RELATIVE_GATE_LU = -10.0
_SURROUND = 1.41
_CHANNEL_WEIGHTS = {5: (1.0, 1.0, 1.0, _SURROUND, _SURROUND), 6: (1, 1, 1, 0, _SURROUND, _SURROUND)}
_OFFSET_LU = -0.691
_MAX_GAIN_DB = 24.0
_FFT_SIZE = 1 << 17
# The standard's high pass is not normalised: its gain far above the corner at 48 kHz.
_HIGH_PASS_GAIN = 4 / (1 + 1.99004745483398 + 0.99007225036621)


class LoudnessMeter:
    """Integrated loudness of audio that arrives in blocks of any size.

    The K-weighting is applied as its impulse response, cut after 0.15 s where it has decayed
    below -150 dB. Memory grows by a few numbers a second.
    """

    def __init__(self, sample_rate: int, channels: int) -> None:
        self._response = _k_weighting(sample_rate)
        self._step = round(_STEP_SECONDS * sample_rate)
        # On the device of the blocks, once the first has come.
        self._spectrum: Any = None
        self._past: Any = np.zeros((channels, self._response.shape[0] - 1), np.float32)
        self._unfinished_step: Any = np.zeros((channels, 0), np.float64)
        self._energies: list[Any] = []
        weights = _CHANNEL_WEIGHTS.get(channels, (1.0,) * channels)
        self._weights = np.asarray(weights, np.float64)
        self.most_at_once = _FFT_SIZE - 2 * self._past.shape[1]

    def feed(self, block: Any) -> None:
        """Take in ``block``, ``(channels, frames)``, on the host or on a device."""
        for start in range(0, block.shape[1], self.most_at_once):
            self._feed(block[:, start : start + self.most_at_once])

    def _feed(self, block: Any) -> None:
        xp = array_namespace(block)
        if self._spectrum is None:
            self._spectrum = xp.fft.rfft(to_device_of(block, self._response), n=_FFT_SIZE)
        joined = xp.concat([to_device_of(block, self._past), block], axis=1)
        keep, length = self._past.shape[1], joined.shape[1]
        self._past = joined[:, length - keep :] + 0.0  # a copy, so that no more is held
        spectrum = xp.fft.rfft(joined, n=_FFT_SIZE) * self._spectrum
        power = xp.fft.irfft(spectrum, n=_FFT_SIZE)[:, keep:length] ** 2
        power = xp.concat([to_device_of(block, self._unfinished_step), power], axis=1)
        steps = power.shape[1] // self._step
        whole = xp.reshape(power[:, : steps * self._step], (power.shape[0], steps, self._step))
        self._energies.append(to_device_of(block, self._weights) @ xp.sum(whole, axis=2))
        self._unfinished_step = power[:, steps * self._step :]

    def integrated(self) -> float:
        """Return the gated loudness in LUFS; ``-inf`` where nothing passes the gates.

        Audio shorter than one gating block of 400 ms is taken as one block.
        """
        steps = self._steps()
        if steps.shape[0] < _STEPS_PER_BLOCK:
            blocks = np.array([self._mean_power()])
        else:
            sums = np.convolve(steps, np.ones(_STEPS_PER_BLOCK), "valid")
            blocks = sums / (_STEPS_PER_BLOCK * self._step)
        blocks = blocks[blocks > _power(_ABSOLUTE_GATE_LUFS)]
        if not blocks.shape[0]:
            return -math.inf
        loud = blocks[blocks > _power(_lufs(float(blocks.mean())) + _RELATIVE_GATE_LU)]
        return _lufs(float(loud.mean()))

    def ungated(self) -> float:
        """Return the loudness of all that was fed, in LUFS; ``-inf`` for silence.

        Soft passages and pauses count too.
        """
        power = self._mean_power()
        return _lufs(power) if power > 0 else -math.inf

    def _steps(self) -> NDArray[np.float64]:
        """Return the energy of each step of 100 ms, weighted by channel."""
        return np.concatenate([np.zeros(0), *map(as_numpy, self._energies)])

    def _mean_power(self) -> float:
        steps = self._steps()
        rest = float((self._weights @ as_numpy(self._unfinished_step)).sum())
        frames = steps.shape[0] * self._step + self._unfinished_step.shape[1]
        return (float(steps.sum()) + rest) / max(int(frames), 1)


def loudness(audio: Audio | Source) -> float:
    """Return the integrated loudness of ``audio`` in LUFS; ``-inf`` for silence."""
    return metered(audio).integrated()


def metered(audio: Audio | Source) -> LoudnessMeter:
    """Return a meter that was fed all of ``audio``."""
    source = as_source(audio)
    meter = LoudnessMeter(source.sample_rate, source.channels)
    for block in source.blocks(meter.most_at_once):
        meter.feed(block)
    return meter


def loudness_gain(reference: float, measured: float) -> float:
    """Return the gain from ``measured`` to ``reference``, LUFS; 1 where either is silent."""
    if not (math.isfinite(reference) and math.isfinite(measured)):
        return 1.0
    return float(10 ** (min(reference - measured, _MAX_GAIN_DB) / 20))


def _lufs(power: float) -> float:
    return _OFFSET_LU + 10 * math.log10(power)


def _power(lufs: float) -> float:
    return float(10 ** ((lufs - _OFFSET_LU) / 10))


def _k_weighting(sample_rate: int) -> NDArray[np.float64]:
    """Return the impulse response of both K-weighting filters in a row.

    The standard gives coefficients for 48 kHz only; these are the analogue prototypes that lead
    to them (De Man, "Evaluation of implementations of the EBU R128 loudness measurement", 2018),
    carried to ``sample_rate`` by the bilinear transform.
    """
    frames = 1 << math.ceil(math.log2(0.3 * sample_rate))
    z = np.exp(-2j * np.pi * np.arange(frames // 2 + 1) / frames)
    shelf_gain = 10 ** (3.99984385397 / 20)
    shelf = _biquad(
        z,
        math.tan(math.pi * 1681.9744509555319 / sample_rate),
        0.7071752369554193,
        (shelf_gain, shelf_gain**0.499666774155, 1.0),
    )
    high_pass = _biquad(
        z,
        math.tan(math.pi * 38.13547087613982 / sample_rate),
        0.5003270373253953,
        (_HIGH_PASS_GAIN, 0.0, 0.0),
    )
    response = np.fft.irfft(shelf * high_pass, frames)
    return response[: round(0.15 * sample_rate)]


def _biquad(
    z: NDArray[np.complex128], k: float, q: float, gains: tuple[float, float, float]
) -> NDArray[np.complex128]:
    """Return the response of ``(high s^2 + band s k/q + low k^2) / (s^2 + s k/q + k^2)``.

    ``gains`` are (high, band, low); ``s`` is ``(1 - z) / (1 + z)`` with ``z`` the delay.
    """
    high, band, low = gains
    s, one = 1 - z, 1 + z
    numerator = high * s * s + band * (k / q) * s * one + low * k * k * one * one
    return numerator / (s * s + (k / q) * s * one + k * k * one * one)
