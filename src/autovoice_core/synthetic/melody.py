"""Random melodies: notes of a scale, and their pitch contour with glides and vibrato."""

from __future__ import annotations

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

CONTOUR_RATE = 1000
"""Points a second of a contour."""
MAJOR = (0, 2, 4, 5, 7, 9, 11)
A4 = 440.0

Floats = NDArray[np.float64]


@frozen
class Note:
    """One syllable of the melody; times in seconds, pitch in semitones above A4."""

    start: float
    end: float
    pitch: float
    glide: float
    first: bool
    last: bool


def scale_between(low: float, high: float, key: int) -> Floats:
    """Return the notes of a major scale in semitones above A4, leaving room for vibrato."""
    first, last = np.ceil(12 * np.log2(low / A4) + 1), np.floor(12 * np.log2(high / A4) - 1)
    every = np.arange(first, max(last, first) + 1)
    chosen = every[np.isin((every - key) % 12, MAJOR)]
    return chosen if chosen.size else every


def random_melody(
    rng: np.random.Generator, seconds: float, scale: Floats, beat: float
) -> list[Note]:
    """Return phrases of four to nine notes, each a random walk in a register of its own."""
    notes: list[Note] = []
    half = beat / 2
    time = half
    while time + half < seconds:
        # Each phrase has its own register, so that a long melody covers the whole range.
        centre = rng.uniform(0, len(scale))
        degree = centre
        count = int(rng.integers(4, 10))
        for i in range(count):
            last = i == count - 1
            length = half * (rng.choice([3, 4]) if last else rng.choice([1, 1, 2, 2, 3]))
            end = min(time + length, seconds - 0.1)
            if end - time < 0.2:
                break
            degree += rng.integers(-3, 4) + 0.2 * (centre - degree)
            step = int(np.clip(round(degree), 0, len(scale) - 1))
            glide = rng.uniform(0.3, 0.6) if rng.random() < 0.12 else rng.uniform(0.06, 0.14)
            stop = last or end >= seconds - 0.1
            notes.append(Note(time, end, float(scale[step]), float(glide), i == 0, stop))
            time = end
        time += half * rng.choice([2, 3])
    return notes


def pitch_contour(notes: list[Note], points: int) -> Floats:
    """Return the pitch in cents: notes joined by raised-cosine glides, phrases begun by a scoop."""
    times, values = [0.0], [notes[0].pitch - 1.0 if notes else 0.0]
    for i, note in enumerate(notes):
        if note.first:
            times.append(note.start)
            values.append(note.pitch - 1.0)
            arrival = note.start + 0.12
        else:
            previous = notes[i - 1]
            half = min(note.glide, previous.end - previous.start, note.end - note.start) / 2
            times.append(note.start - half)
            values.append(previous.pitch)
            arrival = note.start + half
        times.append(arrival)
        values.append(note.pitch)
        if note.last:
            times.append(note.end)
            values.append(note.pitch)
    now = np.arange(points) / CONTOUR_RATE
    at = np.clip(np.searchsorted(times, now, side="right") - 1, 0, len(times) - 1)
    after = np.minimum(at + 1, len(times) - 1)
    span = np.take(times, after) - np.take(times, at)
    part = np.clip((now - np.take(times, at)) / np.where(span > 0, span, 1.0), 0.0, 1.0)
    ease = 0.5 - 0.5 * np.cos(np.pi * part)
    steps = np.asarray(values, dtype=np.float64)
    return np.asarray(100.0 * (steps[at] * (1 - ease) + steps[after] * ease))


def vibrato_contour(
    rng: np.random.Generator, notes: list[Note], points: int, extent: tuple[float, float]
) -> Floats:
    """Return the vibrato in cents; it grows after the onset of each longer note."""
    cents = np.zeros(points)
    for note in notes:
        depth, rate, onset = rng.uniform(*extent), rng.uniform(4.8, 6.8), rng.uniform(0.1, 0.25)
        first = round((note.start + onset) * CONTOUR_RATE)
        last = round((note.end - 0.04) * CONTOUR_RATE)
        if last - first < 200:
            continue
        time = np.arange(last - first) / CONTOUR_RATE
        swell = np.clip(time / 0.25, 0, 1) * np.clip((time[-1] - time) / 0.08, 0, 1)
        cents[first:last] += depth * swell * np.sin(2 * np.pi * rate * time)
    return cents


def pitch_drift(rng: np.random.Generator, points: int) -> Floats:
    """Return the unsteadiness of a live voice in cents: slow drift of 6, flutter of 2."""
    slow = smooth(rng.standard_normal(points), 400)
    fast = smooth(rng.standard_normal(points), 50)
    return np.asarray(6.0 * slow / (slow.std() + 1e-9) + 2.0 * fast / (fast.std() + 1e-9))


def smooth(values: Floats, length: int) -> Floats:
    """Return ``values`` averaged under a Hann window of ``length`` points along the first axis."""
    window = np.hanning(length + 2)[1:-1]
    before, after = length // 2, length - 1 - length // 2
    padding = [(before, after)] + [(0, 0)] * (values.ndim - 1)
    padded = np.pad(values, padding, mode="edge")
    columns = padded.reshape(len(padded), -1).T
    smoothed = [np.convolve(column, window / window.sum(), "valid") for column in columns]
    return np.asarray(np.stack(smoothed, axis=1).reshape(values.shape))
