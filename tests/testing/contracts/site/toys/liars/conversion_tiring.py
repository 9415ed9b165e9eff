"""Converters whose streams get worse with time."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from autovoice_core import Audio
from toys.honest.conversion import ShiftingConverter, ShiftingStream
from toys.liars.conversion_subtle import ChangedStream
from toys.liars.separation import scaled


class Softening(ChangedStream):
    """Loses half a decibel a minute."""

    def changed(self, result: Audio, *, last: bool) -> Audio:
        return scaled(result, 10 ** (-0.5 * self.given / (60 * self.rate) / 20))


class Delaying(ShiftingStream):
    """Falls behind by 4 ms a minute."""

    def feed(self, block: Audio) -> Audio:
        self.behind = int(0.004 * self.given / 60)
        return super().feed(block)


class Flattening(ShiftingStream):
    """Sings a sixth of a semitone flat after nearly two and a half minutes."""

    def feed(self, block: Audio) -> Audio:
        self.ratio = 2 ** (-1 / 6 / 12) if self.given > 145 * self.rate else 1.0
        return super().feed(block)


class Keeping(ChangedStream):
    """Keeps all that it returns."""

    def changed(self, result: Audio, *, last: bool) -> Audio:
        self.__dict__.setdefault("past", []).append(result.numpy().astype(np.float16))
        return result


class TiringConverter(ShiftingConverter):
    """Streams by a stream that tires."""

    kind: ClassVar[type[ShiftingStream]]

    def stream(self, sample_rate: int, *, voice: Any, key: float) -> ShiftingStream:
        return self.kind(sample_rate, super().stream(sample_rate, voice=voice, key=key).colour, key)


class StreamsSofter(TiringConverter):
    kind = Softening


class StreamsLater(TiringConverter):
    kind = Delaying


class StreamsFlatter(TiringConverter):
    kind = Flattening


class KeepsStreamVocals(TiringConverter):
    kind = Keeping
