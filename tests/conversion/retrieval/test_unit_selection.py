from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autovoice_core.conversion.retrieval.content import Content
from autovoice_core.conversion.retrieval.inventory import Inventory
from autovoice_core.conversion.retrieval.reference import ReferenceConversionKernels
from autovoice_core.conversion.retrieval.unit_selection import Selection, select_units


def inventory() -> Inventory:
    """Two recordings of 100 frames."""
    units = np.random.default_rng(0).standard_normal((200, 12)).astype(np.float32)
    follows = np.ones(200, bool)
    follows[[0, 100]] = False
    return Inventory(Content(units, units, None, np.full(200, 0.5)), follows)


def selected(features: Any, active: Any = True, movement: float = 0.5, first: int = 0) -> Selection:
    """What is selected for a source of which every frame moves as far."""
    source = Content(features, features, None, np.full(len(features), movement))
    active = np.broadcast_to(active, len(features))
    return select_units(inventory(), source, active, first, ReferenceConversionKernels())


def test_the_path_goes_along_a_recording_through_sounds_that_others_match_better() -> None:
    features = inventory().content.features
    source = features[20:90].copy()
    source[[15, 30, 45]] = features[[150, 105, 199]]  # the nearest lie elsewhere
    np.testing.assert_array_equal(selected(source, first=5).main, np.arange(20, 90))


def test_a_path_does_not_go_on_past_the_end_of_a_recording() -> None:
    features = inventory().content.features
    source = np.concatenate([features[80:100], features[:20]])
    np.testing.assert_array_equal(selected(source).main, [*range(80, 100), *range(20)])


@pytest.mark.parametrize(("movement", "rests"), [(0.0, True), (50.0, False)])
def test_a_path_rests_where_the_source_does(movement: float, rests: bool) -> None:
    features = inventory().content.features
    source = 0.3 * features[30:70] + 0.7 * features[50]
    main = selected(source, movement=movement).main
    assert np.all((np.diff(main) == 0) == rests)


def test_frames_that_are_not_active_are_not_compared() -> None:
    active = np.zeros(50, bool)
    active[20:30] = True
    main = selected(inventory().content.features[:50], active, movement=0.0).main
    np.testing.assert_array_equal(main[active], np.arange(20, 30))
