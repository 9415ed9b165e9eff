"""The converter that a voice needs: one that reads the kinds of features it holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from autovoice_core._errors import SelectionError
from autovoice_core.backends.choice.named_backends import NamedBackend, find_named, using_named
from autovoice_core.backends.choice.selection import select
from autovoice_core.backends.need import Need
from autovoice_core.backends.plugins.registry import catalogue
from autovoice_core.voices.profile import VoiceProfile


@contextmanager
def using_reader_of(voice: VoiceProfile, need: Need, named: str | None) -> Iterator[None]:
    """Let a converter that reads ``voice`` be chosen within, where none is named.

    The best by rank stays, unless its offer says that it reads other features than the voice holds.
    """
    reader = reader_of(voice, need, named)
    origin = f"the voice {voice.name!r}"
    with using_named({} if reader is None else {"conversion": NamedBackend(reader, origin)}):
        yield


def reader_of(voice: VoiceProfile, need: Need, named: str | None) -> str | None:
    """Return the converter that has to be chosen for ``voice``.

    None if one is named, the best by rank will do, or none is known.
    """
    if find_named("conversion", named):
        return None
    held = set(voice.feature_ids)
    entries = catalogue(need.plugins).of("conversion")
    readers = [entry.name for entry in entries if held & set(entry.offer.reads)]
    if not readers:
        return None
    try:
        best = select("conversion", need)
    except SelectionError:
        return readers[0]
    reads = best.entry.offer.reads
    return None if not reads or held & set(reads) else readers[0]
