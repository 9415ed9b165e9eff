"""Figures of speech: how well the times of its phones fit the sound, and its bandwidth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from autovoice_core._speech import Speech, TimedPhone

STEP = 0.005
"""Seconds between frames."""
WINDOW = 0.015
"""Seconds of sound in a frame."""
HISS = 3000.0
"""Frequency in Hz above which sibilants have most of their energy, and vowels have little."""
LARGEST_SHIFT = 0.3
"""Seconds by which times are shifted at most to find where they fit best."""
FAINTEST = 1e-5
"""Power relative to the mean below which a band counts as empty."""

SIBILANTS = frozenset("szʃʒɕʑʂʐ")


def speech_figures(speech: Speech) -> dict[str, float]:
    """Return the figures that the tiers of speech are judged by."""
    return {"agreement": agreement(speech, 0.0), "bandwidth": bandwidth(speech)}


def agreement(speech: Speech, shift: float) -> float:
    """Return the correlation of sibilants with the hiss of the sound, phones moved by ``shift``.

    ``shift`` is in seconds. The hiss is the level above :data:`HISS` relative to that below.
    """
    power, frequencies = _spectra(speech)
    floor = FAINTEST * float(power.sum(axis=1).mean())
    above, below = (
        10 * np.log10(power[:, band].sum(axis=1) + floor)
        for band in (frequencies >= HISS, (frequencies > 100) & (frequencies < HISS))
    )
    times = np.arange(len(power)) * STEP - shift
    sibilant, spoken = (np.zeros(len(power), bool) for _ in range(2))
    for phone in speech.phones:
        inside = (times >= phone.start) & (times < phone.end)
        spoken |= inside & (phone.kind != "pause")
        sibilant |= inside & is_sibilant(phone)
    if sibilant[spoken].all() or not sibilant.any():
        return 0.0
    found = float(np.corrcoef(sibilant[spoken], (above - below)[spoken])[0, 1])
    return found if np.isfinite(found) else 0.0


def best_shift(speech: Speech) -> float:
    """Return the shift in seconds by which the phones fit the sound best, the least of equals."""
    shifts = sorted(np.arange(-LARGEST_SHIFT, LARGEST_SHIFT + STEP, 2 * STEP), key=abs)
    return float(shifts[np.argmax([agreement(speech, float(shift)) for shift in shifts])])


def bandwidth(speech: Speech) -> float:
    """Return the frequency in kHz below which the speech has all but a millionth of its energy."""
    power, frequencies = _spectra(speech)
    total = np.cumsum(power.sum(axis=0))
    place = int(np.searchsorted(total, (1 - 1e-6) * total[-1]))
    return float(frequencies[min(place, len(frequencies) - 1)]) / 1000


def is_sibilant(phone: TimedPhone) -> bool:
    """Whether a phone hisses: s, sh and their like, affricates too."""
    return phone.kind == "consonant" and bool(SIBILANTS & set(phone.text))


def _spectra(speech: Speech) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return power, ``(frames, frequencies)``, and the frequencies in Hz."""
    rate, samples = speech.audio.sample_rate, speech.audio.numpy()[0].astype(np.float64)
    size = round(WINDOW * rate)
    centres = np.rint(np.arange(0, speech.audio.duration, STEP) * rate).astype(int)
    padded = np.pad(samples, size)
    frames = padded[centres[:, None] + size - size // 2 + np.arange(size)] * np.hanning(size)
    power: NDArray[np.float64] = np.abs(np.fft.rfft(frames)) ** 2
    return power, np.asarray(np.fft.rfftfreq(size, 1 / rate), np.float64)
