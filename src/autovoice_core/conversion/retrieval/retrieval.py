"""Singing again in another voice, by retrieval of the target's own sounds.

The source is taken apart into f0, envelope and aperiodicity. For each of its frames a frame of
the target is found that says the same, as a path through the target's recordings, and takes its
place. Where the key stays, the source is filtered by the ratio of the envelopes (K. Kobayashi and
T. Toda, "Statistical singing voice conversion with direct waveform modification based on the
spectrum differential", Interspeech 2014); where it moves, the voice is synthesised anew from
harmonics and noise. Loudness follows the source channel by channel, and what is not voiced
passes through, coloured as the target's recordings are.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from array_api_compat import array_namespace, device
from numpy.typing import NDArray

from autovoice_core._arrays import as_numpy
from autovoice_core._protocols import Voice
from autovoice_core._types import Audio, PitchTrack
from autovoice_core.conversion.retrieval import unit_selection
from autovoice_core.conversion.retrieval.analysis import Frames, analyse
from autovoice_core.conversion.retrieval.cepstra import REST, SETTLING
from autovoice_core.conversion.retrieval.exemplars import KEPT, Exemplars, learn
from autovoice_core.conversion.retrieval.f0 import (
    FRAME_RATE,
    Melody,
    dilate,
    frame_centres,
    per_sample,
)
from autovoice_core.conversion.retrieval.filtering import HALF_FRAME, FrameGrid, fft_size
from autovoice_core.conversion.retrieval.frames import OVER_30_MS, OVER_50_MS, hann, smoothed
from autovoice_core.conversion.retrieval.kernels import ConversionKernels
from autovoice_core.conversion.retrieval.mapping import Correspondence
from autovoice_core.conversion.retrieval.phones import LOOKS_AHEAD
from autovoice_core.conversion.retrieval.substitution import SYLLABLE
from autovoice_core.conversion.retrieval.synthesis import sing
from autovoice_core.conversion.retrieval.thinning import Reservoir
from autovoice_core.conversion.retrieval.timbre import Timbre

SAMPLE, SPACING, STRETCH = 4096, 2, 128
"""Frames of the song from which its singer is known, their spacing, and the frames of the
stretches in which they are taken from a long song."""

COLOURING = 0.7
"""How much of the recordings' colour what is not voiced takes on."""

LARGEST_GAIN = 8.0
"""Limit of the correction that brings a frame to the source's loudness."""

_SUPPORT = 0.03  # s on either side that the analysis of a frame looks at
_DILATION = 3  # frames around voiced ones that are sung too, to be faded over


class Retrieval:
    """A :class:`~autovoice_core._protocols.Converter` for any array library.

    Parameters
    ----------
    xp
        Array namespace of ``array-api-compat``.
    kernels
        The kernels on that library.
    device
        Where arrays are made; by default the library's own choice.
    """

    feature_id = "retrieval/1"
    controls = frozenset({"formant", "melody", "seed", "strength"})
    keeps = KEPT
    context = (unit_selection.CONTEXT + LOOKS_AHEAD + 2 * REST + SETTLING + 31) / FRAME_RATE

    def __init__(self, xp: Any, kernels: ConversionKernels, device: Any = None) -> None:
        self.xp, self.kernels, self.device = xp, kernels, device

    def grid(self, sample_rate: int) -> int:
        """Return the samples of the shortest whole number of frames."""
        return sample_rate // math.gcd(sample_rate, FRAME_RATE)

    def memory(self, frames: int, channels: int, sample_rate: int) -> float:
        """Return the bytes that a window takes: paths through a few blocks, or all its spectra."""
        padding = fft_size(sample_rate) / (2 * HALF_FRAME * sample_rate)
        seconds = frames / sample_rate
        spectra = frames * (1 + padding) * (47 + 35 * channels) + 0.8e6 * seconds
        return 58e6 + max(27e6 * min(seconds, 5.0), spectra)

    def learn(
        self, recordings: Iterable[tuple[Audio, PitchTrack]], *, keep: float = KEPT
    ) -> dict[str, NDArray[Any]]:
        """Return the frames of the target that are kept, compactly."""
        return learn(recordings, self.xp, self.device, keep)

    def begin(
        self,
        voice: Voice,
        pitch: PitchTrack,
        sample_rate: int,
        *,
        key: float,
        formant: float = 0.0,
        strength: float = 1.0,
        melody: PitchTrack | None = None,
        seed: int = 0,
    ) -> RetrievalConversion:
        """Begin a song."""
        like = self.xp.zeros(0, dtype=self.xp.float32, device=self.device)
        return RetrievalConversion(
            self,
            Exemplars.load(voice.features, like),
            Melody(pitch),
            None if key == 0 and melody is None else Melody(melody or pitch, key),
            sample_rate,
            Timbre(formant, strength),
            seed,
        )


