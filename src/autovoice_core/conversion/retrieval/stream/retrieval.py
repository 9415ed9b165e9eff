"""Retrieval block by block: what is sung now is heard in another voice a tenth of a second later.

The same analysis, search and rendering as for a whole song, a few frames at a time and with little
to come: pitch by the streaming tracker, the singer's habits learnt on the way, a path with a short
look-ahead, and sound whose phases and overlaps are carried on.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autovoice_core._protocols import Voice
from autovoice_core._types import Audio
from autovoice_core.conversion.retrieval.analysis import Frames
from autovoice_core.conversion.retrieval.aperiodicity import steady
from autovoice_core.conversion.retrieval.cepstra import REST, cepstra
from autovoice_core.conversion.retrieval.exemplars import Exemplars
from autovoice_core.conversion.retrieval.f0 import FALLBACK, FRAME_RATE
from autovoice_core.conversion.retrieval.frames import OVER_50_MS, smoothed, take_rows
from autovoice_core.conversion.retrieval.kernels import ConversionKernels
from autovoice_core.conversion.retrieval.mapping import Correspondence
from autovoice_core.conversion.retrieval.online_statistics import Habits
from autovoice_core.conversion.retrieval.retrieval import COLOURING, Retrieval
from autovoice_core.conversion.retrieval.stream.analysis import TOGETHER, Heard, Listening
from autovoice_core.conversion.retrieval.stream.mixing import CausalVoice
from autovoice_core.conversion.retrieval.stream.overlap_add import BEHIND, Tone
from autovoice_core.conversion.retrieval.stream.recent import Recent
from autovoice_core.conversion.retrieval.stream.selection import AHEAD, CONTEXT, RESTING, CausalPath
from autovoice_core.conversion.retrieval.synthesis import on_axis
from autovoice_core.conversion.retrieval.timbre import Timbre
from autovoice_core.conversion.retrieval.unit_selection import Choice
from autovoice_core.pitch.nccf.kernels import PitchKernels
from autovoice_core.pitch.nccf.nccf import Nccf

LOWEST = 60.0
"""Hz; the lowest f0 that is followed, for lower ones take longer to be heard."""

_KEPT = 32  # frames that are remembered


class StreamingRetrieval(Retrieval):
    """:class:`Retrieval` that can also be fed block by block.

    Parameters
    ----------
    pitch_kernels
        The kernels of pitch tracking on the same library.
    """

    def __init__(
        self,
        xp: Any,
        kernels: ConversionKernels,
        pitch_kernels: PitchKernels,
        device: Any = None,
    ) -> None:
        super().__init__(xp, kernels, device)
        self.pitch = Nccf(xp, pitch_kernels, fmin=LOWEST)

    def stream(
        self,
        sample_rate: int,
        *,
        voice: Voice,
        key: float,
        singer: Voice | None = None,
        formant: float = 0.0,
        strength: float = 1.0,
        seed: int = 0,
    ) -> RetrievalStream:
        """Return a new stream.

        ``singer`` is a profile of who is going to sing; without one, the singer is taken to sing
        as the target does until a second or so was heard.
        """
        like = self.xp.zeros(0, dtype=self.xp.float32, device=self.device)
        exemplars = Exemplars.load(voice.features, like)
        own = Exemplars.load(singer.features, like) if singer else None
        points = min(one.comparable_points(sample_rate) for one in (exemplars, own) if one)
        habits = Habits(Correspondence.of(exemplars, points, CONTEXT), own)
        return RetrievalStream(
            self, habits, sample_rate, 2.0 ** (key / 12.0), Timbre(formant, strength), seed
        )


class RetrievalStream:
    """A :class:`~autovoice_core._protocols.Stream` of :class:`Audio`.

    Attributes
    ----------
    latency
        Seconds after which the result for a sample is given.
    """

    def __init__(
        self,
        converter: StreamingRetrieval,
        habits: Habits,
        sample_rate: int,
        ratio: float,
        timbre: Timbre,
        seed: int,
    ) -> None:
        self._xp, self._device = converter.xp, converter.device
        self._rate, self._habits, self._ratio, self._timbre = sample_rate, habits, ratio, timbre
        kernels, base = converter.kernels, habits.base
        pitch = converter.pitch.stream(sample_rate, hop=1 / FRAME_RATE)
        self._listening = Listening(pitch, sample_rate, kernels)
        self.latency = self._listening.latency + (AHEAD + BEHIND) / FRAME_RATE
        self._path = CausalPath(base.inventory, base.hearing, kernels)
        tone = None
        if ratio != 1.0:
            tone = Tone(base.placing.average, ratio * LOWEST, sample_rate, kernels)
        self._voice = CausalVoice(tone, sample_rate, kernels, seed)
        self._frames = [Recent(_KEPT) for _ in range(5)]
        self._heard, self._fed, self._given, self._last = 0, 0, 0, FALLBACK
        self._nothing: Any = None

    def feed(self, block: Audio) -> Audio:
        """Take in a block of any length, and return what is finished by now."""
        samples = self._xp.asarray(block.samples, device=self._device)
        self._listening.take(samples)
        self._nothing = samples[:, :0]
        self._fed += block.frames
        return self._given_of(self._finished())

    def flush(self) -> Audio:
        """Return what is left; the stream is over."""
        if self._nothing is None:
            self.feed(Audio(np.zeros((1, 0), np.float32), self._rate))
        silence = math.ceil((self.latency + TOGETHER / FRAME_RATE) * self._rate)
        shape = (self._nothing.shape[0], silence)
        self._listening.take(self._xp.zeros(shape, dtype=self._xp.float32, device=self._device))
        return self._given_of(self._finished()[:, : self._fed - self._given])

    def _given_of(self, sound: Any) -> Audio:
        self._given += sound.shape[1]
        return Audio(sound, self._rate)

    def _finished(self) -> Any:
        """Return the samples that are finished with what was heard by now."""
        pieces = [self._nothing]
        for heard in self._listening.told():
            self._know(heard)
            if self._heard > AHEAD:
                pieces.append(self._render(self._heard - AHEAD - TOGETHER))
        return self._xp.concat(pieces, axis=1)

    def _know(self, heard: Heard) -> None:
        """Remember frames, and what they tell of the singer and of the path."""
        source = heard.frames
        columns = (source.envelope, source.aperiodicity, heard.spectra, heard.f0, heard.voiced)
        for table, rows in zip(self._frames, columns, strict=True):
            table.add(rows)
        sounds = cepstra(source.envelope, self._habits.base.placing.points)
        if heard.voiced.any():
            sung = np.flatnonzero(heard.voiced)
            self._habits.hear(take_rows(source.envelope, sung), take_rows(sounds, sung))
        known = self._habits.known
        scaled = (sounds - known.mean) / known.scale
        self._path.add(scaled, known.scale / known.deviation, heard.voiced)
        self._heard += TOGETHER

    def _render(self, first: int) -> Any:
        """Return the samples that are finished with the frames from ``first`` on."""
        begin, told = max(0, first - REST), self._heard - CONTEXT
        new = slice(first - begin, first - begin + TOGETHER)
        envelope, aperiodicity, spectra = (each.since(begin, told) for each in self._frames[:3])
        source, known = Frames(envelope, steady(aperiodicity)), self._habits.known
        voiced = self._frames[4].since(first - 1, first + TOGETHER + 1)
        share = smoothed(1.0 * voiced[:, None], (1.0, 2.0, 1.0))[:, 0][min(first, 1) :][:TOGETHER]
        if share.any():
            choice = self._path.chosen(begin, told)
            sung = choice[new][self._frames[4].since(first, first + TOGETHER)]
            self._habits.choose(take_rows(known.placing.exemplars.envelope, sung))
            whole = Choice(choice, choice, np.zeros(choice.size))
            rests = self._path.rests(begin, told)
            found = known.placing.place(whole, source, None, rests, over=RESTING)
            target = self._timbre.of(source, found)
        else:
            target = Frames(source.envelope, on_axis(source.aperiodicity))
        change = smoothed(target.envelope - source.envelope, OVER_50_MS)[new, :]
        return self._voice.add(
            self._xp.permute_dims(spectra[new, ...], (1, 0, 2)),
            share,
            COLOURING * self._timbre.strength * known.colour,
            Frames(target.envelope[new, :], target.aperiodicity[new, :]),
            change,
            self._tune(first),
        )

    def _tune(self, first: int) -> NDArray[np.float64]:
        """Return what to sing (Hz): before and after a note its first and last f0."""
        f0, voiced = (each.since(first, self._heard) for each in self._frames[3:])
        notes = np.append(f0[voiced], self._last)
        coming = notes[np.cumsum(voiced)[:TOGETHER] - voiced[:TOGETHER]]
        tune = np.where(f0[:TOGETHER] > 0, f0[:TOGETHER], coming)
        self._last = float(tune[-1])
        moved: NDArray[np.float64] = self._ratio * tune
        return moved
