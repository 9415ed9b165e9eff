"""Streams of conversion: singing converted block by block while it goes on."""

from __future__ import annotations

from contextlib import suppress
from copy import copy
from functools import cached_property
from typing import Any, Self, Unpack

import numpy as np
from attrs import evolve
from numpy.typing import NDArray

from autovoice_core._engine import Engine
from autovoice_core._errors import ArgumentError, InputError, SelectionError
from autovoice_core._style import Style, StyleOptions, with_options
from autovoice_core._types import Audio
from autovoice_core.backends.choice.chosen import Chosen
from autovoice_core.backends.choice.given_settings import Given, using_settings
from autovoice_core.backends.choice.named_backends import find_named
from autovoice_core.backends.controls import check_declared, needed_controls
from autovoice_core.backends.need import Need
from autovoice_core.conversion.key import choose_key_from_median
from autovoice_core.conversion.readers import reader_of, using_reader_of
from autovoice_core.protocols import Stream
from autovoice_core.voices.lookup import as_profile
from autovoice_core.voices.profile import VoiceProfile

MAX_LATENCY = 0.12
"""Seconds of delay allowed unless the caller says otherwise."""
MAX_LATENCY_OF_NAMED = 2.0
"""The same for a converter that is named, by the caller or as the only one that reads a voice."""
WARM_UP_F0 = 220.0
"""f0 of the note that kernels are tried on, Hz."""
WARM_UP_HARMONICS = 10
"""Harmonics of that note: all are below half of the lowest sample rate."""


class StreamingEngine(Engine):
    """The part of :class:`~autovoice_core.SingingVoiceConverter` that opens streams."""

    @cached_property
    def _by_choice(self) -> dict[tuple[object, ...], Self]:
        return {}

    def for_voice(self, voice: VoiceProfile) -> Self:
        """Return this engine, or one with the backend and settings that ``voice`` needs.

        Raises
        ------
        InputError
            The backend has no such setting, or not of that value.
        SelectionError
            No backend meets the need.
        """
        chosen = self._chosen_for(voice, self._need)
        # Only the one that the voice needs may be here, or have the settings that are given.
        with suppress(SelectionError, InputError):
            if _key(chosen) == _key(self.chosen):
                return self
        if _key(chosen) not in self._by_choice:
            engine = self._by_choice[_key(chosen)] = copy(self)
            vars(engine)["chosen"] = chosen
        return self._by_choice[_key(chosen)]

    def _default_latency(self, voice: VoiceProfile) -> float:
        """Return the seconds of delay allowed where the caller of ``stream`` names none."""
        if self._need.max_latency is not None:
            return self._need.max_latency
        named = find_named(self._operation, self._backend) is not None
        named = named or reader_of(voice, self._need, self._backend) is not None
        return MAX_LATENCY_OF_NAMED if named else MAX_LATENCY

    def _chosen_for(self, voice: VoiceProfile, need: Need) -> Chosen:
        """Return the backend with the settings given, else those that ``voice`` has for it."""
        with using_reader_of(voice, need, self._backend):
            chosen = self._select(need)
            values = voice.settings.get(chosen.backend, {})
            given = {
                name: Given(
                    value, f"{self._operation}.{name}", f"given by the voice {voice.name!r}"
                )
                for name, value in values.items()
            }
            with using_settings({self._operation: given}, beneath=True):
                return self._select(need) if given else chosen

    def stream(
        self,
        voice: VoiceProfile | str,
        sample_rate: int,
        *,
        singer: VoiceProfile | str | None = None,
        after: Stream[Audio] | None = None,
        max_latency: float | None = None,
        **style: Unpack[StyleOptions],
    ) -> Stream[Audio]:
        """Return a stream that takes singing block by block and returns it in another voice.

        Its output, that of ``flush()`` included, is as long as its input and in time with it; a
        sample's result comes at most ``latency`` seconds, an attribute of the stream, after the
        sample, whatever the blocks.

        Parameters
        ----------
        voice
            The voice to sing in: a profile, or the name of one in the default storage.
        sample_rate
            Of the blocks, Hz.
        singer
            A profile of the source singer, or its name. Without it the singer is learnt in some
            seconds.
        after
            An earlier stream of the same singer and backend, open or ended: what it has learnt of
            the singer is known from the start, whatever its voice and style were.
        max_latency
            The longest delay allowed, in seconds; by default that of the need, or 0.12, or 2 for a
            converter that is named, or the only one that reads the voice.
        **style
            Attributes of :class:`~autovoice_core.Style`. ``key="auto"`` needs the profile of the
            singer; breaths and vibrato can't be changed.

        Raises
        ------
        InputError
            A profile was made for another converter, or a stream can't do what the style asks
            for.
        SelectionError
            No backend meets the need with this latency.
        """
        voice = as_profile("voice", voice)
        singer = None if singer is None else as_profile("singer", singer)
        if max_latency is None:
            max_latency = self._default_latency(voice)
        need = evolve(self._need, max_latency=max_latency)
        converter = self._chosen_for(voice, need).open(**self._options())
        if singer is not None:
            _check_features("singer", singer, converter)
        resolved = _for_stream(resolve_style(converter, voice, style), voice, singer)
        stream: Stream[Audio] = converter.stream(
            sample_rate,
            voice=voice,
            singer=singer,
            after=after,
            key=resolved.key,
            formant=resolved.formant,
            strength=resolved.strength,
            seed=resolved.seed,
        )
        return stream


