"""Steady noise is subtracted, exactly, and nothing else is."""

from __future__ import annotations

import array_api_compat.numpy as xp
import numpy as np
import pytest
from numpy.typing import NDArray
from pitch_errors import track

from autovoice_core import Audio
from autovoice_core.pitch.nccf import noise
from autovoice_core.pitch.nccf.nccf import Nccf
from autovoice_core.pitch.nccf.parameters import CLIP_LEVEL, ENERGY_BLOCK, FULL_SCALE
from autovoice_core.pitch.nccf.reference import ReferencePitchKernels
from autovoice_core.synthetic.truth import ALTO, BASS, SINGERS, Singer, add_noise, sing

RATE = 22050
NCCF = "reference/nccf"


def subtracted(signal: NDArray[np.int32], inside: NDArray[np.bool_] | None = None) -> NDArray:
    """Return rows less their noise; all of them lie within a clip by default."""
    if inside is None:
        inside = np.ones((len(signal), signal.shape[1] // ENERGY_BLOCK), bool)
    found: NDArray = noise.subtract_noise(xp, signal, inside, float(RATE), may_wait=False)
    return found


def rows_of(*audios: Audio) -> NDArray[np.int32]:
    """Return sounds as rows of whole blocks of integers, as long as the shortest."""
    length = min(audio.frames for audio in audios) // ENERGY_BLOCK * ENERGY_BLOCK
    rows = np.stack([audio.numpy()[0, :length] for audio in audios])
    return np.rint(rows * FULL_SCALE).astype(np.int32)


@pytest.mark.parametrize("singer", [BASS, ALTO], ids=lambda singer: singer.name)
def test_a_voice_in_noise_is_heard_and_the_noise_is_not(singer: Singer) -> None:
    sung = sing(singer, 5.0, RATE, seed=9)
    true = sung.pitch.voiced
    found = track(add_noise(sung.audio, 10.0), NCCF).voiced
    # Where it begins and ends is a matter of definition.
    edges = np.convolve(np.abs(np.diff(true.astype(int), prepend=0)), np.ones(7), "same") > 0
    assert np.mean(found[true & ~edges]) > 0.99
    assert np.mean(found[~true & ~edges]) < 0.01


def test_noise_that_is_subtracted_leaves_nothing_that_repeats() -> None:
    tone = sing(ALTO, 3.0, RATE, seed=1).audio
    pause = Audio(np.zeros((1, 4 * RATE), np.float32), RATE)
    joined = Audio(np.concatenate([tone.numpy(), pause.numpy()], axis=1), RATE)
    for color in ("white", "pink"):
        found = track(add_noise(joined, 15.0, color=color), NCCF)
        assert not found.voiced[-350:].any()


def test_most_of_the_noise_goes_and_little_of_the_voice() -> None:
    sung = sing(ALTO, 6.0, RATE, seed=2)
    clean, noisy = rows_of(sung.audio, add_noise(sung.audio, 10.0))
    found = subtracted(noisy[None])[0]
    heard = np.repeat(np.arange(len(clean) // ENERGY_BLOCK), ENERGY_BLOCK) * ENERGY_BLOCK
    voiced = sung.f0[heard] > 0
    before, after = noisy - clean, found - clean
    assert np.mean(after[~voiced] ** 2.0) < 0.3 * np.mean(before[~voiced] ** 2.0)
    assert np.mean(after[voiced] ** 2.0) < np.mean(before[voiced] ** 2.0)


def test_a_voice_between_silences_is_left_as_it_is() -> None:
    silence = np.zeros((1, RATE // 4), np.float32)
    words = [sing(singer, 0.6, RATE, seed=4).audio.numpy() for singer in SINGERS.values()]
    parts = [part for word in words for part in (word, silence)]
    signal = rows_of(Audio(np.concatenate(parts, axis=1), RATE))
    np.testing.assert_array_equal(subtracted(signal), signal)


def test_other_voices_are_not_noise() -> None:
    choir = [
        sing(singer, 6.0, RATE, seed=seed).audio for seed in (1, 2, 3) for singer in (BASS, ALTO)
    ]
    length = min(audio.frames for audio in choir)
    mixed = sum(audio.numpy()[:, :length] for audio in choir) / len(choir)
    signal = rows_of(Audio(mixed.astype(np.float32), RATE))
    lost = (signal - subtracted(signal)).astype(np.float64)
    assert np.mean(lost**2) < 1e-3 * np.mean(signal.astype(np.float64) ** 2)


def test_rows_and_parts_of_them_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    audios = [add_noise(sing(s, 3.0, RATE, seed=6).audio, 10.0) for s in SINGERS.values()]
    signal = rows_of(*audios)
    together = subtracted(signal)
    assert np.any(together != signal)
    monkeypatch.setattr(noise, "FRAMES_AT_A_TIME", 50)
    for row, expected in zip(signal, together, strict=True):
        np.testing.assert_array_equal(subtracted(row[None])[0], expected)


def test_clips_that_share_a_row_do_not_hear_each_other() -> None:
    one, other = rows_of(*(add_noise(sing(s, 3.0, RATE, seed=6).audio, 10.0) for s in (BASS, ALTO)))
    gap = np.zeros(noise.noise_reach(float(RATE)), np.int32)
    row = np.concatenate([one, gap, other // 8])
    inside = np.repeat(
        [True, False, True], [len(part) // ENERGY_BLOCK for part in (one, gap, other)]
    )
    found = subtracted(row[None], inside[None])[0]
    np.testing.assert_array_equal(found[: len(one)], subtracted(one[None])[0])
    np.testing.assert_array_equal(found[-len(other) :], subtracted(other[None] // 8)[0])


def test_noisy_clips_of_a_batch_are_tracked_as_if_they_were_alone() -> None:
    nccf = Nccf(xp, ReferencePitchKernels(), fmin=100.0, fmax=1000.0)
    clips = [
        add_noise(sing(singer, seconds, 8000, seed=6).audio, 10.0)
        for singer, seconds in ((BASS, 1.5), (ALTO, 0.05), (ALTO, 2.0))
    ]
    centres = [np.arange(0, clip.frames + 1, 80) for clip in clips]
    together = nccf.estimate_batch(clips, centres)
    for clip, where, found in zip(clips, centres, together, strict=True):
        alone = nccf.estimate(clip, where)
        for name in ("f0", "voiced", "confidence"):
            np.testing.assert_array_equal(getattr(found, name), getattr(alone, name))


def test_no_sum_of_products_is_too_great_for_a_float() -> None:
    """The greatest input, with the signs that add up most."""
    tables = noise.SpectrumTables.at(float(RATE))
    peak = 2 * CLIP_LEVEL * FULL_SCALE  # the high pass may double it
    spectrum = peak * np.abs(tables.analysis).sum(axis=0).max()
    assert spectrum < 2**53
    # Parseval: bins share the energy of the frame.
    power = peak**2 * noise.FRAME * np.sum(tables.analysis[:, :2] ** 2) / 4**noise.SPECTRUM_SHIFT
    assert power * (2 * noise.NOISE_FRAMES + 1) < 2**63
    column = np.sqrt(power / 2) * noise.SHARE_STEPS * 2**noise.TABLE_BITS
    assert column * np.sqrt(tables.analysis.shape[1]) < 2**53


def test_waiting_for_the_device_changes_nothing() -> None:
    for snr in (10.0, 80.0):
        signal = rows_of(add_noise(sing(ALTO, 3.0, RATE, seed=6).audio, snr))
        inside = np.ones((1, signal.shape[1] // ENERGY_BLOCK), bool)
        waited = noise.subtract_noise(xp, signal, inside, float(RATE), may_wait=True)
        np.testing.assert_array_equal(waited, subtracted(signal))
