"""Recordings of voices for `training/separation_mixtures.py`, and the same singing in others."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
from separation_effects import RATE, Samples, read

from autovoice_core import Audio, SingingVoiceConverter, VoiceProfile

Take = tuple[str, Samples]
"""A recording and its name."""
VOICES_PER_SOLO = 5
KEYS = (-5, -3, 0, 0, 2, 4, 7)
"""Semitones that singing is moved by, at random."""
MAX_SECONDS = 60


def name_of(path: Path) -> str:
    """Return the file's name, after that of its folder: stems of songs are all called alike."""
    return f"{path.parent.name}-{path.stem}"


def takes(paths: list[Path]) -> list[Take]:
    """Return the recordings."""
    return [(name_of(path), read(path)) for path in paths]


def joined(paths: list[Path]) -> list[Take]:
    """Return the recordings of each folder, one after the other."""
    by_folder = itertools.groupby(sorted(paths), lambda path: path.parent.name)
    return [
        (name, np.concatenate([read(path)[:1] for path in group], axis=1))
        for name, group in by_folder
    ]


def converted_singing(data: Path, folder: Path) -> None:
    """Write the solo singing of ``data`` in some of its voices each into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    voices = {
        each.name: VoiceProfile.from_recordings(sorted(each.glob("*.flac"))[:12], name=each.name)
        for each in sorted((data / "voices").iterdir())
    }
    converter, random = SingingVoiceConverter(), np.random.default_rng(1)
    for path in sorted([*data.glob("singing/*.flac"), *data.glob("songs/*/vocals.flac")]):
        take = read(path)[:, : MAX_SECONDS * RATE].mean(axis=0, keepdims=True)
        count = min(VOICES_PER_SOLO, len(voices))
        for voice in random.choice(sorted(voices), count, replace=False):
            key = int(random.choice(KEYS))
            out = folder / f"{name_of(path)}-{voice}.flac"
            if not out.exists():
                converter.convert(Audio(take, RATE), voices[voice], key=key).save(out)
