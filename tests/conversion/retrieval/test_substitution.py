from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autovoice_core.conversion.retrieval.analysis import VoiceFrames
from autovoice_core.conversion.retrieval.aperiodicity import BANDS
from autovoice_core.conversion.retrieval.exemplars import Exemplars
from autovoice_core.conversion.retrieval.mel_axis import POINTS, without_level
from autovoice_core.conversion.retrieval.phone_shapes import PhoneShapes
from autovoice_core.conversion.retrieval.substitution import Substitution
from autovoice_core.conversion.retrieval.unit_selection import Selection

COUNT, COMPARED = 12, 96
PHONES = np.eye(2, dtype=np.float32)
HUM, SOURCE = (np.cos(np.arange(POINTS) * step)[None].astype(np.float32) for step in (0.1, 0.23))
PLAIN = PhoneShapes(np.zeros((1, POINTS), np.float32), np.zeros((2, POINTS), np.float32))
AVERAGE = without_level(np.sin(np.arange(POINTS) * 0.05)[None].astype(np.float32), COMPARED)


def substituted(phone: Any, accent: PhoneShapes | None = PLAIN, soft_level: float = -np.inf) -> Any:
    """The shape of what is substituted for the source, where the recording says phone 0."""
    bands = np.zeros((COUNT, BANDS), np.float32)
    voice = Exemplars(
        HUM, bands[:1], np.zeros(1, bool), np.full((1, 1), POINTS + 9.0, dtype=np.float32)
    )
    none = np.zeros_like(AVERAGE)
    substitution = Substitution(
        voice,
        PHONES[:1],
        COMPARED,
        AVERAGE,
        selected_mean=none,
        selected_scale=none + 1.0,
        source_mean=none,
        source_scale=none + 1.0,
        accent=accent,
        soft_level=soft_level,
    )
    zeros = np.zeros(COUNT, np.int64)
    source = VoiceFrames(np.repeat(SOURCE, COUNT, axis=0), bands)
    rests = np.zeros((COUNT, 1), np.float32)
    posteriors = np.repeat(np.asarray(phone, np.float32)[None], COUNT, axis=0)
    selection = Selection(zeros, zeros, np.zeros(COUNT), posteriors, rests)
    found = substitution.substitute(source, selection)
    return without_level(found.envelope, COMPARED)[COUNT // 2, :COMPARED]


def shape(envelope: Any) -> Any:
    return (AVERAGE + without_level(envelope, COMPARED))[0, :COMPARED]


def test_a_recording_of_the_same_phone_is_heard() -> None:
    np.testing.assert_allclose(substituted(PHONES[0]), shape(HUM), atol=1e-5)


def test_where_the_recording_is_of_another_phone_the_sources_own_shape_is_heard() -> None:
    np.testing.assert_allclose(substituted(PHONES[1]), shape(SOURCE), atol=1e-5)


def test_without_an_accent_only_the_recording_is_heard() -> None:
    np.testing.assert_allclose(substituted(PHONES[1], None), shape(HUM), atol=1e-5)


def test_between_the_two_both_are_heard() -> None:
    # At an angle t apart the distance of unit vectors is 2 sin(t / 2), half of whose way is 0.65.
    angle = 2 * np.arcsin(0.325)
    found = substituted([np.cos(angle), np.sin(angle)])
    np.testing.assert_allclose(found, (shape(HUM) + shape(SOURCE)) / 2, atol=1e-3)


def test_the_sources_own_shape_is_heard_where_it_is_soft() -> None:
    np.testing.assert_allclose(substituted(PHONES[0], soft_level=100.0), shape(SOURCE), atol=1e-5)


def test_the_sources_own_shape_takes_on_the_targets_accent() -> None:
    tilt = without_level(np.linspace(-1.0, 1.0, POINTS)[None].astype(np.float32), COMPARED)
    accent = PhoneShapes(np.zeros_like(tilt), np.concatenate([0 * tilt, tilt]))
    found = substituted(PHONES[1], accent)
    assert found == pytest.approx(shape(SOURCE) + tilt[0, :COMPARED], abs=1e-5)
