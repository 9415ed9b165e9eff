from __future__ import annotations

import numpy as np
import pytest

from autovoice_core.conversion.retrieval.cepstra import runs
from autovoice_core.conversion.retrieval.frames import hann
from autovoice_core.conversion.retrieval.unit_selection import Inventory, choose
from autovoice_cpu.kernels.retrieval import NumbaConversionKernels

KERNELS = NumbaConversionKernels()


def inventory() -> Inventory:
    """Two recordings of 100 frames."""
    units = np.random.default_rng(0).standard_normal((200, 12)).astype(np.float32)
    follows = np.ones(200, bool)
    follows[[0, 100]] = False
    return Inventory(units, units, follows, np.full(200, 0.5))


def test_the_path_goes_along_a_recording_through_sounds_that_others_say_better() -> None:
    store = inventory()
    said = store.references[20:90].copy()
    said[[15, 30, 45]] = store.references[[150, 105, 199]]  # the nearest lie elsewhere
    chosen = choose(store, said, np.full(70, 0.5), np.ones(70, bool), 5, KERNELS)
    np.testing.assert_array_equal(chosen.main, np.arange(20, 90))


def test_a_path_does_not_go_on_past_the_end_of_a_recording() -> None:
    store = inventory()
    said = np.concatenate([store.references[80:100], store.references[:20]])
    chosen = choose(store, said, np.full(40, 0.5), np.ones(40, bool), 0, KERNELS)
    np.testing.assert_array_equal(chosen.main, [*range(80, 100), *range(20)])


@pytest.mark.parametrize(("movement", "rests"), [(0.0, True), (50.0, False)])
def test_a_path_rests_where_the_source_does(movement: float, rests: bool) -> None:
    store = inventory()
    said = 0.3 * store.references[30:70] + 0.7 * store.references[50]
    chosen = choose(store, said, np.full(40, movement), np.ones(40, bool), 0, KERNELS)
    assert np.all((np.diff(chosen.main) == 0) == rests)


def test_where_nothing_is_said_nothing_is_compared() -> None:
    store = inventory()
    active = np.zeros(50, bool)
    active[20:30] = True
    said = store.references[:50]
    chosen = choose(store, said, np.zeros(50), active, 0, KERNELS)
    np.testing.assert_array_equal(chosen.main[active], np.arange(20, 30))


def test_runs_begin_where_nothing_is_followed() -> None:
    first, last = runs(np.array([False, True, True, False, False, True]))
    assert first.tolist() == [0, 0, 0, 3, 4, 4]
    assert last.tolist() == [2, 2, 2, 3, 5, 5]


def test_a_hann_window_is_even_and_highest_in_its_middle() -> None:
    assert hann(1) == pytest.approx((0.5, 1.0, 0.5))
    assert hann(0) == (1.0,)
