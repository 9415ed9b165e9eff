"""Conversion by retrieval: the source's sounds are replaced by the target's own.

A window of song is analysed into f0, envelope and aperiodicity. For each of its frames a frame of
the target is selected that says the same, as a path through the target's recordings, and
substituted for it. Where the key stays, the source is filtered by the ratio of the envelopes
(K. Kobayashi and T. Toda, "Statistical singing voice conversion with direct waveform modification
based on the spectrum differential", Interspeech 2014); where it moves, the voice is synthesised
anew from harmonics and noise. Loudness follows the source channel by channel, and unvoiced sound
is filtered to be as the target's.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cached_property
from threading import Lock
from typing import Any

from numpy.typing import NDArray

from autovoice_core._types import Audio, PitchTrack
from autovoice_core.conversion.retrieval.analysis import (
    AnalysedWindow,
    VoiceFrames,
    analyse_window,
)
from autovoice_core.conversion.retrieval.content import REST_REACH, SETTLING_REACH
from autovoice_core.conversion.retrieval.exemplars import (
    KEPT_SECONDS,
    Exemplars,
    learn,
)
from autovoice_core.conversion.retrieval.f0 import F0Contour
from autovoice_core.conversion.retrieval.filtering import HALF_FRAME_SECONDS, filter_fft_size
from autovoice_core.conversion.retrieval.frames import FRAME_RATE
from autovoice_core.conversion.retrieval.kernels import ConversionKernels
from autovoice_core.conversion.retrieval.mapping import VoiceMapping
from autovoice_core.conversion.retrieval.offset import without_offset
from autovoice_core.conversion.retrieval.phones import PHONE_LOOK_AHEAD
from autovoice_core.conversion.retrieval.rendering import WindowRenderer
from autovoice_core.conversion.retrieval.song_sample import SongSample
from autovoice_core.conversion.retrieval.timbre import Timbre
from autovoice_core.conversion.retrieval.unit_selection import (
    CONTEXT_FRAMES,
    Selection,
    select_units,
)
from autovoice_core.conversion.retrieval.unvoiced import UnvoicedMap
from autovoice_core.protocols import Voice

_SMOOTHING_FRAMES = 36  # of context: analysis, and all that is averaged over fewer frames


class Retrieval:
    """A :class:`~autovoice_core.protocols.Converter` for any array library.

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
    keeps = KEPT_SECONDS
    renders_in_parallel = True
    context = (
        CONTEXT_FRAMES + PHONE_LOOK_AHEAD + 2 * REST_REACH + SETTLING_REACH + _SMOOTHING_FRAMES
    ) / FRAME_RATE

    def __init__(self, xp: Any, kernels: ConversionKernels, device: Any = None) -> None:
        self.xp, self.kernels, self.device = xp, kernels, device

    def grid(self, sample_rate: int) -> int:
        """Return the samples of the shortest whole number of frames."""
        return sample_rate // math.gcd(sample_rate, FRAME_RATE)

    def memory(self, frames: int, channels: int, sample_rate: int) -> float:
        """Return the bytes that a window takes: paths through a few blocks, or all its spectra."""
        padding = filter_fft_size(sample_rate) / (2 * HALF_FRAME_SECONDS * sample_rate)
        seconds = frames / sample_rate
        spectra = frames * (1 + padding) * (47 + 35 * channels) + 0.8e6 * seconds
        return 58e6 + max(27e6 * min(seconds, 5.0), spectra)

    def learn(
        self, recordings: Iterable[tuple[Audio, PitchTrack]], *, keep: float = KEPT_SECONDS
    ) -> dict[str, NDArray[Any]]:
        """Return the features of a voice: its frames, stored compactly."""
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
            F0Contour(pitch),
            None if key == 0 and melody is None else F0Contour(melody or pitch, key),
            sample_rate,
            Timbre(formant, strength),
            seed,
        )


class RetrievalConversion:
    """A :class:`~autovoice_core.protocols.Conversion`: observes all of a song, then renders it.

    Parameters
    ----------
    source, melody
        The f0 of the song, and the f0 to sing; none to keep the source's.
    """

    def __init__(
        self,
        converter: Retrieval,
        exemplars: Exemplars,
        source: F0Contour,
        melody: F0Contour | None,
        sample_rate: int,
        timbre: Timbre,
        seed: int,
    ) -> None:
        self.converter, self.sample_rate = converter, sample_rate
        self.source, self.melody = source, melody
        self._exemplars, self._timbre, self._seed = exemplars, timbre, seed
        self._sample = SongSample(source, sample_rate)
        self._fitting = Lock()

    def observe(self, vocals: Audio, start: int) -> None:
        """Keep a sample of the window's envelopes, voiced and unvoiced."""
        self._sample.add(self._samples(vocals, start), start)

    def render(self, vocals: Audio, start: int) -> Audio:
        """Return the window in the target's voice."""
        if not vocals.frames or not self.source.voiced.any():
            return vocals
        with self._fitting:  # once, whichever window comes first
            renderer = self._renderer
        samples = self._samples(vocals, start)
        window = analyse_window(samples, start, self.source, self.sample_rate)
        target = None
        if window.active.any():
            selection = self._select(window.frames, window)
            target = self._substitute(window.frames, selection)
        return Audio(renderer.render(window, target), self.sample_rate, vocals.made_by)

    def _select(self, frames: VoiceFrames, window: AnalysedWindow) -> Selection:
        """Return the exemplars that say what the window says."""
        mapping = self._mapping
        content = mapping.encoder.encode(frames.envelope, window.active)
        first = int(window.numbers[0])
        return select_units(
            mapping.inventory, content, window.active, first, self.converter.kernels
        )

    def _substitute(self, source: VoiceFrames, selection: Selection) -> VoiceFrames:
        """Return what is to be sung instead of the source's frames."""
        target = self._mapping.substitution.substitute(source, selection)
        return self._timbre.applied(source, target)

    @cached_property
    def _mapping(self) -> VoiceMapping:
        """The mapping to the target, known once all of the song was observed."""
        return VoiceMapping.fit(
            self._sample.voiced, self._exemplars, self.sample_rate, self.converter.kernels
        )

    @cached_property
    def _unvoiced_map(self) -> UnvoicedMap | None:
        """What unvoiced sound becomes, if both voices are known."""
        heard, target = self._sample.unvoiced(), self._exemplars.unvoiced
        if heard is None or target is None:
            return None
        substitution, band = self._mapping.substitution, self._mapping.band
        like = substitution.target_mean
        return UnvoicedMap.fit(heard, target, substitution.points, band, like)

    @cached_property
    def _renderer(self) -> WindowRenderer:
        return WindowRenderer(
            self._unvoiced_map,
            self._timbre,
            self._mapping.substitution.target_mean,
            self.melody,
            self.converter.kernels,
            self._seed,
        )

    def _samples(self, vocals: Audio, start: int) -> Any:
        samples = self.converter.xp.asarray(vocals.samples, device=self.converter.device)
        return without_offset(samples, start, self.sample_rate)
