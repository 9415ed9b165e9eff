"""The converter that a voice needs: one that reads the kinds of features it holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from autovoice_core._errors import SelectionError
from autovoice_core.backends.choice.named_backends import NamedBackend, find_named, using_named
from autovoice_core.backends.choice.ranking import rank_offers
from autovoice_core.backends.choice.selection import select_default
from autovoice_core.backends.need import Need
from autovoice_core.backends.plugins.entry import Entry
from autovoice_core.backends.plugins.registry import catalogue
from autovoice_core.voices.profile import VoiceProfile
from autovoice_core.voices.remedies import readers_of


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
    readers = readers_of(voice.feature_ids, catalogue(need.plugins))
    if not readers:
        return None
    try:
        best = select_default("conversion", need)
    except SelectionError:
        return readers[0]
    return None if _reads(best.entry, voice) else readers[0]


def converter_for(voice: VoiceProfile, need: Need) -> Entry:
    """Return the converter that is named, or else has to be chosen for ``voice``.

    One that a name or the voice demands may lack weights or a device on this machine.

    Raises
    ------
    SelectionError
        There is none of that name, or none meets the need.
    InputError
        None is named, and none that reads the voice is known.
    """
    with using_reader_of(voice, need, None):
        if find_named("conversion", None):
            return rank_offers("conversion", need)[0].entry
        entry = select_default("conversion", need).entry
    if not _reads(entry, voice):
        voice.features_of(entry.offer.reads[0])  # it has none: says why
    return entry


def _reads(entry: Entry, voice: VoiceProfile) -> bool:
    """Whether a converter reads features of a voice, as far as its offer says."""
    reads = entry.offer.reads
    return not reads or bool(set(reads) & set(voice.feature_ids))