def warm_up(
    converter: StreamingEngine,
    voice: VoiceProfile,
    sample_rate: int,
    *,
    singer: VoiceProfile | None = None,
    **style: Unpack[StyleOptions],
) -> None:
    """Run a stream over a second of sound, so that a later one is not held up when singing begins.

    Compiled kernels are loaded, and tables for this rate are made. The arguments are those of
    :meth:`StreamingEngine.stream`.
    """
    stream = converter.stream(voice, sample_rate, singer=singer, **style)
    stream.feed(Audio(_note_after_silence(sample_rate)[None], sample_rate))
    stream.flush()


def _note_after_silence(sample_rate: int) -> NDArray[np.float32]:
    """Return a second that is half silent, half voiced: each takes kernels of its own."""
    seconds = np.arange(sample_rate) / sample_rate
    harmonics = np.arange(1, WARM_UP_HARMONICS + 1)[:, None]
    note = (np.sin(2 * np.pi * WARM_UP_F0 * harmonics * seconds) / harmonics).sum(axis=0)
    return np.where(seconds < 0.5, 0.0, 0.1 * note).astype(np.float32)


def resolve_style(converter: Any, voice: VoiceProfile, style: StyleOptions) -> Style:
    """Return the style to sing in: as given, else as the profile of ``voice`` says.

    Raises
    ------
    InputError
        The profile was made for another converter, or this one can't do what the style asks for.
    """
    _check_features("voice", voice, converter)
    resolved = with_options(voice.style, style)
    check_declared(needed_controls(resolved), converter.controls, converter.provenance.backend)
    return resolved


def _key(chosen: Chosen) -> tuple[object, ...]:
    """Return what two choices have in common if they open the same."""
    settings = sorted(chosen.provenance.settings.items())
    return (chosen.backend, chosen.device, chosen.dtype, *settings)


def _check_features(name: str, voice: VoiceProfile, converter: Any) -> None:
    if converter.feature_id not in voice.feature_ids:
        raise ArgumentError(
            f"{name}: {voice.name!r} holds features of {', '.join(voice.feature_ids)}, "
            f"but {converter.provenance.backend} reads {converter.feature_id}; {voice.remedy}"
        )


def _for_stream(style: Style, voice: VoiceProfile, singer: VoiceProfile | None) -> Style:
    """Return ``style`` with its key as a number, from the singer's range if there is a profile."""
    for name, kept in (("breath", "keep"), ("vibrato", 1.0)):
        if getattr(style, name) != kept:
            raise ArgumentError(
                f"{name}: a stream can't change it, as that needs what is sung later; "
                f"give {name}={kept!r}, or convert the whole recording"
            )
    if not isinstance(style.key, str):
        return evolve(style, key=float(style.key))
    if singer is None:
        raise ArgumentError(
            "key: a stream can't know the singer's range; give semitones, for example key=0, "
            "or the singer's own profile as singer"
        )
    return evolve(
        style,
        key=float(choose_key_from_median(singer.f0_range.p50, voice, style.key).semitones),
    )
