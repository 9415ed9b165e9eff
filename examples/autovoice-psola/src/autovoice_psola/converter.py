"""Pitch by overlapping two periods at a time (Moulines & Charpentier 1990), timbre by a filter."""

from collections.abc import Iterable, Mapping
from math import ceil

import numpy as np
from numpy.typing import NDArray

from autovoice_core import Audio, InputError, PitchTrack
from autovoice_core.protocols import Voice

Floats = NDArray[np.float64]

BANDS = 700.0 * (np.exp(np.linspace(0, np.log1p(7000 / 700), 41)) - 1)
"""Frequencies that timbre is described at, Hz."""
FRAME_SECONDS, TAP_SECONDS, MAX_GAIN_DB = 0.032, 0.012, 15.0
LOWEST_F0, UNVOICED_F0, SILENCE = 40.0, 150.0, 1e-12


class Converter:
    """Moves the pitch by its key, and the average timbre to that of the voice."""

    context = 3 / LOWEST_F0 + TAP_SECONDS  # seconds around a moment that its result depends on
    feature_id = "psola/1"

    def grid(self, sample_rate: int) -> int:
        """Return the hop of the frames whose timbre is averaged."""
        return round(FRAME_SECONDS * sample_rate)

    def learn(self, recordings: Iterable[tuple[Audio, PitchTrack]]) -> Mapping[str, Floats]:
        """Return the average timbre of the recordings, in dB at :data:`BANDS`."""
        total, count = np.zeros(len(BANDS)), 0
        for audio, pitch in recordings:
            size = self.grid(audio.sample_rate)
            powers = band_powers(audio.numpy()[0], 0, size, audio.sample_rate, pitch)
            total, count = total + powers.sum(axis=0), count + len(powers)
        return {"timbre": 10 * np.log10(total / max(count, 1) + 1e-6)}

    def begin(
        self, voice: Voice, pitch: PitchTrack, sample_rate: int, *, key: float
    ) -> "Conversion":
        """Begin a song."""
        return Conversion(voice.features["timbre"], pitch, sample_rate, key, self.grid(sample_rate))


class Conversion:
    """One song: its timbre is averaged by ``observe``, and changed by ``render``."""

    def __init__(
        self, target: Floats, pitch: PitchTrack, sample_rate: int, key: float, size: int
    ) -> None:
        self.target, self.pitch, self.rate, self.size = target, pitch, sample_rate, size
        self.powers, self.count, self.seen = np.zeros(len(BANDS)), 0, 0
        # The number of periods until each frame, before and after: they are known for the whole
        # song, so that windows agree on where each period lies.
        voiced = pitch.voiced & (pitch.f0 >= LOWEST_F0)
        self.f0 = np.full(len(pitch.f0), UNVOICED_F0)
        if voiced.any():
            self.f0 = np.interp(np.arange(len(voiced)), np.flatnonzero(voiced), pitch.f0[voiced])
        self.times = (pitch.start + pitch.hop * np.arange(len(voiced))) * sample_rate
        self.ratio = np.where(voiced, 2 ** (key / 12), 1.0)
        self.before = periods(self.f0, pitch.hop)
        self.after = periods(self.f0 * self.ratio, pitch.hop)

    def observe(self, vocals: Audio, start: int) -> None:
        """Add the timbre of a window; windows overlap, so what was seen before is skipped."""
        skip = max(0, self.seen - start)
        samples = vocals.numpy().mean(axis=0)[skip:]
        powers = band_powers(samples, start + skip, self.size, self.rate, self.pitch)
        self.powers, self.count = self.powers + powers.sum(axis=0), self.count + len(powers)
        self.seen = start + skip + len(samples) // self.size * self.size

    def render(self, vocals: Audio, start: int) -> Audio:
        """Return a window with another pitch and timbre."""
        shifted = self._shifted(vocals.numpy().astype(np.float64), start)
        taps = self._taps()
        half, length = len(taps) // 2, shifted.shape[1] + len(taps)
        spectrum = np.fft.rfft(shifted, length) * np.fft.rfft(taps, length)
        filtered = np.fft.irfft(spectrum, length)[:, half : half + shifted.shape[1]]
        # Silence stays silence, whatever the transform rounds to.
        return Audio((filtered * shifted.any()).astype(np.float32), self.rate)

    def _taps(self) -> Floats:
        """Return the filter from the song's average timbre to the voice's, symmetric."""
        half = round(TAP_SECONDS * self.rate)
        frequencies = np.fft.rfftfreq(8 * half, 1 / self.rate)
        if not self.count:
            return np.ones(1)
        source = 10 * np.log10(self.powers / self.count + 1e-6)
        gain = np.clip(self.target - source, -MAX_GAIN_DB, MAX_GAIN_DB)
        gain -= 10 * np.log10(np.sum(self.powers * 10 ** (gain / 10)) / np.sum(self.powers))
        curve = 10 ** (np.interp(frequencies, BANDS, gain) / 20)
        whole = np.roll(np.fft.irfft(curve, 8 * half), half)[: 2 * half + 1]
        return np.asarray(whole * np.hanning(2 * half + 3)[1:-1])

    def _shifted(self, samples: Floats, start: int) -> Floats:
        """Return a window of which each period is repeated or left out, to the new pitch."""
        if np.all(self.ratio == 1) or not len(self.times):
            return samples
        reach = ceil(2 * self.rate / LOWEST_F0)
        padded, stop = np.pad(samples, ((0, 0), (reach + 2, reach + 2))), start + samples.shape[1]
        result = np.zeros_like(padded)
        edges = np.array([start - reach, stop + reach], float)
        first, last = at(edges, self.times, self.after)
        for mark in at(np.arange(ceil(first), last), self.after, self.times):
            number = np.rint(at(np.array([mark]), self.times, self.before))
            origin = float(at(number, self.before, self.times)[0])
            period = self.rate / float(np.interp(mark, self.times, self.f0))
            ratio = float(np.interp(mark, self.times, self.ratio))
            to = np.arange(ceil(mark - period), int(mark + period) + 1)
            place = to - mark + origin - start + reach + 2
            low = np.floor(place).astype(int)
            inside = (low >= 0) & (low < padded.shape[1] - 1)
            inside &= (to >= start) & (to < stop)
            to, low, part = to[inside], low[inside], (place - low)[inside]
            shape = (0.5 + 0.5 * np.cos(np.pi * (to - mark) / period)) / np.sqrt(ratio)
            grain = (1 - part) * padded[:, low] + part * padded[:, low + 1]
            result[:, to - start + reach + 2] += shape * grain
        return result[:, reach + 2 : -reach - 2]


