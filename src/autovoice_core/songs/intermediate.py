"""Stores for a song between two stages: on disk, or in the memory of a device."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from array_api_compat import array_namespace

from autovoice_core._arrays import as_array_api, as_numpy
from autovoice_core._types import Audio
from autovoice_core._windowed import WindowedEngine
from autovoice_core.audio.scratch import write_scratch
from autovoice_core.audio.source import AudioInMemory, Source, concatenate

MAX_DEVICE_BYTES = 1 << 30
"""Bytes on the device that a song, its vocals and the new ones may take: 17 min of CD sound."""
_UPLOAD_FRAMES = 1 << 20


class DiskStore:
    """Scratch files in a folder: memory does not grow with the song.

    Attributes
    ----------
    song
        The song, for the first stage.
    """

    def __init__(self, song: Source, folder: Path) -> None:
        self.song, self._folder = song, folder

    def put(self, name: str, blocks: Iterable[Any]) -> Source:
        """Store blocks that together have the song's rate, channels and length."""
        return write_scratch(self._folder / name, self.song, blocks)

    def bring(self, source: Source) -> Source:
        """Return a source on the host, which is where results are stored."""
        return source

    def to_host(self, *stored: Source) -> tuple[Source, ...]:
        """Return stored sources on the host, where these are."""
        return stored


class DeviceStore:
    """Memory of a device: the song is sent there once, and its vocals are fetched once.

    Attributes
    ----------
    song
        The song on the device, for the first stage.
    """

    def __init__(self, song: Source, first: WindowedEngine) -> None:
        self._song_on_host, self._first = song, first
        self._shape = song.channels, song.frames
        self.song = self.bring(song)

    def put(self, name: str, blocks: Iterable[Any]) -> Source:
        """Store blocks that together have the song's rate, channels and length."""
        samples = concatenate(blocks, self._shape)
        return AudioInMemory(Audio(samples, self._song_on_host.sample_rate), name)

    def bring(self, source: Source) -> Source:
        """Return a source of the song's shape in the memory of the device."""
        samples = concatenate(source.blocks(_UPLOAD_FRAMES), self._shape)
        whole = Audio(samples, source.sample_rate)
        return AudioInMemory(self._first.bring(whole), source.name)

    def to_host(self, *stored: Source) -> tuple[Source, ...]:
        """Return stored sources on the host, fetched in one transfer.

        For the song itself that is the source it was read from.
        """
        there = [one for one in stored if isinstance(one, AudioInMemory) and one is not self.song]
        parts = [as_array_api(one.audio.samples) for one in there]
        rows = as_numpy(array_namespace(*parts).stack(parts))
        here = {
            id(one): AudioInMemory(Audio(row, one.sample_rate), one.name)
            for one, row in zip(there, rows, strict=True)
        }
        return tuple(self._song_on_host if one is self.song else here[id(one)] for one in stored)


Store = DiskStore | DeviceStore


def open_store(song: Source, folder: Path, first: WindowedEngine) -> Store:
    """Return a store for ``song``, which the ``first`` engine works on before others do.

    It is the engine's device if its backend brings songs there and the song is short enough.
    Within a memory limit it is the disk, so that the windows get all the memory there is.
    """
    fits = first.memory_limit is None and 3 * 4 * song.channels * song.frames <= MAX_DEVICE_BYTES
    return DeviceStore(song, first) if fits and first.can_bring else DiskStore(song, folder)
