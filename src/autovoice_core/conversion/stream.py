"""Conversion of what is being sung, of which nobody knows yet how it goes on."""

from __future__ import annotations

import math
from typing import Any, Unpack

from attrs import evolve

from autovoice_core._engine import Engine
from autovoice_core._errors import InputError
from autovoice_core._protocols import Stream
from autovoice_core._style import Style, StyleOptions
from autovoice_core._types import Audio
from autovoice_core.backends.controls import check_declared, needed_controls
from autovoice_core.backends.need import Need
from autovoice_core.backends.selection import select
from autovoice_core.voices.profile import VoiceProfile

LATENCY = 0.12
"""Seconds that a stream is late at the most, if nothing else is asked for."""


class Streaming(Engine):
    """The part of :class:`~autovoice_core.SingingVoiceConverter` that is fed block by block."""

    def stream(
        self,
        voice: VoiceProfile,
        sample_rate: int,
        *,
        singer: VoiceProfile | None = None,
        max_latency: float = LATENCY,
        **style: Unpack[StyleOptions],
    ) -> Stream[Audio]:
        """Return a stream that is fed singing block by block and gives it in another voice.

        All that comes out, that of ``flush()`` included, is as long as what was fed and in time
        with it; the stream's ``latency`` says how many seconds after a sample its result comes,
        however the sound is cut into blocks.

        Parameters
        ----------
        voice
            The voice to sing in.
        sample_rate
            Of the blocks, Hz.
        singer
            A profile of who is going to sing. Without it the singer is known after some seconds.
        max_latency
            Seconds that the result may be late at the most.
        **style
            How to sing it: attributes of :class:`~autovoice_core.Style`. ``key="auto"`` needs the
            profile of the singer; breaths and vibrato can't be changed.

        Raises
        ------
        InputError
            A profile was made for another converter, or the style asks for what can't be done.
        SelectionError
            No backend meets the need with this latency.
        """
        need = evolve(self._need or Need(), max_latency=max_latency)
        converter = select(self._operation, need, name=self._backend).open(**self._options())
        if singer is not None:
            _check_features("singer", singer, converter)
        asked = _for_stream(style_of(converter, voice, style), voice, singer)
        stream: Stream[Audio] = converter.stream(
            sample_rate,
            voice=voice,
            singer=singer,
            key=asked.key,
            formant=asked.formant,
            strength=asked.strength,
            seed=asked.seed,
        )
        return stream


def style_of(converter: Any, voice: VoiceProfile, style: StyleOptions) -> Style:
    """Return how to sing in ``voice``, as asked, else as its profile says, if it can be done."""
    _check_features("voice", voice, converter)
    asked = evolve(voice.style, **style)
    check_declared(needed_controls(asked), converter.controls, converter.provenance.backend)
    return asked


def octaves(f0: float, voice: VoiceProfile) -> int:
    """Return the semitones, whole octaves, from ``f0`` (Hz) nearest to the middle of a voice."""
    away = math.log2(voice.f0_range.p50 / f0)
    # A half rounds towards staying where it is.
    return 12 * int(math.copysign(math.ceil(abs(away) - 0.5), away))


def _check_features(name: str, voice: VoiceProfile, converter: Any) -> None:
    if voice.feature_id != converter.feature_id:
        raise InputError(
            f"{name}: {voice.name!r} holds features of {voice.feature_id}, but "
            f"{converter.provenance.backend} reads {converter.feature_id}; make the voice again "
            "from its recordings, with this backend"
        )


def _for_stream(style: Style, voice: VoiceProfile, singer: VoiceProfile | None) -> Style:
    """Return ``style`` with its key as a number, from the singer's range if there is a profile."""
    for name, kept in (("breath", "keep"), ("vibrato", 1.0)):
        if getattr(style, name) != kept:
            raise InputError(
                f"{name}: a stream can't change it, as that needs what is sung later; "
                f"give {name}={kept!r}, or convert the whole recording"
            )
    if style.key != "auto":
        return evolve(style, key=float(style.key))
    if singer is None:
        raise InputError(
            "key: a stream can't know the singer's range; give semitones, for example key=0, "
            "or the singer's own profile as singer"
        )
    return evolve(style, key=float(octaves(singer.f0_range.p50, voice)))
