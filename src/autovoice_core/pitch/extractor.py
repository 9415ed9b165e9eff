"""SingingPitchExtractor: pitch tracking of audio of any length, by the backend selected."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, ClassVar

from attrs import evolve

from autovoice_core._arguments import as_flag, as_number, as_progress
from autovoice_core._arrays import Array
from autovoice_core._errors import ArgumentError
from autovoice_core._frames import MAX_HOP_SECONDS, exact_hop
from autovoice_core._provenance import Provenance
from autovoice_core._types import Audio, PitchFrames, PitchTrack, Progress
from autovoice_core._windowed import WindowedEngine, Workload
from autovoice_core.audio.mono import MonoMix, MonoPair, split_pair
from autovoice_core.audio.reading import SoundInput, as_source
from autovoice_core.audio.source import Source
from autovoice_core.audio.windows import Window
from autovoice_core.backends.need import Need
from autovoice_core.backends.offer import Operation
from autovoice_core.backends.settings import Value
from autovoice_core.memory.limit import Amount, MemoryLimit
from autovoice_core.pitch.assembly import PartialTrack, group_windows, sources_of_rows
from autovoice_core.pitch.octaves import guard_octaves
from autovoice_core.protocols import Stream

MIN_F0_HZ, MAX_F0_HZ = 30.0, 2000.0
"""Limits of ``fmin`` and ``fmax``."""
MIN_RANGE_RATIO = 1.25
"""``fmax`` must be at least this many times ``fmin``."""
WINDOW_SECONDS = 20.0
"""Seconds of audio that are analysed at a time."""
BATCH_SECONDS = 120.0
"""Seconds of a batch, in whole windows, that a backend is given at a time."""
BYTES_PER_SAMPLE = 16.0
"""Bytes that core takes for each sample of a window: it, its copies, and the channels' mean."""
BYTES_PER_FRAME = 32.0
"""Bytes that a frame of a track takes until it is finished."""


