"""Retrieval fed block by block: analysis, selection, substitution and rendering with little delay.

The steps are those of a whole song, a few frames at a time and with a short look-ahead: pitch by a
streaming estimator, statistics of the singer learnt on the way, a path that is settled with a
fixed lag, and sound whose phases and overlaps are carried on.
"""

from __future__ import annotations

import math
from typing import Any, Protocol

import numpy as np

from autovoice_core._types import Audio, PitchFrames
from autovoice_core.conversion.retrieval.analysis import VoiceFrames, voiced_share
from autovoice_core.conversion.retrieval.aperiodicity import (
    aperiodicity_on_axis,
    smooth_aperiodicity,
)
from autovoice_core.conversion.retrieval.content import REST_REACH, cepstra
from autovoice_core.conversion.retrieval.exemplars import Exemplars
from autovoice_core.conversion.retrieval.f0 import FALLBACK_F0
from autovoice_core.conversion.retrieval.frames import FRAME_RATE, RecentRows, Track, take_rows
from autovoice_core.conversion.retrieval.kernels import ConversionKernels
from autovoice_core.conversion.retrieval.mapping import VoiceMapping
from autovoice_core.conversion.retrieval.online_statistics import OnlineStatistics
from autovoice_core.conversion.retrieval.rendering import envelope_change
from autovoice_core.conversion.retrieval.retrieval import Retrieval
from autovoice_core.conversion.retrieval.stream.analysis import (
    BATCH_FRAMES,
    AnalysedBatch,
    StreamAnalyser,
)
from autovoice_core.conversion.retrieval.stream.overlap_add import (
    OVERLAP_FRAMES,
    StreamOscillators,
)
from autovoice_core.conversion.retrieval.stream.rendering import StreamRenderer, TargetFrames
from autovoice_core.conversion.retrieval.stream.selection import (
    CONTEXT_AHEAD,
    LOOK_AHEAD,
    REST_WEIGHTS,
    StreamSelector,
)
from autovoice_core.conversion.retrieval.stream.soft_limit import soft_limited
from autovoice_core.conversion.retrieval.timbre import Timbre
from autovoice_core.protocols import Stream, Voice

LOWEST_F0 = 60.0
"""Hz; the lowest f0 to be tracked, since lower ones take longer to be found."""

_KEPT_FRAMES = 32


class StreamingPitchEstimator(Protocol):
    """A pitch estimator that opens streams."""

    def stream(self, sample_rate: int, *, hop: float) -> Stream[PitchFrames]:
        """Return a stream that yields a frame every ``hop`` seconds, from 0 on."""


class StreamingRetrieval(Retrieval):
    """:class:`Retrieval` that can also be fed block by block.

    Parameters
    ----------
    xp, kernels, device
        As for :class:`Retrieval`.
    pitch
        Tracks the singer, on the same library, from :data:`LOWEST_F0` on.
    """

    def __init__(
        self,
        xp: Any,
        kernels: ConversionKernels,
        pitch: StreamingPitchEstimator,
        device: Any = None,
    ) -> None:
        super().__init__(xp, kernels, device)
        self.pitch = pitch

    def stream(
        self,
        sample_rate: int,
        *,
        voice: Voice,
        key: float,
        singer: Voice | None = None,
        learnt: OnlineStatistics | None = None,
        formant: float = 0.0,
        strength: float = 1.0,
        seed: int = 0,
    ) -> RetrievalStream:
        """Return a new stream.

        ``singer`` is a profile of the source singer; without one, the singer is taken to sing as
        the target does until a second or so has been sung. ``learnt`` is that of an earlier stream.
        """
        like = self.xp.zeros(0, dtype=self.xp.float32, device=self.device)
        exemplars = Exemplars.load(voice.features, like)
        own = Exemplars.load(singer.features, like) if singer else None
        points = min(one.comparable_points(sample_rate) for one in (exemplars, own) if one)
        band = min(one.common_band(sample_rate) for one in (exemplars, own) if one)
        prior = VoiceMapping.prior(exemplars, points, band, CONTEXT_AHEAD)
        statistics = OnlineStatistics(prior, own)
        if learnt is not None:
            statistics.take_over(learnt)
        ratio = 2.0 ** (key / 12.0)
        return RetrievalStream(
            self, statistics, sample_rate, ratio, Timbre(formant, strength), seed
        )