def periods(f0: Floats, hop: float) -> Floats:
    """Return the number of periods from the first frame to each."""
    return np.concatenate([[0.0], np.cumsum((f0[1:] + f0[:-1]) / 2 * hop)])[: len(f0)]


def at(x: Floats, xs: Floats, ys: Floats) -> Floats:
    """Return ``ys`` at ``x``, continued in a straight line beyond both ends."""
    if len(xs) < 2:
        return np.zeros(len(x))
    inner = np.interp(x, xs, ys)
    before, after = (ys[1] - ys[0]) / (xs[1] - xs[0]), (ys[-1] - ys[-2]) / (xs[-1] - xs[-2])
    return np.asarray(inner + before * np.minimum(x - xs[0], 0) + after * np.maximum(x - xs[-1], 0))


def band_powers(
    samples: NDArray[np.floating], start: int, size: int, rate: int, pitch: PitchTrack
) -> Floats:
    """Return ``(frames, bands)``: the power of each voiced frame with sound, 1 on average."""
    count = len(samples) // size
    centres = (start + size * (np.arange(count) + 0.5)) / rate
    frame = np.clip(np.rint((centres - pitch.start) / pitch.hop), 0, len(pitch.voiced) - 1)
    frames = samples[: count * size].reshape(count, size)[pitch.voiced[frame.astype(int)]]
    spectra = np.abs(np.fft.rfft(frames * np.hanning(size), 2 * size)) ** 2
    edges = np.searchsorted(np.fft.rfftfreq(2 * size, 1 / rate), BANDS)
    sums = np.cumsum(spectra, axis=1)
    widths = np.maximum(np.diff(edges, append=edges[-1] + size // 8), 1)
    ends = np.minimum(edges + widths, sums.shape[1] - 1)
    powers = (sums[:, ends] - sums[:, np.minimum(edges, sums.shape[1] - 1)]) / widths
    means = powers.mean(axis=1, keepdims=True)
    return np.asarray(powers[means[:, 0] > SILENCE] / means[means > SILENCE, None])


def open_converter(*, device: str, dtype: str) -> Converter:
    """Return the converter; what the offer does not claim is refused."""
    if (device, dtype) != ("cpu", "float32"):
        raise InputError(f"the converter runs on cpu in float32, not on {device} in {dtype}")
    return Converter()
