from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from attrs import evolve
from guard_helpers import (
    BROKE,
    EARLIER,
    RATE,
    OnlyDLPack,
    halves,
    provenance,
    refusal,
    separator,
    sound,
    spoilt,
)
from hypothesis import given
from hypothesis import strategies as st

from autovoice_core import Audio, ContractViolation, InputError, Stems
from autovoice_core.backends.guards import guard

MADE_BY = provenance("separation")


def test_they_pass_with_what_made_them() -> None:
    stems = separator(halves).separate(sound())
    assert stems.vocals.made_by == stems.accompaniment.made_by
    assert stems.vocals.made_by == (EARLIER, provenance("separation"))
    np.testing.assert_array_equal(stems.vocals.numpy(), sound().numpy() / 2)


def test_arrays_of_any_library_pass() -> None:
    def foreign(mixture: Audio) -> Stems:
        half = Audio(OnlyDLPack(mixture.numpy() / 2), RATE)
        return Stems(half, half)

    stems = separator(foreign).separate(sound())
    assert isinstance(stems.vocals.samples, OnlyDLPack)


@pytest.mark.parametrize("frames", [0, 1])
def test_the_shortest_sounds_pass(frames: int) -> None:
    assert separator(halves).separate(sound(frames=frames)).vocals.frames == frames


def test_rounding_is_no_lie_for_loud_sounds_either() -> None:
    loud = sound(samples=sound().numpy() * 1000)
    off = np.full((2, 64), 0.05, np.float32)
    assert separator(lambda m: Stems(m, evolve(m, samples=off))).separate(loud)


def test_samples_near_the_end_of_the_range_are_no_warning() -> None:
    huge = sound(samples=np.full((1, 8), 3e38, np.float32))
    lie = evolve(huge, samples=-huge.numpy())
    assert refusal(
        ContractViolation, lambda: separator(lambda m: Stems(lie, lie)).separate(huge)
    ).endswith("differs from the mixture by inf")


@pytest.mark.parametrize(
    ("lie", "fault"),
    [
        (lambda m: m, "separate() returned Audio, not Stems"),
        (lambda m: Stems(m.samples, m), "vocals is ndarray, not Audio"),
        (
            lambda m: Stems(m, evolve(m, sample_rate=8000)),
            "accompaniment has 8000 Hz, not 16000 Hz",
        ),
        (
            lambda m: Stems(evolve(m, samples=m.numpy()[:, 1:]), m),
            "vocals has shape (2, 63), not (2, 64)",
        ),
        (lambda m: Stems(spoilt(m, np.inf), m), "vocals holds NaN or infinity"),
        (
            lambda m: Stems(m, evolve(m, samples=np.full((2, 64), 2e-4, np.float32))),
            "the sum of vocals and accompaniment differs from the mixture by 0.0002",
        ),
        (
            lambda m: Audio(m.numpy().astype(np.complex64), RATE),
            "it returned an invalid result: samples: the dtype complex64 is not one of sound; "
            "give floats with full scale at 1, or int16, int32 or uint8 as in sound files",
        ),
    ],
)
def test_a_lie_is_a_contract_violation(lie: Any, fault: str) -> None:
    assert refusal(ContractViolation, lambda: separator(lie).separate(sound())) == BROKE + fault


class Independent:
    """Estimates the stems independently, as given shares of the mixture."""

    context = 0.5
    independent_stems: Any = True

    def __init__(self, vocals: float = 0.4, accompaniment: float = 0.8) -> None:
        self.shares = (np.float32(vocals), np.float32(accompaniment))

    def grid(self, sample_rate: int) -> int:
        return 1

    def separate(self, mixture: Audio) -> Stems:
        parts = (share * mixture.numpy() for share in self.shares)
        return Stems(*(Audio(part, mixture.sample_rate) for part in parts))


class Batched(Independent):
    """Estimates many mixtures at a time, and then spoils the list."""

    spoil: Any = staticmethod(list)

    def separate_batch(self, mixtures: Sequence[Audio]) -> Any:
        assert len(mixtures) > 1
        return self.spoil(self.separate(mixture) for mixture in mixtures)