class RetrievalConversion:
    """A :class:`~autovoice_core._protocols.Conversion`: first all is observed, then rendered."""

    def __init__(
        self,
        converter: Retrieval,
        exemplars: Exemplars,
        source: Melody,
        sung: Melody | None,
        sample_rate: int,
        timbre: Timbre,
        seed: int,
    ) -> None:
        self.converter, self.sample_rate = converter, sample_rate
        self.source, self.sung = source, sung
        self._exemplars, self._timbre, self._seed = exemplars, timbre, seed
        self._seen = Reservoir(SAMPLE, SPACING, STRETCH)
        self._next = 0
        self._correspondence: Correspondence | None = None

    def observe(self, vocals: Audio, start: int) -> None:
        """Keep a sample of the window's voiced envelopes."""
        first = start * FRAME_RATE // self.sample_rate
        end = start + vocals.frames - int(_SUPPORT * self.sample_rate)
        last = end * FRAME_RATE // self.sample_rate
        numbers = self._seen.wanted(max(first, self._next), last)
        f0, voiced = self.source.at(numbers / FRAME_RATE)
        if voiced.any():
            numbers, f0 = numbers[voiced], f0[voiced]
            centres = frame_centres(numbers, self.sample_rate) - start
            everywhere = np.ones(f0.size, bool)
            frames = analyse(self._samples(vocals), centres, f0, everywhere, self.sample_rate)
            self._seen.add(numbers, as_numpy(frames.envelope))
        # Last, so that a window may come again that there was no memory for.
        self._next = max(self._next, last)

    def render(self, vocals: Audio, start: int) -> Audio:
        """Return the window in the target's voice."""
        rate, length = self.sample_rate, vocals.frames
        if not length or not self.source.voiced.any():
            return vocals
        numbers = start * FRAME_RATE // rate + np.arange(length * FRAME_RATE // rate + 2)
        f0, voiced = self.source.at(numbers / FRAME_RATE)
        centres = frame_centres(numbers, rate) - start
        known = self._known()
        samples = self._samples(vocals)
        grid = FrameGrid(centres, length, rate, self.converter.kernels)
        spectra = grid.spectra(samples)
        loudness = grid.loudness(spectra)
        share = smoothed(voiced[:, None] * 1.0, OVER_30_MS)[:, 0]

        colour = COLOURING * self._timbre.strength * known.colour
        rest = grid.signals(spectra * grid.gains(colour)[None, ...])
        mixed = _follow(rest, loudness, 1.0 - share, grid)
        if voiced.any():
            active = dilate(voiced, _DILATION)
            source = analyse(samples, centres, f0, active, rate)
            target = known.find(source, active, int(numbers[0]), self.converter.kernels)
            target = self._timbre.of(source, target)
            if self.sung is None:
                change = smoothed(target.envelope - source.envelope, OVER_50_MS)
                sung = grid.signals(spectra * grid.gains(change)[None, ...])
            else:
                sung = self._sing(target, self.sung, numbers, start, grid)
            mixed = mixed + _follow(sung, loudness, share, grid, SYLLABLE)
        return Audio(mixed, rate, vocals.made_by)

    def _sing(
        self,
        target: Frames,
        melody: Melody,
        numbers: NDArray[np.int64],
        start: int,
        grid: FrameGrid,
    ) -> Any:
        xp = self.converter.xp
        samples = xp.arange(
            start, start + grid.length, dtype=xp.float64, device=self.converter.device
        )
        phase = melody.phase(samples / self.sample_rate)
        f0 = melody.ratio * melody.at(numbers / FRAME_RATE)[0]
        typical = self._known().placing.average
        return sing(
            target.envelope, target.aperiodicity, typical, f0, phase, start, grid, self._seed
        )

    def _known(self) -> Correspondence:
        if self._correspondence is None:
            self._correspondence = Correspondence.between(
                self._seen, self._exemplars, self.sample_rate, self.converter.kernels
            )
        return self._correspondence

    def _samples(self, vocals: Audio) -> Any:
        return self.converter.xp.asarray(vocals.samples, device=self.converter.device)


def _follow(
    voice: Any, loudness: Any, share: NDArray[np.float64], grid: FrameGrid, reach: int = 0
) -> Any:
    """Bring ``voice`` to the loudness of the source, and to its share of the whole.

    Loudness is compared over ``reach`` frames on either side. One channel is dealt out as loud
    as each of the source's; several keep their balance.

    Shape: ``(1 or channels, length)``, ``(channels, frames)``, ``(frames,)``.
    """
    own = as_numpy(grid.loudness(grid.spectra(voice))).mean(axis=0)
    wanted = as_numpy(loudness)
    total = wanted.mean(axis=0)
    compared = smoothed(share[:, None] * np.stack([total, own], axis=1), hann(reach))
    gain = np.minimum(np.sqrt(compared[:, 0] / (compared[:, 1] + 1e-20)), LARGEST_GAIN)
    balance = np.ones((1, total.size))
    if wanted.shape[0] != voice.shape[0]:
        balance = np.sqrt(wanted / (total + 1e-20))
    xp, tracks = array_namespace(voice), np.concatenate([share[None, :], gain * balance])
    tracks = per_sample(xp.asarray(tracks, device=device(voice)), grid.length, grid.sample_rate)
    return voice * xp.astype(tracks[:1, :] * tracks[1:, :], voice.dtype)
