"""Invariance of a track to gain, polarity, offset and shifts; noise and silence have no pitch."""

from __future__ import annotations

import attrs
import numpy as np
import pytest
from pitch_errors import assert_same, track

from autovoice_core import Audio
from autovoice_core.synthetic.truth import TENOR, Sung, sing, tone

NCCF = "reference/nccf"


@pytest.fixture(scope="module")
def sung() -> Sung:
    return sing(TENOR, 12, seed=11)


def test_gain_changes_nothing_that_matters(sung: Sung) -> None:
    loud = track(sung.audio, NCCF)
    for decibels in (-60, -37.3, -6.02, 6):
        quiet = attrs.evolve(
            sung.audio,
            samples=(sung.audio.numpy() * np.float32(10 ** (decibels / 20))),
        )
        found = track(quiet, NCCF)
        assert np.mean(found.voiced == loud.voiced) > 0.985  # what ends below -100 dB is cut there
        both = found.voiced & loud.voiced
        cents = np.abs(1200 * np.log2(found.f0[both] / loud.f0[both]))
        assert np.percentile(cents, 99) < 2  # a share of noise is rounded to another step


def test_polarity_changes_nothing(sung: Sung) -> None:
    turned = attrs.evolve(sung.audio, samples=-sung.audio.numpy())
    assert_same(track(turned, NCCF), track(sung.audio, NCCF), cents=0.5)


def test_a_constant_offset_changes_nothing(sung: Sung) -> None:
    shifted = attrs.evolve(sung.audio, samples=sung.audio.numpy() + np.float32(0.2))
    found, clean = track(shifted, NCCF), track(sung.audio, NCCF)
    # The ends of the file are steps now.
    middle = slice(5, -5)
    assert np.mean(found.voiced[middle] == clean.voiced[middle]) > 0.995
    both = (found.voiced & clean.voiced)[middle]
    cents = 1200 * np.log2(found.f0[middle][both] / clean.f0[middle][both])
    assert np.abs(cents).max() < 5


def test_a_shift_by_whole_hops_shifts_the_track(sung: Sung) -> None:
    clean = track(sung.audio, NCCF)
    for hops in (512, 37):
        silence = np.zeros((1, hops * 441), np.float32)
        later = Audio(np.concatenate([silence, sung.audio.numpy()], axis=1), 44100)
        found = track(later, NCCF)
        f0, both = found.f0[hops:], found.voiced[hops:] & clean.voiced
        if hops == 512:  # 512 hops are a multiple of the tracker's grid, so nothing differs
            np.testing.assert_array_equal(f0, clean.f0)
        assert np.mean(found.voiced[hops:] == clean.voiced) > 0.995
        cents = np.abs(1200 * np.log2(f0[both] / clean.f0[both]))
        assert cents.max() < 6
        assert np.percentile(cents, 99) < 1


def test_a_glide_is_read_at_its_time() -> None:
    rate = 2.0  # octaves a second
    for direction in (1, -1):
        f0 = 300 * 2 ** (direction * rate * (np.arange(44100) / 44100 - 0.5))
        found = track(tone(f0), NCCF)
        at = np.arange(15, 86)
        octaves = np.log2(found.f0[at] / f0[at * 441])
        delay = -direction * np.median(octaves) / rate
        assert abs(delay) < 0.0005


def test_noise_silence_and_offset_have_no_pitch() -> None:
    rng = np.random.default_rng(4)
    for samples in (
        0.1 * rng.standard_normal(44100),
        np.zeros(44100),
        np.full(44100, 0.5),
        np.eye(1, 44100, 20000)[0],
    ):
        found = track(Audio(samples.astype(np.float32)[None], 44100), NCCF)
        assert not found.voiced.any()
        assert not found.f0.any()


def test_quiet_voices_count_by_what_is_near(sung: Sung) -> None:
    # 45 dB down, in a song of its own, 3 s after a loud one: the gate looks 1 s far.
    quiet = sung.audio.numpy() * np.float32(0.003)
    joined = np.concatenate([sung.audio.numpy(), np.zeros((1, 3 * 44100), np.float32), quiet], 1)
    found = track(Audio(joined, 44100), NCCF)
    again = found.voiced[-len(sung.pitch) :]
    assert np.mean(again == sung.pitch.voiced) > 0.97
