from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autovoice_core.conversion.retrieval.analysis import VoiceFrames
from autovoice_core.conversion.retrieval.aperiodicity import BANDS
from autovoice_core.conversion.retrieval.exemplars import Exemplars
from autovoice_core.conversion.retrieval.gaussians import CEPSTRA, ShapeMap, orthonormal_basis
from autovoice_core.conversion.retrieval.mel_axis import POINTS, level, without_level
from autovoice_core.conversion.retrieval.phone_maps import PhoneMaps
from autovoice_core.conversion.retrieval.phone_shapes import PhoneShapes
from autovoice_core.conversion.retrieval.substitution import Substitution
from autovoice_core.conversion.retrieval.unit_selection import Selection

COUNT, COMPARED = 24, 96
PHONES = np.eye(2, dtype=np.float32)
HUM, SOURCE = (np.cos(np.arange(POINTS) * step)[None].astype(np.float32) for step in (0.1, 0.23))
AVERAGE = without_level(np.sin(np.arange(POINTS) * 0.05)[None].astype(np.float32), COMPARED)
TILT = without_level(np.linspace(-1.0, 1.0, POINTS)[None].astype(np.float32), COMPARED)
BASIS = orthonormal_basis(POINTS).astype(np.float32)
BANDS_OF_NONE = np.zeros((COUNT, BANDS), np.float32)


def moving(offset: Any = None) -> ShapeMap:
    """The map that adds an offset to cepstra, or none."""
    offset = np.zeros(CEPSTRA) if offset is None else np.asarray(offset, np.float64)
    return ShapeMap.affine(np.eye(CEPSTRA), offset, POINTS, HUM)


def substituted(
    phone: Any = PHONES[0], rests: float = 0.0, source: Any = None, **changes: Any
) -> Any:
    """The envelopes of what is substituted for the source, in which ``phone`` is said."""
    voice = Exemplars(
        HUM, BANDS_OF_NONE[:1], np.zeros(1, bool), np.full((1, 1), POINTS + 9.0, dtype=np.float32)
    )
    none = np.zeros_like(AVERAGE)
    known: dict[str, Any] = {"selected_mean": none, "selected_scale": none + 1.0, "own": moving()}
    substitution = Substitution(voice, COMPARED, AVERAGE, **{**known, **changes})
    zeros = np.zeros(COUNT, np.int64)
    source = np.repeat(SOURCE, COUNT, axis=0) if source is None else source
    posteriors = np.broadcast_to(np.asarray(phone, np.float32), (COUNT, 2))
    selection = Selection(
        zeros, zeros, np.zeros(COUNT), posteriors, np.full((COUNT, 1), rests, np.float32)
    )
    return substitution.substitute(VoiceFrames(source, BANDS_OF_NONE), selection).envelope


