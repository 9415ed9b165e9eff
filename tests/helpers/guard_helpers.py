"""Implementations with answers set by a test, and what guards are tested with."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from attrs import evolve

from autovoice_core import Audio, PitchTrack, Provenance, Stems
from autovoice_core.backends.guards import guard

RATE = 16_000
WHO = "mine/x (mine 1.0) on cpu"
BROKE = f"{WHO} broke its contract: "
VOICE = SimpleNamespace(name="iona", features={"timbre": np.zeros(2)})
EARLIER = Provenance("separation", "other/y", "other 2.0", "cpu", "float32")


def provenance(operation: str, device: str = "cpu") -> Provenance:
    return Provenance(operation, "mine/x", "mine 1.0", device, "float32")


def sound(channels: int = 2, frames: int = 64, **changes: Any) -> Audio:
    samples = np.random.default_rng(0).uniform(-1, 1, (channels, frames)).astype(np.float32)
    return evolve(Audio(samples, RATE, (EARLIER,)), **changes)


def spoilt(audio: Audio, value: float = np.nan) -> Audio:
    samples = audio.numpy().copy()
    samples[-1, -1] = value
    return evolve(audio, samples=samples)


def track(frames: int = 4, made_by: tuple[Provenance, ...] = ()) -> PitchTrack:
    return PitchTrack(
        np.full(frames, 200.0),
        np.ones(frames, np.bool_),
        np.ones(frames, np.float32),
        hop=0.01,
        made_by=made_by,
    )


class Anything:
    """An implementation of all three operations whose answers are set from outside."""

    context: Any = 0.5
    feature_id: Any = "mine/1"

    def __init__(self, answer: Any = None) -> None:
        self.answer = answer

    def _do(self, *arguments: Any) -> Any:
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer(*arguments) if callable(self.answer) else self.answer

    def grid(self, sample_rate: int) -> Any:
        return 160

    def separate(self, mixture: Audio) -> Any:
        return self._do(mixture)

    def estimate(self, audio: Audio, centres: Any) -> Any:
        return self._do(audio, centres)

    def learn(self, recordings: Iterable[tuple[Audio, PitchTrack]]) -> Any:
        return self._do(recordings)

    def begin(self, voice: Any, pitch: PitchTrack, sample_rate: int, *, key: float) -> Any:
        return self

    def observe(self, vocals: Audio, start: int) -> None:
        self._do(vocals)

    def render(self, vocals: Audio, start: int) -> Any:
        return self._do(vocals)


class OnlyDLPack:
    """An array of a library that nobody has heard of, on any device."""

    def __init__(self, array: np.ndarray[Any, Any], device: int = 1) -> None:
        self.array = array
        self.device = device

    def __dlpack__(self, **options: Any) -> Any:
        return self.array.__dlpack__(**options)

    def __dlpack_device__(self) -> tuple[int, int]:
        return (self.device, 0)


def halves(mixture: Audio) -> Stems:
    half = mixture.numpy() / 2
    return Stems(Audio(half, mixture.sample_rate), Audio(half, mixture.sample_rate))


def separator(answer: Any, device: str = "cpu") -> Any:
    return guard(Anything(answer), provenance("separation", device))


def estimator(answer: Any) -> Any:
    return guard(Anything(answer), provenance("pitch"))


def converter(answer: Any) -> Any:
    return guard(Anything(answer), provenance("conversion"))


def refusal(kind: type[Exception], call: Callable[[], Any]) -> str:
    with pytest.raises(kind) as caught:
        call()
    assert type(caught.value) is kind
    return str(caught.value)
