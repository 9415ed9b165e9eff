"""Players of sound for notebooks, as HTML that needs no script and no other file."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

import numpy as np

from autovoice_core._arrays import as_numpy, device_name
from autovoice_core._errors import AutoVoiceError
from autovoice_core._printable import html_text
from autovoice_core._types import Audio
from autovoice_core.audio.mono import MonoMix
from autovoice_core.audio.mp3_uri import MAX_CHANNELS, mp3_data_uri
from autovoice_core.audio.reading import SoundInput, as_source, as_source_on_host
from autovoice_core.audio.source import BLOCK_FRAMES, Scaled, Source

MAX_SECONDS = 120.0
"""Seconds that a player holds: 2.8 MB of a notebook for a song in stereo."""


def player(audio: SoundInput, title: str = "") -> str:
    """Return a player of a sound, with a caption that says what it is and what is left out.

    A sound that can't be read or played is a caption with the reason.
    """
    sound = ""
    lines: list[str] = []
    try:
        source = as_source(audio)
        if source.frames:
            start = as_source_on_host(audio[:MAX_SECONDS]) if isinstance(audio, Audio) else source
            heard, lines = _playable(start)
            uri = mp3_data_uri(heard, MAX_SECONDS)
            sound = f'<audio controls preload="metadata" src="{uri}"></audio>'
        lines = [_description(source, audio), *_left_out(source), *lines]
    except AutoVoiceError as error:
        lines = [str(error)]
    if isinstance(audio, Audio):
        lines += map(str, audio.made_by)
    heading = f"<strong>{html_text(title)}</strong><br>" if title else ""
    caption = heading + "<br>".join(map(html_text, lines))
    return f"<figure>{sound}<figcaption>{caption}</figcaption></figure>"


def _description(source: Source, audio: SoundInput) -> str:
    device = device_name(audio.samples) if isinstance(audio, Audio) else "cpu"
    channels = "1 channel" if source.channels == 1 else f"{source.channels} channels"
    seconds = source.frames / source.sample_rate
    where = "" if device == "cpu" else f" on {device}"
    return f"{channels}, {seconds:.2f} s at {source.sample_rate} Hz{where}"


def _left_out(source: Source) -> Iterator[str]:
    """Yield what the player lacks of a source."""
    if not source.frames:
        yield "There is nothing to play."
    if source.frames > MAX_SECONDS * source.sample_rate:
        yield (
            f"The player has the first {MAX_SECONDS:.0f} s; "
            f"audio[{MAX_SECONDS:.0f}:{2 * MAX_SECONDS:.0f}] of a sound in memory has the next."
        )


def _playable(source: Source) -> tuple[Source, list[str]]:
    """Return the source as MP3 holds it, and a line for each change."""
    changes = []
    if source.channels > MAX_CHANNELS:
        source = MonoMix(source)
        changes.append("The player has its channels mixed to one.")
    peak = _peak(source)
    if peak > 1:
        source = Scaled(source, 1 / peak)
        changes.append(f"It is over full scale, and played {20 * np.log10(peak):.1f} dB softer.")
    return source, changes


def _peak(source: Source) -> float:
    limit = MAX_SECONDS * source.sample_rate
    blocks = enumerate(source.blocks(BLOCK_FRAMES))
    heard = takewhile(lambda numbered: numbered[0] * BLOCK_FRAMES < limit, blocks)
    return max((float(np.abs(as_numpy(block)).max(initial=0)) for _, block in heard), default=0.0)
