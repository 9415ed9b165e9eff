"""Where a song is kept between two stages: on disk, or on the device that works on it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from array_api_compat import array_namespace

from autovoice_core._arrays import as_numpy, workable
from autovoice_core._types import Audio
from autovoice_core._windowed import WindowedEngine
from autovoice_core.audio.gathering import gathered
from autovoice_core.audio.scratch import kept
from autovoice_core.audio.source import AudioInMemory, Source

MOST = 1 << 30
"""Bytes on the device that a song, its vocals and the new ones may take: 17 min of CD sound."""
_READ = 1 << 20


class OnDisk:
    """Files of a folder: memory does not grow with the song.

    Attributes
    ----------
    song
        The song, for the first stage.
    """

    def __init__(self, song: Source, folder: Path) -> None:
        self.song, self._folder = song, folder

    def keep(self, name: str, blocks: Iterable[Any]) -> Source:
        """Keep blocks of the song's rate, channels and length."""
        return kept(self._folder / name, self.song, blocks)

    def fetched(self, *kept: Source) -> tuple[Source, ...]:
        """Return what was kept, on the host."""
        return kept


class OnDevice:
    """Memory of a device: the song goes there once, and what becomes of it comes back once.

    Attributes
    ----------
    song
        The song, for the first stage.
    """

    def __init__(self, song: Source, first: WindowedEngine) -> None:
        self._of = song
        self._shape = song.channels, song.frames
        whole = Audio(gathered(song.blocks(_READ), self._shape), song.sample_rate)
        self.song: Source = AudioInMemory(first.bring(whole), song.name)

    def keep(self, name: str, blocks: Iterable[Any]) -> Source:
        """Keep blocks of the song's rate, channels and length."""
        return AudioInMemory(Audio(gathered(blocks, self._shape), self._of.sample_rate), name)

    def fetched(self, *kept: Source) -> tuple[Source, ...]:
        """Return what was kept, on the host, by one transfer; for the song what it came from."""
        there = [one for one in kept if isinstance(one, AudioInMemory) and one is not self.song]
        parts = [workable(one.audio.samples) for one in there]
        rows = as_numpy(array_namespace(*parts).stack(parts))
        here = {
            id(one): AudioInMemory(Audio(row, one.sample_rate), one.name)
            for one, row in zip(there, rows, strict=True)
        }
        return tuple(self._of if one is self.song else here[id(one)] for one in kept)


def between_stages(song: Source, folder: Path, first: WindowedEngine) -> OnDisk | OnDevice:
    """Return where to keep a song that the ``first`` engine works on before others do.

    That is its device, if its backend brings songs there and this one is short enough. Within a
    limit to memory it is the disk, so that windows get what there is.
    """
    small = first.memory_limit is None and 3 * 4 * song.channels * song.frames <= MOST
    return OnDevice(song, first) if small and first.brings else OnDisk(song, folder)
