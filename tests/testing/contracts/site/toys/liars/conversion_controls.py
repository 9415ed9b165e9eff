"""Converters that take controls and ignore or change them."""

from __future__ import annotations

from typing import Any

from toys.honest.conversion import ConversionWrapper, ConverterWrapper


class Controlled(ConverterWrapper):
    """A converter that changes the controls of the one it wraps."""

    def __init__(self, inner: Any) -> None:
        super().__init__(inner)
        self.controls = inner.controls

    def begin(
        self, voice: Any, pitch: Any, sample_rate: int, *, key: float, **controls: Any
    ) -> Any:
        changed_controls = self.changed_controls(**controls)
        return ConversionWrapper(
            self, self.inner.begin(voice, pitch, sample_rate, key=key, **changed_controls)
        )

    def changed_controls(self, **controls: Any) -> dict[str, Any]:
        return controls


class Oversteers(Controlled):
    """Moves resonances by half as much again."""

    def changed_controls(self, *, formant: float = 0.0, **others: Any) -> dict[str, Any]:
        return {"formant": 1.5 * formant, **others}


class StaysHalfway(Controlled):
    def changed_controls(self, *, strength: float = 1.0, **others: Any) -> dict[str, Any]:
        return {"strength": 0.5 + 0.5 * strength, **others}


class KnowsBetter(Controlled):
    """Ignores the melody that it is given."""

    def changed_controls(self, *, melody: Any = None, **others: Any) -> dict[str, Any]:
        return others


class HasOneNoise(Controlled):
    def changed_controls(self, *, seed: int = 0, **others: Any) -> dict[str, Any]:
        return others
