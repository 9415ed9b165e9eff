from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autovoice_core.conversion.retrieval.analysis import Frames
from autovoice_core.conversion.retrieval.aperiodicity import BANDS
from autovoice_core.conversion.retrieval.exemplars import Exemplars
from autovoice_core.conversion.retrieval.mel_axis import POINTS
from autovoice_core.conversion.retrieval.phone_shapes import Accent
from autovoice_core.conversion.retrieval.shapes import level_free
from autovoice_core.conversion.retrieval.substitution import Placing
from autovoice_core.conversion.retrieval.unit_selection import Choice

COUNT, WITHIN = 12, 96
SAID = np.eye(2, dtype=np.float32)
HUM, SOURCE = (np.cos(np.arange(POINTS) * step)[None].astype(np.float32) for step in (0.1, 0.23))
PLAIN = Accent(np.zeros((1, POINTS), np.float32), np.zeros((2, POINTS), np.float32))
AVERAGE = level_free(np.sin(np.arange(POINTS) * 0.05)[None].astype(np.float32), WITHIN)


def placed(phone: Any, accent: Accent | None = PLAIN, loud: float = -np.inf) -> Any:
    """The shape of what takes the source's place, where the recording that fits says phone 0."""
    bands = np.zeros((COUNT, BANDS), np.float32)
    voice = Exemplars(
        HUM, bands[:1], np.zeros(1, bool), np.full((1, 1), POINTS + 9.0, dtype=np.float32)
    )
    none = np.zeros_like(AVERAGE)
    placing = Placing(
        voice,
        SAID[:1],
        WITHIN,
        AVERAGE,
        centre=none,
        spread=none + 1.0,
        singer=none,
        reach=none + 1.0,
        accent=accent,
        loud=loud,
    )
    zeros = np.zeros(COUNT, np.int64)
    source = Frames(np.repeat(SOURCE, COUNT, axis=0), bands)
    rests = np.zeros((COUNT, 1), np.float32)
    phones = np.repeat(np.asarray(phone, np.float32)[None], COUNT, axis=0)
    found = placing.place(Choice(zeros, zeros, np.zeros(COUNT)), source, phones, rests)
    return level_free(found.envelope, WITHIN)[COUNT // 2, :WITHIN]


def shape(envelope: Any) -> Any:
    return (AVERAGE + level_free(envelope, WITHIN))[0, :WITHIN]


def test_a_recording_that_says_the_same_is_heard() -> None:
    np.testing.assert_allclose(placed(SAID[0]), shape(HUM), atol=1e-5)


def test_where_the_recording_says_something_else_the_singers_own_shape_is_heard() -> None:
    np.testing.assert_allclose(placed(SAID[1]), shape(SOURCE), atol=1e-5)


def test_of_a_singer_whose_accent_is_not_known_only_the_recording_is_heard() -> None:
    np.testing.assert_allclose(placed(SAID[1], None), shape(HUM), atol=1e-5)


def test_between_the_two_both_are_heard() -> None:
    # At an angle t apart the distance of unit vectors is 2 sin(t / 2), half of whose way is 0.65.
    angle = 2 * np.arcsin(0.325)
    found = placed([np.cos(angle), np.sin(angle)])
    np.testing.assert_allclose(found, (shape(HUM) + shape(SOURCE)) / 2, atol=1e-3)


def test_the_singers_own_shape_is_heard_where_the_singer_is_soft() -> None:
    np.testing.assert_allclose(placed(SAID[0], loud=100.0), shape(SOURCE), atol=1e-5)


def test_the_singers_own_shape_takes_on_the_targets_accent() -> None:
    tilt = level_free(np.linspace(-1.0, 1.0, POINTS)[None].astype(np.float32), WITHIN)
    accent = Accent(np.zeros_like(tilt), np.concatenate([0 * tilt, tilt]))
    found = placed(SAID[1], accent)
    assert found == pytest.approx(shape(SOURCE) + tilt[0, :WITHIN], abs=1e-5)
