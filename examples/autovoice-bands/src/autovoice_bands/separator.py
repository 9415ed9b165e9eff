"""Separation by one filter for every song: voices are strongest between 500 Hz and 3 kHz."""

import numpy as np
from numpy.typing import NDArray

from autovoice_core import Audio, InputError, Stems

HALF_SECONDS = 0.02
"""Half the length of the filter."""
BANDS_HZ = (0, 100, 150, 200, 350, 470, 640, 3400, 4800, 6800, 96000)
VOICE_SHARE = (0.0, 0.1, 0.4, 0.45, 0.6, 0.94, 0.96, 0.92, 0.3, 0.05, 0.0)
"""Gain of the vocals at each frequency, right for most songs."""


class Separator:
    """Filters the bands of voices out of the mixture; the rest is the accompaniment."""

    context = 2 * HALF_SECONDS  # seconds around a moment that its result depends on

    def grid(self, sample_rate: int) -> int:
        """Return 1: windows may begin anywhere, as a filter has no frames."""
        return 1

    def separate(self, mixture: Audio) -> Stems:
        """Return stems that add up to the mixture."""
        samples, taps = mixture.numpy(), self._taps(mixture.sample_rate)
        half, size = len(taps) // 2, mixture.frames + len(taps)
        spectrum = np.fft.rfft(samples.astype(np.float64), size) * np.fft.rfft(taps, size)
        whole = np.fft.irfft(spectrum, size)[:, half : half + mixture.frames]
        # Silence stays silence, whatever the transform rounds to.
        audible = np.any(samples, axis=1, keepdims=True)
        vocals = (whole * audible).astype(np.float32)
        return Stems(
            Audio(vocals, mixture.sample_rate), Audio(samples - vocals, mixture.sample_rate)
        )

    def _taps(self, sample_rate: int) -> NDArray[np.float64]:
        """Return a symmetric filter."""
        half = round(HALF_SECONDS * sample_rate)
        gain = np.interp(np.fft.rfftfreq(8 * half, 1 / sample_rate), BANDS_HZ, VOICE_SHARE)
        whole = np.roll(np.fft.irfft(gain, 8 * half), half)[: 2 * half + 1]
        return np.asarray(whole * np.hanning(2 * half + 1))


def open_separator(*, device: str, dtype: str) -> Separator:
    """Return the separator; what the offer does not claim is refused."""
    if (device, dtype) != ("cpu", "float32"):
        raise InputError(f"the separator runs on cpu in float32, not on {device} in {dtype}")
    return Separator()
