"""Mixtures for `training/separation.py`: voices over music, at random, with the vocals known.

Voices are solo singing and speech, the singing in other voices too, and synthesised singers; music
is that of :mod:`separation_music`, and accompaniments. Of finished songs only the mixture is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import attrs
import numpy as np
import scipy.signal
from separation_effects import (
    RATE,
    Samples,
    as_samples,
    decibels,
    doubled,
    echoed,
    equalised,
    excerpt,
    faded,
    harmonised,
    levelled,
    looped,
    moved,
    normalised,
    placed,
    read,
    resampled,
    reverberant,
    saturated,
    stereo,
    widened,
)
from separation_voices import Take, joined, name_of, takes

from autovoice_core.audio.stretch import stretched
from autovoice_core.separation.wrpca.wrpca import CROSSFADE_HOPS, STRIDE_HOPS, hop_length
from autovoice_core.synthetic.truth import SINGERS, sing

LENGTH = (STRIDE_HOPS + CROSSFADE_HOPS) * hop_length(RATE)
"""Samples of a mixture, 20 s: a block of `separation/wrpca`."""
KINDS = {"mix": 0.72, "song": 0.10, "finished": 0.07, "music": 0.09, "voice": 0.02}
"""What is made, and how often: voices over music, a song whose stems are known, one of which only
the mixture is, music alone, voices alone."""
VOICES = {"sung": 0.45, "converted": 0.27, "speech": 0.16, "synthetic": 0.08, "vowels": 0.04}
"""Whose voice it is, and how often."""
MAX_SEMITONES = 4.0
"""How far voices and music are moved, with their tempo."""
BALANCE_DB = -1.5, 4.0
"""Mean and deviation of the level of the voice over the music."""


@attrs.frozen(eq=False)
class Mixture:
    """A mixture, ``(2, LENGTH)`` at 44.1 kHz, its vocals if they are known, and what is in it."""

    samples: Samples
    vocals: Samples | None
    sources: tuple[str, ...] = ()


class Mixer:
    """Makes mixtures of what is in folders.

    Parameters
    ----------
    data
        The folder of recordings.
    music
        A folder that :mod:`separation_music` filled.
    converted
        A folder of singing in other voices.
    """

    def __init__(self, data: Path, music: Path, converted: Path) -> None:
        def files(folder: Path, *patterns: str) -> list[Path]:
            return sorted(path for pattern in patterns for path in folder.glob(pattern))

        self._songs = [path.parent for path in files(data, "songs/*/vocals.flac")]
        self._finished = files(data, "songs/*.flac")
        self._voices: Mapping[str, list[Take]] = {
            "sung": [
                *takes(files(data, "singing/*.flac", "songs/*/vocals.flac")),
                *joined(files(data, "voices/iona/*.flac")),
            ],
            "converted": takes(files(converted, "*.flac")),
            "speech": joined(files(data, "voices/libri_*/*.flac", "voices/vctk_*/*.flac")),
            "synthetic": [
                ("synthetic", sing(singer, 30.0, RATE, seed=seed).audio.numpy())
                for seed in range(2)
                for singer in SINGERS.values()
            ],
            "vowels": takes(files(data, "singing/vowels/*.flac")),
        }
        recorded = files(music, "**/*.ogg")
        own = files(data, "songs/*/accompaniment.flac")
        small = files(music, "**/*.flac") + files(data, "accompaniment/*.flac")
        self._music = [*recorded, *own, *small]
        weights = np.array([3.0] * len(recorded) + [8.0] * len(own) + [1.0] * len(small))
        self._music_weights = weights / weights.sum()
        self._sources: list[str] = []

    def mixture(self, seed: int) -> Mixture:
        """Return one of them; the same seed gives the same."""
        self._sources = []
        made = self._mixture(np.random.default_rng([seed, 16]))
        return attrs.evolve(made, sources=tuple(self._sources))

    def _mixture(self, random: np.random.Generator) -> Mixture:
        kind = random.choice(list(KINDS), p=list(KINDS.values()))
        if kind == "song" and self._songs:
            return self._song(random)
        if kind == "finished" and self._finished:
            path = self._finished[random.integers(len(self._finished))]
            self._sources.append(path.stem)
            return Mixture(as_samples(stereo(moved(read(path), LENGTH, random, 3.0))), None)
        vocals, music = np.zeros((2, 2, LENGTH), np.float32)
        if kind != "music":
            vocals = self._choir(random)
        if kind != "voice":
            music = self._band(random)
        if kind not in {"music", "voice"}:
            vocals = vocals * decibels(random.normal(*BALANCE_DB))
        return finished(vocals, music, random)

    def _song(self, random: np.random.Generator) -> Mixture:
        """Return a song with other levels, tones and sides."""
        folder = self._songs[random.integers(len(self._songs))]
        self._sources.append(folder.name)
        stems = [stereo(read(folder / f"{stem}.flac")) for stem in ("vocals", "accompaniment")]
        both = moved(np.concatenate(stems), LENGTH, random, 3.0 if random.random() < 0.7 else 0.0)
        vocals, music = both[:2], both[2:]
        if random.random() < 0.6:
            vocals = vocals * decibels(random.uniform(-5, 5))
        if random.random() < 0.3:
            vocals, music = (equalised(stem, random, 4.0) for stem in (vocals, music))
        if random.random() < 0.3:
            vocals, music = vocals[::-1], music[::-1]
        return Mixture(as_samples(vocals + music), as_samples(vocals))

    def _choir(self, random: np.random.Generator) -> Samples:
        """Return one to three voices with effects, of level 1."""
        total = np.zeros((2, LENGTH), np.float32)
        for number in range(random.choice([1, 2, 3], p=[0.75, 0.15, 0.1])):
            line = produced(self._voice(random), random)
            if not number and random.random() < 0.7:
                line = placed(line, random, 0.25)
            else:
                line = placed(line, random, 0.9)
            level = random.uniform(-14, -1) if number else 0.0
            total += normalised(line) * decibels(level)
        return normalised(total)

    def _voice(self, random: np.random.Generator) -> Samples:
        """Return phrases of one voice with rests, ``(1 or 2, LENGTH)``."""
        present = [kind for kind in VOICES if self._voices[kind]]
        weights = np.array([VOICES[kind] for kind in present])
        kind = random.choice(present, p=weights / weights.sum())
        line = np.zeros((2, LENGTH), np.float32)
        semitones, place = random.uniform(-1, 1) * MAX_SEMITONES, 0
        take = self._take(kind, random)
        while place < LENGTH:
            length = min(int(random.uniform(3, 14) * RATE), take.shape[1])
            phrase = excerpt(take, length, random)
            if kind == "speech" and random.random() < 0.8:
                # Slower at the same pitch, so that vowels are as long as sung ones.
                slower = random.uniform(3, 10)
                phrase = stretched(np.ascontiguousarray(phrase), RATE, slower)
                phrase = resampled(phrase, -slower)
            phrase = faded(resampled(phrase, semitones))
            end = min(place + phrase.shape[1], LENGTH)
            line[:, place:end] += phrase[:, : end - place]
            place = end + int(max(0.0, random.exponential(1.2) - 0.4) * RATE)
            if kind == "vowels" or random.random() < 0.15:
                take = self._take(kind, random)
        return line

    def _take(self, kind: str, random: np.random.Generator) -> Samples:
        name, take = self._voices[kind][random.integers(len(self._voices[kind]))]
        self._sources.append(name)
        return take

    def _band(self, random: np.random.Generator) -> Samples:
        """Return music, sometimes two pieces at once, of level 1."""
        total = self._piece(random)
        if random.random() < 0.25:
            total = total + self._piece(random) * decibels(random.uniform(-9, 3))
        return normalised(equalised(total, random, 5.0))

    def _piece(self, random: np.random.Generator) -> Samples:
        path = self._music[random.choice(len(self._music), p=self._music_weights)]
        self._sources.append(name_of(path))
        piece = widened(stereo(moved(read(path), LENGTH, random, 3.0)), random)
        if random.random() < 0.2:
            piece = piece[::-1]
        if random.random() < 0.08:
            piece = stereo(piece.mean(axis=0, keepdims=True))
        return normalised(piece)


def produced(line: Samples, random: np.random.Generator) -> Samples:
    """Return a voice with a producer's effects, of one or two channels."""
    effects = (
        (looped, 0.08),
        (levelled, 0.5),
        (saturated, 0.2),
        (harmonised, 0.15),
        (doubled, 0.3),
        (echoed, 0.25),
        (reverberant, 0.75),
    )
    line = equalised(line, random, 6.0)
    for effect, share in effects:
        if random.random() < share:
            line = effect(line, random)
    return line


def finished(vocals: Samples, music: Samples, random: np.random.Generator) -> Mixture:
    """Return the mixture as it would be released: compressed, perhaps of a narrower band."""
    mixture = vocals + music
    peak = float(np.abs(mixture).max()) + 1e-9
    if random.random() < 0.4:
        # One gain for both stems, so that they still add up.
        threshold, size = peak * random.uniform(0.3, 0.8), np.maximum(np.abs(mixture), 1e-9)
        gain = np.where(size > threshold, (threshold + 0.5 * (size - threshold)) / size, 1.0)
        vocals, mixture = vocals * gain, mixture * gain
    scale = random.uniform(0.3, 1.0) / peak
    vocals, mixture = vocals * scale, mixture * scale
    if random.random() < 0.25:
        top = random.uniform(6_000, 16_000)
        filtering = scipy.signal.butter(8, top, fs=RATE, output="sos")
        vocals, mixture = (scipy.signal.sosfilt(filtering, each) for each in (vocals, mixture))
    return Mixture(as_samples(mixture), as_samples(vocals))
