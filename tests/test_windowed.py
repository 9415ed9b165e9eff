from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autovoice_core import (
    Audio,
    AutoVoiceWarning,
    ContractViolation,
    InputError,
    SingingPitchExtractor,
    SingingVoiceConverter,
    Stems,
    VocalSeparator,
    VoiceProfile,
    _windowed,
    separation,
)
from autovoice_core.backends import chosen
from autovoice_core.testing import truth

HELD = 100_000_000


class Half:
    """Gives half of the mixture to each stem, and takes a thousand bytes a sample for it."""

    context = 0.5
    most = 1 << 60
    """Samples above which there is no memory for it."""

    def __init__(self) -> None:
        self.seen: list[int] = []

    def grid(self, sample_rate: int) -> int:
        return 100

    def memory(self, frames: int, channels: int, sample_rate: int) -> Any:
        return 1000 * frames * channels

    def separate(self, mixture: Audio) -> Stems:
        if mixture.frames > self.most:
            raise MemoryError
        self.seen.append(mixture.frames)
        part = Audio(0.5 * mixture.numpy(), mixture.sample_rate)
        return Stems(part, part)


Use = Callable[[Any], Any]


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Use:
    """Put a separator in the place of the one that is chosen, in a process that holds 100 MB."""
    monkeypatch.setattr(_windowed, "held", lambda device: HELD)
    monkeypatch.setattr(separation, "OWN", 0.0)

    def put(made: Any) -> Any:
        monkeypatch.setattr(chosen, "resolve", lambda name: lambda *, device, dtype: made)
        return made

    return put


def noise(seconds: float, rate: int = 8000) -> Audio:
    samples = np.random.default_rng(0).uniform(-0.5, 0.5, (1, int(seconds * rate)))
    return Audio(samples.astype(np.float32), rate)


def test_windows_are_as_long_as_the_limit_allows(use: Use) -> None:
    half = use(Half())
    audio = noise(10)
    room = 4.0 * 2 * audio.frames + 1000 * (12_345 + 2 * 4400)
    VocalSeparator(memory_limit=HELD + room).separate(audio)
    assert max(half.seen) == 12_300 + 2 * 4400
    half.seen.clear()
    VocalSeparator(memory_limit="2 TB").separate(audio)
    assert half.seen == [audio.frames]


def test_a_batch_is_as_large_as_the_limit_allows(use: Use) -> None:
    class Batcher(Half):
        def separate_batch(self, mixtures: list[Audio]) -> list[Stems]:
            self.batches.append(len(mixtures))
            return [self.separate(mixture) for mixture in mixtures]

        def __init__(self) -> None:
            super().__init__()
            self.batches: list[int] = []

    separation_of = use(Batcher())
    audio = noise(300)
    separator = VocalSeparator(batch=4, memory_limit=HELD + 8.0 * audio.frames + 1_200e6)
    separator.separate(audio)
    assert separation_of.batches[:2] == [2, 2]


def test_too_little_is_refused_with_what_would_do(use: Use) -> None:
    use(Half())
    with pytest.raises(InputError) as caught:
        next(VocalSeparator(memory_limit="110 MB").separate_blocks(noise(10)))
    assert str(caught.value) == (
        "memory_limit: 110 MB is too little for cpu/wrpca, whose shortest windows take 13 MB "
        "beside the 100 MB that this process holds; give at least 120 MB"
    )
    for _ in VocalSeparator(memory_limit="120 MB").separate_blocks(noise(10)):
        pass


def test_who_does_not_say_what_it_takes_is_refused(
    use: Use, monkeypatch: pytest.MonkeyPatch
) -> None:
    half = use(Half())
    monkeypatch.setenv("AUTOVOICE_MEMORY_LIMIT", "1 TB")
    half.memory = None
    with pytest.raises(InputError) as caught:
        VocalSeparator().separate(noise(1))
    assert str(caught.value) == (
        "AUTOVOICE_MEMORY_LIMIT: cpu/wrpca does not say how much memory it takes, so no limit can "
        "be kept; leave it away, or choose another backend"
    )