class RetrievalStream:
    """A :class:`~autovoice_core.protocols.Stream` of :class:`Audio`.

    Attributes
    ----------
    latency
        Seconds after which the result for a sample is given.
    """

    def __init__(
        self,
        converter: StreamingRetrieval,
        statistics: OnlineStatistics,
        sample_rate: int,
        ratio: float,
        timbre: Timbre,
        seed: int,
    ) -> None:
        self._xp, self._device, self._rate = converter.xp, converter.device, sample_rate
        self._statistics, self._ratio, self._timbre = statistics, ratio, timbre
        kernels, prior = converter.kernels, statistics.prior
        pitch = converter.pitch.stream(sample_rate, hop=1 / FRAME_RATE)
        self._analyser = StreamAnalyser(pitch, sample_rate, kernels)
        self.latency = self._analyser.latency + (LOOK_AHEAD + OVERLAP_FRAMES) / FRAME_RATE
        self._selector = StreamSelector(prior.inventory, kernels)
        oscillators = None
        if ratio != 1.0:
            phase_envelope = prior.substitution.target_mean
            oscillators = StreamOscillators(phase_envelope, ratio * LOWEST_F0, sample_rate, kernels)
        self._renderer = StreamRenderer(oscillators, sample_rate, kernels, seed)
        self._envelope, self._aperiodicity = RecentRows(_KEPT_FRAMES), RecentRows(_KEPT_FRAMES)
        self._spectra = RecentRows(_KEPT_FRAMES)
        self._f0, self._voiced = RecentRows(_KEPT_FRAMES), RecentRows(_KEPT_FRAMES)
        self._analysed, self._fed, self._given, self._last_f0 = 0, 0, 0, FALLBACK_F0
        self._empty: Any = None

    @property
    def learnt(self) -> OnlineStatistics:
        """What is known of the singer by now, for a later stream."""
        return self._statistics.snapshot()

    def feed(self, block: Audio) -> Audio:
        """Take in a block of any length, and return what is finished by now."""
        samples = self._xp.asarray(block.samples, device=self._device)
        self._analyser.feed(samples)
        self._empty = samples[:, :0]
        self._fed += block.frames
        return self._give(self._finished())

    def flush(self) -> Audio:
        """Return what is left; the stream is over."""
        if self._empty is None:
            self.feed(Audio(np.zeros((1, 0), np.float32), self._rate))
        silence = math.ceil((self.latency + BATCH_FRAMES / FRAME_RATE) * self._rate)
        shape = (self._empty.shape[0], silence)
        self._analyser.feed(self._xp.zeros(shape, dtype=self._xp.float32, device=self._device))
        return self._give(self._finished()[:, : self._fed - self._given])

    def _give(self, samples: Any) -> Audio:
        self._given += samples.shape[1]
        return Audio(samples, self._rate)

    def _finished(self) -> Any:
        """Return the samples that are finished with what was analysed by now."""
        finished = [self._empty]
        for batch in self._analyser.batches():
            self._select(batch)
            if self._analysed > LOOK_AHEAD:
                target = self._substitute(self._analysed - LOOK_AHEAD - BATCH_FRAMES)
                # Sound that came over full scale may leave as loud.
                ceiling = max(1.0, self._analyser.peak)
                finished.append(soft_limited(self._renderer.render(target), ceiling))
        return self._xp.concat(finished, axis=1)

    def _select(self, batch: AnalysedBatch) -> None:
        """Keep the frames of a batch, learn from them, and extend the path by them."""
        self._envelope.extend(batch.frames.envelope)
        self._aperiodicity.extend(batch.frames.aperiodicity)
        self._spectra.extend(batch.spectra)
        self._f0.extend(batch.f0)
        self._voiced.extend(batch.voiced)
        self._analysed += BATCH_FRAMES
        envelope = batch.frames.envelope
        coefficients = cepstra(envelope, self._statistics.prior.encoder.basis)
        if batch.voiced.any():
            voiced = np.flatnonzero(batch.voiced)
            rows = take_rows(envelope, voiced), take_rows(coefficients, voiced)
            self._statistics.add_source(*rows)
        if batch.unvoiced.any():
            rows = take_rows(envelope, np.flatnonzero(batch.unvoiced))
            self._statistics.add_unvoiced(rows)
        self._selector.add(coefficients, batch.voiced, self._statistics.mapping.encoder)

    def _substitute(self, first: int) -> TargetFrames:
        """Return what the frames from ``first`` on become."""
        begin, stop = max(0, first - REST_REACH), self._analysed - CONTEXT_AHEAD
        new = slice(first - begin, first - begin + BATCH_FRAMES)
        envelope = self._envelope.between(begin, stop)
        aperiodicity = self._aperiodicity.between(begin, stop)
        source = VoiceFrames(envelope, smooth_aperiodicity(aperiodicity))
        mapping = self._statistics.mapping
        voiced = self._voiced.between(first - 1, first + BATCH_FRAMES + 1)
        share = voiced_share(voiced)[min(first, 1) :][:BATCH_FRAMES]
        if share.any():
            selection = self._selector.selection(begin, stop)
            sung = selection.main[new][self._voiced.between(first, first + BATCH_FRAMES)]
            exemplars = mapping.substitution.exemplars
            self._statistics.add_selected(take_rows(exemplars.envelope, sung))
            found = mapping.substitution.substitute(source, selection, rest_weights=REST_WEIGHTS)
            target = self._timbre.applied(source, found)
        else:
            target = VoiceFrames(envelope, aperiodicity_on_axis(source.aperiodicity))
        return TargetFrames(
            self._xp.permute_dims(self._spectra.between(begin, stop)[new, ...], (1, 0, 2)),
            share,
            self._timbre.strength * self._statistics.unvoiced.change(envelope)[new, :],
            VoiceFrames(target.envelope[new, :], target.aperiodicity[new, :]),
            envelope_change(source, target)[new, :],
            self._next_f0(first),
        )

    def _next_f0(self, first: int) -> Track:
        """Return the f0 to sing (Hz): before and after a note its first and last."""
        f0 = self._f0.between(first, self._analysed)
        voiced = self._voiced.between(first, self._analysed)
        notes = np.append(f0[voiced], self._last_f0)
        coming = notes[np.cumsum(voiced)[:BATCH_FRAMES] - voiced[:BATCH_FRAMES]]
        f0 = np.where(f0[:BATCH_FRAMES] > 0, f0[:BATCH_FRAMES], coming)
        self._last_f0 = float(f0[-1])
        moved: Track = self._ratio * f0
        return moved