def guarded(implementation: Any) -> Any:
    return guard(implementation, MADE_BY)


@given(vocals=st.floats(0, 1), accompaniment=st.floats(0, 1))
def test_halves_make_the_nearest_stems_that_add_up(vocals: float, accompaniment: float) -> None:
    mixture = sound()
    stems = guarded(Independent(vocals, accompaniment)).separate(mixture)
    off = [
        stems.vocals.numpy() - np.float32(vocals) * mixture.numpy(),
        stems.accompaniment.numpy() - np.float32(accompaniment) * mixture.numpy(),
    ]
    np.testing.assert_allclose(off[0], off[1], atol=1e-6)
    total = stems.vocals.numpy() + stems.accompaniment.numpy()
    np.testing.assert_allclose(total, mixture.numpy(), atol=1e-6)
    assert stems.vocals.made_by == stems.accompaniment.made_by == (EARLIER, MADE_BY)


def test_the_accompaniment_may_take_all_that_is_left_over() -> None:
    mixture = sound()
    stems = guarded(Independent()).separate(mixture, residual="accompaniment")
    np.testing.assert_array_equal(stems.vocals.numpy(), np.float32(0.4) * mixture.numpy())
    np.testing.assert_allclose(stems.accompaniment.numpy(), 0.6 * mixture.numpy(), atol=1e-6)


@pytest.mark.parametrize("says", [False, None, "yes"])
def test_stems_that_do_not_add_up_are_a_fault_unless_they_are_declared(says: Any) -> None:
    independent = Independent()
    independent.independent_stems = says
    with pytest.raises(ContractViolation) as caught:
        guarded(independent).separate(Audio(np.ones((1, 64), np.float32), RATE))
    assert str(caught.value) == (
        f"{BROKE}the sum of vocals and accompaniment differs from the mixture by 0.2"
    )


@pytest.mark.parametrize("kind", [Independent, Batched])
@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_batch_gives_what_each_gives_alone(kind: type[Independent], count: int) -> None:
    mixtures = [sound(frames=frames) for frames in (64, 1, 100)[:count]]
    both = guarded(kind())
    batch = both.separate_batch(mixtures, residual="accompaniment")
    alone = [both.separate(mixture, residual="accompaniment") for mixture in mixtures]
    for one, other in zip(batch, alone, strict=True):
        np.testing.assert_array_equal(one.vocals.numpy(), other.vocals.numpy())
        np.testing.assert_array_equal(one.accompaniment.numpy(), other.accompaniment.numpy())
        assert one.vocals.made_by == (EARLIER, MADE_BY)


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (tuple, "separate_batch() did not return a list of 2 Stems"),
        (lambda found: list(found)[:1], "separate_batch() did not return a list of 2 Stems"),
        (lambda found: [next(found), None], "separate_batch()[1] returned NoneType, not Stems"),
        (lambda found: list(found)[::-1], "vocals has shape (2, 32), not (2, 64)"),
    ],
)
def test_a_batch_that_is_not_what_was_asked_for_is_a_fault(spoil: Any, fault: str) -> None:
    batched = Batched()
    batched.spoil = spoil
    with pytest.raises(ContractViolation) as caught:
        guarded(batched).separate_batch([sound(), sound(frames=32)])
    assert str(caught.value) == BROKE + fault


@pytest.mark.parametrize(
    ("second", "text"),
    [
        (
            sound(1),
            "mixtures[1]: it has 1 channels at 16000 Hz, not the 2 at 16000 Hz of the first; "
            "separate it on its own",
        ),
        (
            sound(sample_rate=8000),
            "mixtures[1]: it has 2 channels at 8000 Hz, not the 2 at 16000 Hz of the first; "
            "separate it on its own",
        ),
        (None, "mixtures[1]: NoneType is not Audio; wrap it in Audio(samples, sample_rate)"),
    ],
)
def test_mixtures_of_unlike_kinds_are_refused(second: Any, text: str) -> None:
    with pytest.raises(InputError) as caught:
        guarded(Batched()).separate_batch([sound(), second])
    assert str(caught.value) == text
