"""Converters whose streams are late or ignore the key or the voice."""

from __future__ import annotations

from typing import Any

from toys.honest.conversion import ShiftingConverter, ShiftingStream


class ShiftsLate(ShiftingConverter):
    """Its stream's sound comes 20 ms after what it says it is."""

    def stream(self, sample_rate: int, *, voice: Any, key: float) -> ShiftingStream:
        stream = super().stream(sample_rate, voice=voice, key=key)
        stream.behind = sample_rate // 50
        return stream


class StreamsKeyless(ShiftingConverter):
    def stream(self, sample_rate: int, *, voice: Any, key: float) -> ShiftingStream:
        return super().stream(sample_rate, voice=voice, key=0.0)


class StreamsVoiceless(ShiftingConverter):
    def stream(self, sample_rate: int, *, voice: Any, key: float) -> ShiftingStream:
        stream = super().stream(sample_rate, voice=voice, key=key)
        stream.colour = 0.1
        return stream
