"""Fixtures that the tests of plugins share with those of core."""

from __future__ import annotations

import hypothesis_profile  # noqa: F401
from model_fixtures import install, server, store, weights
from song_fixtures import shared_data, short_song, song_file, vocal_file, voice, voice_file

__all__ = [
    "install",
    "server",
    "shared_data",
    "short_song",
    "song_file",
    "store",
    "vocal_file",
    "voice",
    "voice_file",
    "weights",
]
