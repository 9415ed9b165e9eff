"""``SingingVoiceConverter``: conversion of audio of any length to another voice."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from typing import Any, ClassVar, Unpack

import numpy as np
from attrs import evolve

from autovoice_core._arguments import as_progress
from autovoice_core._arrays import to_device_of
from autovoice_core._errors import AutoVoiceWarning
from autovoice_core._style import Style, StyleOptions
from autovoice_core._threads import allowed_threads
from autovoice_core._types import Audio, PitchTrack, Progress
from autovoice_core._windowed import WindowedEngine, Workload
from autovoice_core.audio.breaths import SoftenedBreaths
from autovoice_core.audio.reading import SoundInput, as_source
from autovoice_core.audio.source import Block, Source, concatenate
from autovoice_core.audio.windows import crossfade
from autovoice_core.backends.guards.inputs import check_pitch
from autovoice_core.backends.offer import Operation
from autovoice_core.conversion.key import key_of
from autovoice_core.conversion.singing import lack_of_singing
from autovoice_core.conversion.stream import StreamingEngine, resolve_style
from autovoice_core.conversion.tonal_residue import ShiftedTonalResidue, shift_bytes
from autovoice_core.pitch.extractor import SingingPitchExtractor
from autovoice_core.pitch.vibrato import with_vibrato
from autovoice_core.voices.lookup import as_profile
from autovoice_core.voices.profile import VoiceProfile

WINDOW_SECONDS = 20.0
"""Seconds that are converted at a time, without context."""
MIN_HALVED_SECONDS = 10.0
"""Seconds above which the CPU is given an even number of equal windows, for as many cores."""
MAX_WINDOW_SAMPLES = 2_000_000
"""Samples of a window at most, of all channels together; else windows are shorter."""
BREATH_GAINS = {"soften": 0.25, "remove": 0.0}
"""Factors of breaths."""
CROSSFADE_SECONDS = 0.05
"""Seconds over which windows are crossfaded."""
OBSERVING_SHARE = 0.15
"""Share of the work that the first pass takes, which observes the source."""
BYTES_PER_SAMPLE = 24.0
"""Bytes that core takes for each sample of a window: it, its conversion, and their copies."""


class SingingVoiceConverter(WindowedEngine, StreamingEngine):
    """Converts singing to another voice.

    Parameters
    ----------
    backend
        Full name of the backend, e.g. ``"cpu/retrieval"``; by default the best that meets
        ``need``.
    need
        Requirements of the backend; by default float32 on the CPU.
    settings
        Settings of the backend by name, e.g. ``{"index_rate": 0.5}``.
    memory_limit
        Bytes, or text such as ``"2 GB"``: what this process may hold in all, or of the GPU if the
        backend runs on one. Windows get as short as that requires. By default the value of the
        environment variable ``AUTOVOICE_MEMORY_LIMIT``, if it is set.
    threads
        Threads to use on the CPU, by default the value of the environment variable
        ``AUTOVOICE_THREADS``, or one per core. The result does not depend on it.

    Raises
    ------
    InputError
        ``memory_limit`` is not an amount of memory, or ``threads`` is below 1.
    """

    _operation: ClassVar[Operation] = "conversion"

    def convert(
        self,
        vocals: SoundInput,
        voice: VoiceProfile | str,
        *,
        pitch: PitchTrack | None = None,
        progress: Progress | None = None,
        **style: Unpack[StyleOptions],
    ) -> Audio:
        """Return ``vocals`` in another voice, at their length and rate, on their device.

        Parameters
        ----------
        vocals
            A voice alone, in memory or a sound file by its path or opened in binary mode.
        voice
            The voice to sing in: a profile, or the name of one in the default storage.
        pitch
            The pitch of ``vocals``; found by :class:`SingingPitchExtractor` if not given.
        progress
            Called with the fraction done.
        **style
            Attributes of :class:`~autovoice_core.Style`. Those not given are the profile's.

        Raises
        ------
        InputError
            The vocals can't be read, the profile was made for another converter, or the backend
            can't do what the style asks for.
        SelectionError
            No backend meets the need.
        StorageError
            There is no such voice.

        Warns
        -----
        AutoVoiceWarning
            Hardly any singing was found, so that hardly anything is converted; not told where
            ``pitch`` is given.
        """
        source, voice = as_source(vocals, "vocals"), as_profile("voice", voice)
        progress = as_progress(progress)
        if pitch is None:
            extractor = SingingPitchExtractor(need=self._need, memory_limit=self.memory_limit)
            pitch = extractor.extract(source)
            if lack := lack_of_singing(source, pitch):
                warnings.warn(f"{source.name}: {lack}", AutoVoiceWarning, stacklevel=2)
        reserved_bytes = 4.0 * source.channels * source.frames
        engine = self.for_voice(voice)
        blocks = engine._blocks(source, voice, pitch, progress, style, reserved_bytes)
        samples = concatenate(blocks, (source.channels, source.frames))
        before = vocals.made_by if isinstance(vocals, Audio) else ()
        made_by = dict.fromkeys((*before, *pitch.made_by, engine.chosen.provenance))
        return Audio(samples, source.sample_rate, tuple(made_by))

    def convert_blocks(
        self,
        vocals: SoundInput,
        voice: VoiceProfile | str,
        *,
        pitch: PitchTrack,
        progress: Progress | None = None,
        **style: Unpack[StyleOptions],
    ) -> Iterator[Block]:
        """Yield consecutive blocks that cover ``vocals`` exactly, in the voice of ``voice``.

        The source is read twice: first it is observed as a whole. Parameters and exceptions are
        those of :meth:`convert`; memory does not grow with the length.
        """
        source, profile = as_source(vocals, "vocals"), as_profile("voice", voice)
        engine = self.for_voice(profile)
        yield from engine._blocks(source, profile, pitch, as_progress(progress), style)

    def _blocks(
        self,
        source: Source,
        voice: VoiceProfile,
        pitch: PitchTrack,
        progress: Progress,
        style: StyleOptions,
        reserved_bytes: float = 0.0,
    ) -> Iterator[Block]:
        """Yield blocks; ``reserved_bytes`` are left free for what the caller keeps."""
        check_pitch("pitch", pitch)
        converter = self._opened
        resolved = with_numeric_key(self.style_for(voice, **style), voice, pitch)
        original, breaths = source, None
        if resolved.breath != "keep":
            source = breaths = SoftenedBreaths(source, pitch, BREATH_GAINS[resolved.breath])
        conversion = converter.begin(
            voice, pitch, source.sample_rate, key=resolved.key, **_controls(resolved, pitch)
        )
        plan, _ = self._fit_windows(self._workload(source, reserved_bytes))

        def observe(window: Audio, start: int) -> None:
            with allowed_threads(self.spare_threads):
                conversion.observe(window, start)

        # Breaths too are the singer's, whatever becomes of them.
        for window, _ in plan.process_source(original, observe):
            progress(OBSERVING_SHARE * window.core.stop / source.frames)
        if resolved.key != 0:
            source = ShiftedTonalResidue(original, pitch, float(resolved.key), self.spare_threads)
            source = source if breaths is None else breaths.applied_to(source)
        rendered = (
            (window, to_device_of(window.samples, converted.samples))
            for window, converted in plan.process_source(
                source, conversion.render, in_parallel=conversion.renders_in_parallel
            )
        )
        done = 0
        for block in crossfade(rendered, int(CROSSFADE_SECONDS * source.sample_rate)):
            yield block
            done += block.shape[1]
            progress(OBSERVING_SHARE + (1 - OBSERVING_SHARE) * done / source.frames)

    def style_for(self, voice: VoiceProfile | str, **style: Unpack[StyleOptions]) -> Style:
        """Return the style to sing in: as given, else as the profile of ``voice`` says.

        Raises
        ------
        InputError
            The profile was made for another converter, or the backend can't do what the style
            asks for.
        """
        profile = as_profile("voice", voice)
        return resolve_style(self.for_voice(profile)._opened, profile, style)

    def _workload(self, source: Source, reserved_bytes: float = 0.0) -> Workload:
        return Workload(
            sample_rate=source.sample_rate,
            channels=source.channels,
            frames=source.frames,
            window_seconds=self._window_seconds(source.frames / source.sample_rate),
            max_window_samples=MAX_WINDOW_SAMPLES,
            context=self._opened.context + CROSSFADE_SECONDS,
            input_channels=source.channels,
            bytes_per_sample=BYTES_PER_SAMPLE,
            reserved_bytes=reserved_bytes + shift_bytes(source),
            threads=self._threads if self._opened.renders_in_parallel else 1,
            parallel_windows=True,
        )

    def _window_seconds(self, seconds: float) -> float:
        """Return the length of a window's core, however many threads there are."""
        if self.chosen.device != "cpu" or seconds <= MIN_HALVED_SECONDS:
            return WINDOW_SECONDS
        return seconds / (2 * math.ceil(seconds / (2 * WINDOW_SECONDS)))


def with_numeric_key(style: Style, voice: VoiceProfile, pitch: PitchTrack) -> Style:
    """Return ``style`` with its key as a number; see :func:`key_of`."""
    return evolve(style, key=float(key_of(style, voice, pitch).semitones))


def _controls(style: Style, pitch: PitchTrack) -> dict[str, Any]:
    """Return the controls that a backend is given, without the key."""
    controls = {"formant": style.formant, "strength": style.strength, "seed": style.seed}
    melody = with_vibrato(pitch, style.vibrato)
    # The source's own melody sounds best, as nothing need be synthesised.
    return controls if np.array_equal(melody.f0, pitch.f0) else {**controls, "melody": melody}