class SingingPitchExtractor(WindowedEngine):
    """Tracks the pitch of one voice.

    Parameters
    ----------
    fmin, fmax
        Range to look in, Hz; within 30 to 2000.
    hop
        Seconds from frame to frame, at most 1. Frame ``i`` is centred at sample
        ``i * hop * sample_rate``, rounded half up, of ``1 + floor(frames / (hop * sample_rate))``.
    backend
        Full name of the backend, e.g. ``"cpu/nccf"``; by default the best that meets ``need``.
    need
        Requirements of the backend; by default float32 on the CPU.
    settings
        Settings of the backend by name, e.g. ``{"threshold": 0.3}``.
    octave_guard
        Whether jumps by octaves that last 0.15 s at most are corrected: they are errors.
    memory_limit
        Bytes, or text such as ``"2 GB"``, that this process may hold, of the device if the backend
        runs on one: windows get short and few. By default ``AUTOVOICE_MEMORY_LIMIT``, if it is set.

    Raises
    ------
    InputError
        The range, the hop or ``memory_limit`` is invalid.
    """

    _operation: ClassVar[Operation] = "pitch"

    def __init__(
        self,
        fmin: float = 40.0,
        fmax: float = 2000.0,
        hop: float | Fraction = 0.01,
        *,
        backend: str | None = None,
        need: Need | None = None,
        settings: Mapping[str, Value] | None = None,
        octave_guard: bool = False,
        memory_limit: Amount | MemoryLimit | None = None,
    ) -> None:
        fmin = as_number("fmin", fmin, unit="Hz", example="40")
        fmax = as_number("fmax", fmax, unit="Hz", example="2000")
        if not MIN_F0_HZ <= fmin < fmax <= MAX_F0_HZ or fmax < MIN_RANGE_RATIO * fmin:
            raise ArgumentError(
                f"fmin, fmax: {fmin:g} to {fmax:g} Hz is not a range within "
                f"{MIN_F0_HZ:g} to {MAX_F0_HZ:g} Hz whose upper end is at least "
                f"{MIN_RANGE_RATIO:g} times the lower; 40 to 2000 Hz suits singing"
            )
        self.fmin, self.fmax, self.hop = fmin, fmax, exact_hop(hop, MAX_HOP_SECONDS)
        super().__init__(backend=backend, need=need, settings=settings, memory_limit=memory_limit)
        self._octave_guard = as_flag("octave_guard", octave_guard)

    def _options(self) -> dict[str, Any]:
        return {"fmin": self.fmin, "fmax": self.fmax}

    def stream(self, sample_rate: int, *, max_latency: float = 0.05) -> Stream[PitchFrames]:
        """Return a stream that is fed sound block by block and returns the frames known by then.

        Frame ``i`` lies at ``i * hop`` seconds, as in :meth:`extract`; it is returned by
        ``latency`` seconds after its time, whatever the blocks.

        Parameters
        ----------
        sample_rate
            Of the blocks, Hz.
        max_latency
            Seconds after its time by which a frame must be returned.

        Raises
        ------
        InputError
            The hop is shorter than a sample.
        SelectionError
            No backend meets the need with this latency.
        """
        need = evolve(self._need, max_latency=max_latency)
        tracker = self._select(need).open(**self._options())
        stream: Stream[PitchFrames] = tracker.stream(sample_rate, hop=float(self.hop))
        return stream

    def extract(
        self,
        audio: SoundInput,
        *,
        mixture: SoundInput | None = None,
        progress: Progress | None = None,
    ) -> PitchTrack:
        """Return the track of ``audio``: any length, rate and number of channels.

        Channels are averaged, those in antiphase inverted. Memory grows by the track alone.

        Parameters
        ----------
        audio
            Sound in memory, or a sound file by its path or opened in binary mode.
        mixture
            The song that ``audio`` was separated from, of its rate and length; some backends
            find there what the separator damaged.
        progress
            Called with the fraction done.

        Raises
        ------
        InputError
            A file can't be read, samples are not finite, or the mixture's rate or length differs.
        SelectionError
            No backend meets the need.
        """
        made_by = audio.made_by if isinstance(audio, Audio) else ()
        source = as_source(audio)
        voice: Source = MonoMix(source)
        if mixture is not None:
            pair = MonoPair(source, as_source(mixture, "mixture"))
            voice = pair if self._opened.takes_mixture else voice
        return self._track([voice], made_by, batch_seconds=0.0, progress=progress)[0]

    def extract_batch(
        self, samples: Array, sample_rate: int, lengths: Sequence[int] | None = None
    ) -> list[PitchTrack]:
        """Return the track of each row, equal to what :meth:`extract` returns for it alone.

        Parameters
        ----------
        samples
            ``(batch, frames)``, one voice a row; numbers as :class:`~autovoice_core.Audio` takes.
        sample_rate
            In Hz.
        lengths
            ``(batch,)`` samples of each row that count; by default all of them.

        Raises
        ------
        InputError
            The shape is different, or there is not one length within the frames for each row.
        """
        sources = sources_of_rows(samples, sample_rate, lengths)
        return self._track(sources, (), batch_seconds=BATCH_SECONDS) if sources else []

    def _workload(
        self, source: Source, reserved_bytes: float = 0.0, max_batch: int = 0
    ) -> Workload:
        """Return what there is to process."""
        return Workload(
            sample_rate=source.sample_rate,
            channels=source.channels,
            frames=source.frames,
            window_seconds=WINDOW_SECONDS,
            max_window_samples=math.inf,
            context=self._opened.context,
            input_channels=1,
            bytes_per_sample=BYTES_PER_SAMPLE,
            reserved_bytes=reserved_bytes,
            max_batch=max(1, max_batch),
        )

    def _estimate(self, group: list[tuple[PartialTrack, Window]]) -> Sequence[PitchFrames]:
        """Return the frames of the tracks in each window."""
        centres = [track.centres_in(window) for track, window in group]
        audios = [window.audio for _, window in group]
        return list(self._opened.estimate_batch(audios, centres))

    def _estimate_in_mixture(self, group: list[tuple[PartialTrack, Window]]) -> list[PitchFrames]:
        """Return the frames of the tracks in each window of a :class:`MonoPair`."""
        return [
            self._opened.estimate_in_mixture(*split_pair(window.audio), track.centres_in(window))
            for track, window in group
        ]

    def _track(
        self,
        sources: Sequence[Source],
        made_by: tuple[Provenance, ...],
        *,
        batch_seconds: float,
        progress: Progress | None = None,
    ) -> list[PitchTrack]:
        """Return the tracks of sources of one rate, ``batch_seconds`` of windows at a time."""
        report = as_progress(progress)
        rate, longest = sources[0].sample_rate, max(sources, key=lambda source: source.frames)
        whole, done = sum(source.frames for source in sources), 0
        kept_bytes = BYTES_PER_FRAME * whole / (self.hop * rate)
        load = self._workload(longest, kept_bytes, int(batch_seconds / WINDOW_SECONDS))
        plan, max_batch = self._fit_windows(load)
        partial = [PartialTrack.of(source.frames, rate, self.hop) for source in sources]
        spans = (
            (track, window)
            for track, source in zip(partial, sources, strict=True)
            for window in plan.windows(source)
        )
        work = self._estimate_in_mixture if isinstance(longest, MonoPair) else self._estimate
        batch_frames = min(round(batch_seconds * rate), max_batch * plan.core)
        for group in group_windows(spans, batch_frames):
            for track, window, frames in plan.process(group, work):
                track.fill(window, frames)
                done += window.core.stop - window.core.start
            report(done / whole)
        made_by = (*made_by, self.chosen.provenance)
        tracks = [track.finished(self.hop, made_by) for track in partial]
        if not self._octave_guard:
            return tracks
        return [guard_octaves(track, fmin=self.fmin, fmax=self.fmax) for track in tracks]
