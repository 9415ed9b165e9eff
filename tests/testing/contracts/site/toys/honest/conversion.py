"""Wrappers of converters, and a converter that streams: a pitch shifter behind a filter."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from autovoice_core import Audio

WINDOW_SECONDS = 0.04
"""Length that the two read heads run through; one restarts where the other is loudest."""
COLOURS = {"alto": -0.5, "bass": 0.5}
"""How much of the samples before is added for a voice."""


class ConverterWrapper:
    """A converter that changes the conversions of the one it wraps."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.context, self.feature_id = inner.context, inner.feature_id
        self.grid, self.learn = inner.grid, inner.learn

    def begin(self, voice: Any, pitch: Any, sample_rate: int, *, key: float) -> Any:
        return ConversionWrapper(
            self, self.inner.begin(voice, pitch, sample_rate, key=self.key(key))
        )

    def key(self, key: float) -> float:
        return key

    def change(self, vocals: Audio, result: Audio) -> Audio:
        return result


class ConversionWrapper:
    def __init__(self, wrapper: ConverterWrapper, inner: Any) -> None:
        self.wrapper, self.inner = wrapper, inner

    def observe(self, vocals: Audio, start: int) -> None:
        self.inner.observe(vocals, start)

    def render(self, vocals: Audio, start: int) -> Audio:
        return self.wrapper.change(vocals, self.inner.render(vocals, start))


class ShiftingConverter(ConverterWrapper):
    """Converts whole songs by another converter, and streams by itself."""

    def stream(self, sample_rate: int, *, voice: Any, key: float) -> ShiftingStream:
        return ShiftingStream(sample_rate, COLOURS.get(voice.name, 0.0), key)


class ShiftingStream:
    """Two heads read a delay line faster or slower than it is written, and crossfade."""

    latency = WINDOW_SECONDS / 2

    def __init__(self, sample_rate: int, colour: float, key: float) -> None:
        self.rate, self.ratio = sample_rate, 2 ** (key / 12)
        self.late = round(self.latency * sample_rate)
        self.colour = colour
        self.samples: NDArray[np.float64] | None = None
        self.given = self.behind = self.dropped = 0

    def feed(self, block: Audio) -> Audio:
        new = block.numpy().astype(np.float64)
        old = np.zeros((len(new), 0)) if self.samples is None else self.samples
        self.samples = np.concatenate([old, new], axis=1)
        return self._give(self.dropped + self.samples.shape[1] - self.late)

    def flush(self) -> Audio:
        return self._give(0 if self.samples is None else self.dropped + self.samples.shape[1])

    def _give(self, end: int) -> Audio:
        samples = np.zeros((1, 0)) if self.samples is None else self.samples
        at = np.arange(self.given, max(end, self.given))
        self.given += len(at)
        window = 2 * self.late
        reach = window + self.behind + 4 - self.dropped
        padded = np.pad(samples, ((0, 0), (window + self.behind + 4,) * 2))
        result = np.zeros((len(samples), len(at)))
        for head in (0.0, 0.5):
            turn = (at * (self.ratio - 1) / window + head) % 1.0
            place = at + (turn - 0.5) * window + reach - self.behind
            weight = np.sin(np.pi * turn) ** 2 if self.ratio != 1 else np.full(len(at), head * 2)
            for earlier, gain in ((0, 1.0), (max(1, self.rate // 16_000), self.colour)):
                low = np.floor(place - earlier).astype(int)
                part = place - earlier - low
                result += gain * weight * ((1 - part) * padded[:, low] + part * padded[:, low + 1])
        if self.samples is not None:
            spare = max(0, self.given - window - self.behind - 5 - self.dropped)
            self.samples, self.dropped = self.samples[:, spare:], self.dropped + spare
        return Audio(result.astype(np.float32), self.rate)
