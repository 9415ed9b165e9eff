"""A voice of RVC made by hand: most of its weights are 0, and what is left makes a melody heard.

The source's sine becomes pulses, and a filter of the decoder gives them the timbre of recordings.
So what is sung has a known pitch, and depends on the voice, through every layer of a true file.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autovoice_core import Audio, PitchTrack
from autovoice_rvc.architecture import Architecture

STEEPNESS, THRESHOLD = 60.0, 0.08
"""Of the curve that makes pulses of the sine: of its 0.1, only the tip passes."""
TAPS = 11


def handmade_arrays(
    architecture: Architecture, timbre: NDArray[np.float32] | None = None
) -> dict[str, NDArray[np.float32]]:
    """Return the weights of a voice whose pulses are filtered by ``timbre``, ``(11,)``."""
    arrays = {
        name: np.ones(shape, np.float32)
        if name.endswith("weight_v")
        else np.zeros(shape, np.float32)
        for name, shape in architecture.shapes().items()
    }
    for name, array in arrays.items():
        if name.endswith("gamma"):
            array[:] = 1
    last = len(architecture.upsample_rates) - 1
    arrays["dec.m_source.l_linear.weight"][:] = STEEPNESS
    arrays["dec.m_source.l_linear.bias"][:] = -STEEPNESS * THRESHOLD
    # Two channels of opposite signs, so that rectifiers undo each other.
    arrays[f"dec.noise_convs.{last}.weight"][:2, 0, 0] = 1, -1
    if timbre is not None:
        # The widest block: its taps are a fifth of 8 kHz apart at 40 kHz.
        name = f"dec.resblocks.{3 * last + 2}"
        filtered = np.zeros_like(arrays[f"{name}.convs1.2.weight_v"])
        filtered[0, 0], filtered[1, 1] = timbre, timbre
        _set(arrays, f"{name}.convs1.2", filtered)
        passed = np.zeros_like(filtered)
        passed[0, 0, TAPS // 2], passed[1, 1, TAPS // 2] = 20, 20
        _set(arrays, f"{name}.convs2.2", passed)
    # The slope of the pulses, which has no offset.
    post = arrays["dec.conv_post.weight"]
    post[0, 0, 2:5] = 0.15, 0, -0.15
    post[0, 1] = -post[0, 0]
    return arrays


def _set(arrays: dict[str, Any], name: str, weight: NDArray[np.float32]) -> None:
    """Put a weight in its spelling of length and direction; rows of 0 have the length 0."""
    lengths = np.sqrt(np.square(weight).sum(axis=(1, 2), keepdims=True))
    arrays[f"{name}.weight_g"][:] = lengths
    arrays[f"{name}.weight_v"][:] = np.where(lengths > 0, weight, 1)


def timbre_of(recordings: Iterable[tuple[Audio, PitchTrack]]) -> NDArray[np.float32]:
    """Return a filter of 11 taps at 8 kHz with roughly the spectrum of recordings."""
    power = np.zeros(TAPS // 2 + 1)
    for audio, _ in recordings:
        samples = audio.resample(8000).numpy()[0]
        frames = samples[: len(samples) // 256 * 256].reshape(-1, 256)
        spectrum = np.mean(np.abs(np.fft.rfft(frames * np.hanning(256))) ** 2, axis=0)
        places = np.linspace(0, 128, len(power))
        power += np.interp(places, np.arange(129), np.convolve(spectrum, np.ones(9) / 9, "same"))
    response = np.sqrt(power / power.max())
    taps = np.fft.fftshift(np.fft.irfft(response, TAPS))
    return (taps * np.hanning(TAPS + 2)[1:-1]).astype(np.float32)