@pytest.mark.parametrize("size", [None, -1, float("nan"), "much"])
def test_who_says_nonsense_breaks_its_contract(use: Use, size: Any) -> None:
    half = use(Half())
    half.memory = lambda frames, channels, sample_rate: size
    with pytest.raises(ContractViolation, match=r"memory\(.*\) returned .*, not a number of bytes"):
        VocalSeparator(memory_limit="1 TB").separate(noise(1))


def test_out_of_memory_within_a_limit_goes_on_with_less(use: Use) -> None:
    half = use(Half())
    half.most = 30_000
    audio = noise(20)
    with pytest.warns(AutoVoiceWarning, match="cpu/wrpca ran out of memory; it goes on with 1"):
        stems = VocalSeparator(memory_limit="1 TB").separate(audio)
    np.testing.assert_allclose(stems.vocals.numpy(), 0.5 * audio.numpy(), atol=1e-6)
    assert max(half.seen) <= 30_000


def within(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Let a limit be such that windows are so long."""
    real = _windowed.fitted

    def fitted(opened: Any, limit: Any, job: Any) -> Any:
        portions, at_once = real(opened, limit, job)
        assert portions.limited
        portions.core = max(portions.grid, int(seconds * job.rate) // portions.grid * portions.grid)
        return portions, at_once

    monkeypatch.setattr(_windowed, "fitted", fitted)


def decibels(one: Audio, other: Audio) -> float:
    difference = np.sum((one.numpy() - other.numpy()) ** 2, dtype=np.float64)
    energy = np.sum(one.numpy() ** 2, dtype=np.float64)
    return float(10 * np.log10(difference / energy + 1e-20))


def test_results_do_not_depend_on_the_limit(
    monkeypatch: pytest.MonkeyPatch, voice: VoiceProfile
) -> None:
    song = truth.song(seconds=40, sample_rate=8000, seed=6)
    sung = song.stems.vocals
    parted = VocalSeparator().separate(song.mixture)
    track = SingingPitchExtractor().extract(sung)
    again = SingingVoiceConverter().convert(sung, voice, pitch=track)
    within(monkeypatch, 15.0)
    less = VocalSeparator(memory_limit="1 TB").separate(song.mixture)
    within(monkeypatch, 3.0)
    followed = SingingPitchExtractor(memory_limit="1 TB").extract(sung)
    within(monkeypatch, 4.0)
    converted = SingingVoiceConverter(memory_limit="1 TB").convert(sung, voice, pitch=track)
    assert decibels(parted.vocals, less.vocals) < -80
    assert decibels(again, converted) < -80
    np.testing.assert_array_equal(followed.voiced, track.voiced)
    cents = 1200 * np.abs(np.log2(followed.f0[track.voiced] / track.f0[track.voiced]))
    assert cents.max() < 1


def test_a_converter_that_runs_out_of_memory_sings_the_same(
    monkeypatch: pytest.MonkeyPatch, voice: VoiceProfile
) -> None:
    take = truth.sing(truth.TENOR, seconds=12, sample_rate=8000, seed=2)
    track = SingingPitchExtractor().extract(take.audio)
    whole = SingingVoiceConverter().convert(take.audio, voice, pitch=track)
    converter = SingingVoiceConverter(memory_limit="1 TB")
    inner = converter._opened.inner
    begin = inner.begin

    def begun(*given: Any, **named: Any) -> Any:
        made = begin(*given, **named)
        for name in ("observe", "render"):
            monkeypatch.setattr(made, name, small(getattr(made, name)))
        return made

    def small(method: Any) -> Any:
        def work(vocals: Audio, start: int) -> Any:
            if vocals.duration > 7:
                raise MemoryError
            return method(vocals, start)

        return work

    monkeypatch.setattr(inner, "begin", begun)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        parts = converter.convert(take.audio, voice, pitch=track)
    assert [each.category for each in caught] == [AutoVoiceWarning] * len(caught) != []
    assert decibels(whole, parts) < -80
