"""Converters that take controls and do something else with them."""

from __future__ import annotations

from typing import Any

from toys.liars import Changed, Singer


class Controlled(Singer):
    """A converter around another one, whose controls are changed."""

    def __init__(self, inner: Any) -> None:
        super().__init__(inner)
        self.controls = inner.controls

    def begin(
        self, voice: Any, pitch: Any, sample_rate: int, *, key: float, **controls: Any
    ) -> Any:
        told = self.told(**controls)
        return Changed(self, self.inner.begin(voice, pitch, sample_rate, key=key, **told))

    def told(self, **controls: Any) -> dict[str, Any]:
        return controls


class Oversteers(Controlled):
    """Moves resonances by half as much again."""

    def told(self, *, formant: float = 0.0, **others: Any) -> dict[str, Any]:
        return {"formant": 1.5 * formant, **others}


class StaysHalfway(Controlled):
    def told(self, *, strength: float = 1.0, **others: Any) -> dict[str, Any]:
        return {"strength": 0.5 + 0.5 * strength, **others}


class KnowsBetter(Controlled):
    """Sings the singer's own melody."""

    def told(self, *, melody: Any = None, **others: Any) -> dict[str, Any]:
        return others


class HasOneNoise(Controlled):
    def told(self, *, seed: int = 0, **others: Any) -> dict[str, Any]:
        return others
