from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autovoice_core import (
    Audio,
    AutoVoiceWarning,
    ContractViolation,
    InputError,
    Stems,
    VocalSeparator,
    _windowed,
)
from autovoice_core._threads import threads_allowed
from autovoice_core.backends.choice import chosen
from autovoice_core.separation import separator

HELD = 100_000_000


class Half:
    """Gives half of the mixture to each stem, and declares a thousand bytes a sample."""

    context = 0.5
    most = 1 << 60
    """Samples above which memory runs out."""

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
    """Replace the separator that is selected, in a process that holds 100 MB."""
    monkeypatch.setattr(_windowed, "memory_in_use", lambda device, origin: HELD)
    monkeypatch.setattr(separator, "BYTES_PER_SAMPLE", 0.0)

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
    # Besides the thousand bytes, the backend is handed a copy of the window.
    room = 4.0 * 2 * audio.frames + 1004 * (12_345 + 2 * 4400)
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
    limit = HELD + 8.0 * audio.frames + 1_200e6
    VocalSeparator(batch=4, memory_limit=limit).separate(audio)
    assert separation_of.batches[:2] == [2, 2]


def test_a_limit_leaves_fewer_threads_rather_than_windows_that_are_mostly_context(
    use: Use,
) -> None:
    class Threaded(Half):
        def memory(self, frames: int, channels: int, sample_rate: int) -> Any:
            return 1000 * frames * channels * threads_allowed()

        def separate(self, mixture: Audio) -> Stems:
            allowed.append(threads_allowed())
            return super().separate(mixture)

    allowed: list[int] = []
    use(Threaded())
    audio = noise(10)
    for window, threads in ((3 * 4400, 1), (5 * 4400, 2), (5 * 4400, 3), (5 * 4400, 4)):
        limit = HELD + 8.0 * audio.frames + (1000 * threads + 4) * window
        VocalSeparator(threads=4, memory_limit=limit).separate(audio)
    assert list(dict.fromkeys(allowed)) == [1, 2, 3, 4]


def test_too_little_is_refused_with_what_would_do(use: Use) -> None:
    use(Half())
    with pytest.raises(InputError) as caught:
        next(VocalSeparator(memory_limit="110 MB").separate_blocks(noise(10)))
    assert str(caught.value) == (
        "memory_limit: 110 MB is too little for reference/wrpca, whose shortest windows take 13 MB "
        "in addition to the 100 MB that this process holds; give at least 120 MB"
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
        "AUTOVOICE_MEMORY_LIMIT: reference/wrpca does not declare how much memory it takes, so no "
        "limit can be kept; omit the limit, or choose another backend"
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
    with pytest.warns(AutoVoiceWarning, match="wrpca ran out of memory; continuing with 1"):
        stems = VocalSeparator(memory_limit="1 TB").separate(audio)
    np.testing.assert_allclose(stems.vocals.numpy(), 0.5 * audio.numpy(), atol=1e-6)
    assert max(half.seen) <= 30_000