def middle(envelope: Any) -> Any:
    return without_level(envelope, COMPARED)[COUNT // 2, :COMPARED]


def mixed(own: Any, recorded: Any) -> Any:
    """Seven tenths of the one shape and three of the other."""
    shapes = (without_level(each, COMPARED)[0, :COMPARED] for each in (own, recorded))
    return sum(share * shape for share, shape in zip((0.78, 0.22), shapes, strict=True))


def test_the_source_s_own_shape_and_the_recording_are_both_heard() -> None:
    wanted = mixed(SOURCE, AVERAGE + without_level(HUM, COMPARED))
    np.testing.assert_allclose(middle(substituted()), wanted, atol=1e-5)


def test_as_much_of_the_source_s_own_shape_is_heard_as_is_asked_for() -> None:
    difference = middle(substituted(own_share=1.0)) - middle(substituted(own_share=0.0))
    wanted = without_level(SOURCE, COMPARED) - AVERAGE - without_level(HUM, COMPARED)
    np.testing.assert_allclose(difference, wanted[0, :COMPARED], atol=1e-5)
    half = middle(substituted(own_share=0.5)) - middle(substituted(own_share=0.0))
    np.testing.assert_allclose(half, 0.5 * difference, atol=1e-5)


def test_the_recording_has_the_target_s_mean_and_variance_of_all_its_sounds() -> None:
    found = middle(substituted(selected_mean=TILT, selected_scale=1.5 + 0.0 * TILT))
    wanted = mixed(SOURCE, AVERAGE + 1.5 * (without_level(HUM, COMPARED) - TILT))
    np.testing.assert_allclose(found, wanted, atol=1e-5)


def test_the_source_s_own_shape_is_mapped_to_the_target_s() -> None:
    offset = 2.0 * np.eye(CEPSTRA)[3]
    change = middle(substituted(own=moving(offset))) - middle(substituted())
    added = without_level((BASIS @ offset)[None], COMPARED)
    np.testing.assert_allclose(change, 0.78 * added[0, :COMPARED], atol=1e-5)


@pytest.mark.parametrize(
    ("phone", "share"), [(PHONES[0], 0.0), (PHONES[1], 1.0), ([0.8, 0.6], 0.6)]
)
def test_the_source_s_own_shape_takes_on_the_target_s_accent(phone: Any, share: float) -> None:
    accent = PhoneShapes(0.0 * TILT, np.concatenate([0.0 * TILT, TILT]))
    change = middle(substituted(phone, accent=accent)) - middle(substituted(phone))
    np.testing.assert_allclose(change, 0.78 * share * TILT[0, :COMPARED], atol=1e-5)


@pytest.mark.parametrize("phone", [0, 1])
def test_what_is_said_is_mapped_as_the_target_says_it(phone: int) -> None:
    offsets = np.zeros((2, CEPSTRA), np.float32)
    offsets[0, 1], offsets[1, 5] = 3.0, -2.0
    still = np.eye(CEPSTRA, dtype=np.float32)
    phones = PhoneMaps(PHONES, BASIS, np.concatenate([still, still], axis=1), offsets)
    change = middle(substituted(PHONES[phone], phones=phones)) - middle(substituted())
    added = without_level((BASIS @ offsets[phone])[None], COMPARED)
    np.testing.assert_allclose(change, added[0, :COMPARED], atol=1e-4)


def test_where_the_source_rests_the_result_rests_whatever_flickers() -> None:
    flicker = np.where(np.arange(COUNT) % 2, 1.0, -1.0)[:, None].astype(np.float32)
    source = SOURCE + flicker * TILT
    restless, rested = (
        np.abs(np.diff(without_level(substituted(rests=rests, source=source), COMPARED), axis=0))
        for rests in (0.0, 1.0)
    )
    assert restless[COUNT // 2].max() > 1.0
    assert rested[COUNT // 2].max() < 0.1 * restless[COUNT // 2].max()


def test_where_the_source_rests_flickering_phones_do_not_flicker_in_the_result() -> None:
    offsets = np.zeros((2, CEPSTRA), np.float32)
    offsets[1, 1] = 3.0
    still = np.eye(CEPSTRA, dtype=np.float32)
    phones = PhoneMaps(PHONES, BASIS, np.concatenate([still, still], axis=1), offsets)
    said = PHONES[np.arange(COUNT) // 2 % 2]
    restless, rested = (
        np.abs(np.diff(substituted(said, rests, phones=phones), axis=0))[4:-4].max()
        for rests in (0.0, 1.0)
    )
    assert rested < 0.3 * restless


def test_the_result_has_the_source_s_level() -> None:
    loud = np.repeat(SOURCE + 5.0, COUNT, axis=0)
    found, wanted = (level(each, COMPARED) for each in (substituted(source=loud), loud))
    np.testing.assert_allclose(found, wanted, atol=1e-4)


@pytest.mark.parametrize("far", [100.0, -100.0])
def test_a_map_changes_a_shape_by_six_nepers_at_most(far: float) -> None:
    change = substituted(own=moving(far * np.eye(CEPSTRA)[1])) - SOURCE
    # Each frame is brought to the source's level after that.
    assert np.ptp(change[COUNT // 2]) == pytest.approx(12.0, abs=0.01)
