from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autovoice_core import Audio, ContractViolation, InputError, Provenance, Stems
from autovoice_core.backends.guards.guard import guard

RATE = 16_000
MADE_BY = Provenance("separation", "mine/x", "mine 1.0", "cpu", "float32")
BROKE = "mine/x (mine 1.0) on cpu broke its contract: "


def sound(channels: int = 2, frames: int = 64, rate: int = RATE) -> Audio:
    samples = np.random.default_rng(0).uniform(-1, 1, (channels, frames)).astype(np.float32)
    return Audio(samples, rate)


class Guesser:
    """Guesses each stem apart, as the shares of the mixture that are given."""

    context = 0.5
    independent_stems: Any = True

    def __init__(self, vocals: float = 0.4, accompaniment: float = 0.8) -> None:
        self.shares = (np.float32(vocals), np.float32(accompaniment))

    def grid(self, sample_rate: int) -> int:
        return 1

    def separate(self, mixture: Audio) -> Stems:
        parts = (share * mixture.numpy() for share in self.shares)
        return Stems(*(Audio(part, mixture.sample_rate) for part in parts))


class Batcher(Guesser):
    """Guesses for many mixtures at a time, and then does to the list what it is told."""

    spoil: Any = staticmethod(list)

    def separate_batch(self, mixtures: Sequence[Audio]) -> Any:
        assert len(mixtures) > 1
        return self.spoil(self.separate(mixture) for mixture in mixtures)


def guarded(separator: Any) -> Any:
    return guard(separator, MADE_BY)


@given(vocals=st.floats(0, 1), accompaniment=st.floats(0, 1))
def test_halves_make_the_nearest_stems_that_add_up(vocals: float, accompaniment: float) -> None:
    mixture = sound()
    stems = guarded(Guesser(vocals, accompaniment)).separate(mixture)
    off = [
        stems.vocals.numpy() - np.float32(vocals) * mixture.numpy(),
        stems.accompaniment.numpy() - np.float32(accompaniment) * mixture.numpy(),
    ]
    np.testing.assert_allclose(off[0], off[1], atol=1e-6)
    total = stems.vocals.numpy() + stems.accompaniment.numpy()
    np.testing.assert_allclose(total, mixture.numpy(), atol=1e-6)
    assert stems.vocals.made_by == stems.accompaniment.made_by == (MADE_BY,)


def test_the_accompaniment_may_take_all_that_is_left_over() -> None:
    mixture = sound()
    stems = guarded(Guesser()).separate(mixture, residual="accompaniment")
    np.testing.assert_array_equal(stems.vocals.numpy(), np.float32(0.4) * mixture.numpy())
    np.testing.assert_allclose(stems.accompaniment.numpy(), 0.6 * mixture.numpy(), atol=1e-6)


@pytest.mark.parametrize("says", [False, None, "yes"])
def test_stems_that_do_not_add_up_are_a_fault_unless_they_are_declared(says: Any) -> None:
    guesser = Guesser()
    guesser.independent_stems = says
    with pytest.raises(ContractViolation) as caught:
        guarded(guesser).separate(Audio(np.ones((1, 64), np.float32), RATE))
    assert str(caught.value) == (
        f"{BROKE}vocals and accompaniment add up to something 0.2 off the mixture"
    )


@pytest.mark.parametrize("kind", [Guesser, Batcher])
@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_batch_gives_what_each_gives_alone(kind: type[Guesser], count: int) -> None:
    mixtures = [sound(frames=frames) for frames in (64, 1, 100)[:count]]
    separator = guarded(kind())
    batch = separator.separate_batch(mixtures, residual="accompaniment")
    alone = [separator.separate(mixture, residual="accompaniment") for mixture in mixtures]
    for one, other in zip(batch, alone, strict=True):
        np.testing.assert_array_equal(one.vocals.numpy(), other.vocals.numpy())
        np.testing.assert_array_equal(one.accompaniment.numpy(), other.accompaniment.numpy())
        assert one.vocals.made_by == (MADE_BY,)


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (tuple, "separate_batch() returned no list of 2 Stems"),
        (lambda found: list(found)[:1], "separate_batch() returned no list of 2 Stems"),
        (lambda found: [next(found), None], "separate_batch()[1] returned NoneType, not Stems"),
        (lambda found: list(found)[::-1], "vocals has shape (2, 32), not (2, 64)"),
    ],
)
def test_a_batch_that_is_not_what_was_asked_for_is_a_fault(spoil: Any, fault: str) -> None:
    separator = Batcher()
    separator.spoil = spoil
    with pytest.raises(ContractViolation) as caught:
        guarded(separator).separate_batch([sound(), sound(frames=32)])
    assert str(caught.value) == BROKE + fault


@pytest.mark.parametrize(
    ("second", "text"),
    [
        (
            sound(1),
            "mixtures[1]: it has 1 channels at 16000 Hz, not the 2 at 16000 Hz of the first; "
            "separate it apart from them",
        ),
        (
            sound(rate=8000),
            "mixtures[1]: it has 2 channels at 8000 Hz, not the 2 at 16000 Hz of the first; "
            "separate it apart from them",
        ),
        (None, "mixtures[1]: NoneType is not Audio; wrap it in Audio(samples, sample_rate)"),
    ],
)
def test_mixtures_of_unlike_kinds_are_refused(second: Any, text: str) -> None:
    with pytest.raises(InputError) as caught:
        guarded(Batcher()).separate_batch([sound(), second])
    assert str(caught.value) == text
