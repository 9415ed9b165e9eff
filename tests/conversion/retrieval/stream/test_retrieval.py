"""Tests of streams: the same whatever the blocks, in time, in tune."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import array_api_compat.numpy as xp
import numpy as np
import pytest
from conversion_truth import phrase, vowel
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from autovoice_core import Audio, InputError
from autovoice_core.conversion.retrieval.content import cepstra
from autovoice_core.conversion.retrieval.gaussians import orthonormal_basis
from autovoice_core.conversion.retrieval.mel_axis import without_level
from autovoice_core.conversion.retrieval.reference import ReferenceConversionKernels
from autovoice_core.conversion.retrieval.stream.retrieval import LOWEST_F0, StreamingRetrieval
from autovoice_core.pitch.nccf.nccf import Nccf
from autovoice_core.pitch.nccf.reference import ReferencePitchKernels

Sound = NDArray[np.float32]


@pytest.fixture(scope="session")
def converter() -> StreamingRetrieval:
    pitch = Nccf(xp, ReferencePitchKernels(), fmin=LOWEST_F0)
    return StreamingRetrieval(xp, ReferenceConversionKernels(), pitch)


def streamed(
    converter: StreamingRetrieval,
    voice: Any,
    vocals: Audio,
    sizes: Sequence[int] = (),
    **options: Any,
) -> Sound:
    """What a stream makes of ``vocals`` in blocks of ``sizes``, the rest in one block."""
    stream = converter.stream(vocals.sample_rate, voice=voice, **{"key": 0.0, **options})
    edges = np.minimum(np.append(np.cumsum([0, *sizes]), vocals.frames), vocals.frames)
    pieces = [
        stream.feed(Audio(vocals.numpy()[:, a:b], vocals.sample_rate)).numpy()
        for a, b in pairwise(edges.tolist())
    ]
    return np.concatenate([*pieces, stream.flush().numpy()], axis=1)


def stereo(audio: Audio, right: float = 0.5) -> Audio:
    mono = audio.numpy()[0]
    return Audio(np.stack([mono, np.float32(right) * mono]), audio.sample_rate)


blocks = st.lists(st.one_of(st.integers(0, 40), st.integers(0, 5000)), max_size=30)


@settings(max_examples=8, deadline=None)
@given(sizes=blocks, key=st.sampled_from([0.0, 7.0]), two=st.booleans())
def test_any_blocks_give_the_same_samples(
    converter: StreamingRetrieval, voice: Any, sizes: list[int], key: float, two: bool
) -> None:
    vocals, _ = phrase(11_025, 150.0, seconds=0.7)
    vocals = stereo(vocals) if two else vocals
    whole = streamed(converter, voice, vocals, key=key)
    assert whole.shape == vocals.numpy().shape
    np.testing.assert_array_equal(streamed(converter, voice, vocals, sizes, key=key), whole)


@settings(max_examples=10, deadline=None)
@given(frames=st.one_of(st.integers(0, 5), st.integers(0, 3000)))
def test_any_length_comes_out_as_long(
    converter: StreamingRetrieval, voice: Any, frames: int
) -> None:
    vocals = Audio(phrase(11_025, 150.0)[0].numpy()[:, :frames], 11_025)
    assert streamed(converter, voice, vocals, key=3.0).shape == (1, frames)


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 44_100, 48_000, 96_000, 192_000])
def test_a_sample_s_result_comes_within_the_latency(
    converter: StreamingRetrieval, voice: Any, rate: int
) -> None:
    stream = converter.stream(rate, voice=voice, key=0.0)
    assert stream.latency <= 0.1
    fed = given = late = 0
    for size in np.random.default_rng(0).integers(1, rate // 40, 40):
        fed += int(size)
        given += stream.feed(Audio(np.zeros((1, int(size)), np.float32), rate)).frames
        late = max(late, fed - given)
    assert late <= stream.latency * rate
    assert late > (stream.latency - 0.03) * rate


@pytest.mark.parametrize("key", [-5.0, 0.0, 12.0])
def test_the_tune_is_sung_in_time_and_in_the_key(
    converter: StreamingRetrieval, voice: Any, key: float
) -> None:
    rate = 16_000
    time = np.arange(2 * rate) / rate
    f0 = 170.0 * 2 ** (np.where(time < 1.0, 0.0, 4.0) / 12)
    sound = vowel(f0, rate) * (time > 0.3)
    result = streamed(converter, voice, Audio(sound[None].astype(np.float32), rate), key=key)[0]
    assert np.abs(result[: int(0.27 * rate)]).max() < 0.01
    for begin, wanted in ((0.5, f0[0]), (1.4, f0[-1])):
        part = result[int(begin * rate) :][: rate // 2].astype(np.float64)
        spectrum = np.abs(np.fft.rfft(part * np.hanning(part.size), 1 << 18))
        moved = wanted * 2 ** (key / 12)
        near = np.fft.rfftfreq(1 << 18, 1 / rate)
        band = (near > 0.9 * moved) & (near < 1.1 * moved)
        found = near[band][np.argmax(spectrum[band])]
        assert abs(1200 * np.log2(found / moved)) < 8


def test_a_held_note_has_no_seams(converter: StreamingRetrieval, voice: Any) -> None:
    rate = 16_000
    f0 = np.full(3 * rate, 190.0)
    held = vowel(f0, rate)[None].astype(np.float32)
    for key in (0.0, 5.0):
        result = streamed(converter, voice, Audio(held, rate), key=key)[0, rate:]
        # A click is sharp where pulses of a voice are round: in differences it would stand out.
        sharp, natural = (
            np.diff(each.astype(np.float64), n=4) for each in (result, held[0, rate:])
        )
        crests = [np.abs(each).max() / np.sqrt(np.mean(each**2)) for each in (sharp, natural)]
        assert crests[0] < 1.5 * crests[1]


@pytest.mark.parametrize("key", [0.0, 5.0])
def test_what_is_not_sung_passes(converter: StreamingRetrieval, voice: Any, key: float) -> None:
    spectra = np.fft.rfft(0.05 * np.random.default_rng(2).standard_normal((2, 16_000)))
    spectra[:, :45] = 0  # Hz: what is slower is an offset
    noise = np.fft.irfft(spectra).astype(np.float32)
    result = streamed(converter, voice, Audio(noise, 16_000), key=key)
    # At the ends, an offset is that of less sound.
    np.testing.assert_allclose(result, noise, atol=2e-3)
    np.testing.assert_allclose(result[:, 1600:-2400], noise[:, 1600:-2400], atol=5e-6)


@pytest.mark.parametrize("key", [0.0, 5.0])
def test_an_offset_is_not_in_the_result(
    converter: StreamingRetrieval, voice: Any, key: float
) -> None:
    sung = phrase(16_000, 150.0, seconds=2.0)[0].numpy()
    moved = Audio((sung + 0.05).astype(np.float32), 16_000)
    result = streamed(converter, voice, moved, key=key)[:, 1600:-2400]
    spectrum = np.abs(np.fft.rfft(result * np.hanning(result.shape[1])))
    below, above = (np.sum(spectrum[:, part] ** 2) for part in (slice(40), slice(40, None)))
    assert below < 1e-4 * above


@pytest.mark.parametrize("peak", [0.3, 0.95, 3.0])
def test_peaks_stay_within_full_scale_or_what_came(
    converter: StreamingRetrieval, voice: Any, peak: float
) -> None:
    sung = phrase(16_000, 150.0, seconds=2.0)[0].numpy()
    loud = Audio((sung * (peak / np.abs(sung).max())).astype(np.float32), 16_000)
    for key in (0.0, 5.0):
        result = streamed(converter, voice, loud, key=key)
        assert np.abs(result).max() <= max(1.0, peak) + 1e-6
        assert np.sqrt(np.mean(result**2) / np.mean(loud.numpy() ** 2)) > 0.89  # -1 dB


def test_silence_stays_silent(converter: StreamingRetrieval, voice: Any) -> None:
    vocals, _ = phrase(16_000, 150.0, seconds=1.0)
    sound = np.concatenate([vocals.numpy(), np.zeros((1, 16_000), np.float32)], axis=1)
    for key in (0.0, 5.0):
        result = streamed(converter, voice, Audio(sound, 16_000), key=key)
        assert np.abs(result[:, -14_000:]).max() < 1e-5


def test_channels_keep_their_balance(converter: StreamingRetrieval, voice: Any) -> None:
    vocals, _ = phrase(16_000, 150.0, seconds=1.5)
    for key in (0.0, 5.0):
        left, right = streamed(converter, voice, stereo(vocals, 0.25), key=key)
        power = np.sqrt(np.mean(np.square([left, right], dtype=np.float64), axis=1))
        assert power[1] / power[0] == pytest.approx(0.25, abs=0.01)


def test_a_result_is_as_loud_as_the_source(converter: StreamingRetrieval, voice: Any) -> None:
    vocals, _ = phrase(16_000, 300.0, seconds=2.0)
    for key in (-7.0, 0.0, 12.0):
        result = streamed(converter, voice, vocals, key=key)
        ratio = np.sqrt(np.mean(result**2) / np.mean(vocals.numpy() ** 2))
        assert abs(20 * np.log10(ratio)) < 2.5


def test_a_profile_of_the_singer_is_believed_from_the_first_note(
    converter: StreamingRetrieval, voice: Any
) -> None:
    vocals, pitch = phrase(16_000, 120.0, 0.9, 6.0)
    singer = SimpleNamespace(features=converter.learn([(vocals, pitch)]))
    first = Audio(vocals.numpy()[:, : 16_000 // 2], 16_000)
    unknown = streamed(converter, voice, first)
    known = streamed(converter, voice, first, singer=singer)
    assert np.abs(known - unknown).max() > 0.01
    statistics = converter.stream(16_000, voice=voice, key=0.0, singer=singer)._statistics
    note = singer.features["envelope"][:2].astype(np.float32)
    statistics.add_source(note, cepstra(note, statistics.prior.encoder.basis))
    mapping = statistics.mapping
    points, basis = mapping.substitution.points, orthonormal_basis(mapping.band)
    own, target = (
        without_level(each.features["envelope"].astype(np.float32), points).mean(axis=0)
        for each in (singer, voice)
    )
    mapped = own + mapping.substitution.own.change(own[None])[0]
    found, wanted, before = (each[: mapping.band] @ basis for each in (mapped, target, own))
    assert np.linalg.norm(found - wanted) < 0.1 * np.linalg.norm(before - wanted)


def test_strength_formant_and_seed_are_heeded(converter: StreamingRetrieval, voice: Any) -> None:
    vocals, _ = phrase(16_000, 150.0, seconds=1.0)
    plain = streamed(converter, voice, vocals, key=5.0)
    for option in ({"strength": 0.3}, {"formant": 3.0}, {"seed": 1}):
        other = streamed(converter, voice, vocals, key=5.0, **option)
        assert np.abs(other - plain).max() > 1e-3
    same = streamed(converter, voice, vocals, strength=0.0)
    part = slice(4_000, 10_000)
    error = same[:, part] - vocals.numpy()[:, part]
    assert np.mean(error**2) < 0.02 * np.mean(vocals.numpy()[:, part] ** 2)


def test_the_number_of_channels_can_t_change(converter: StreamingRetrieval, voice: Any) -> None:
    stream = converter.stream(16_000, voice=voice, key=0.0)
    stream.feed(Audio(np.zeros((1, 10), np.float32), 16_000))
    with pytest.raises(InputError) as refusal:
        stream.feed(Audio(np.zeros((2, 10), np.float32), 16_000))
    assert str(refusal.value) == (
        "block: it has 2 channels, but the stream began with 1; open another stream for it"
    )


def test_a_stream_that_was_never_fed_gives_nothing(
    converter: StreamingRetrieval, voice: Any
) -> None:
    assert converter.stream(16_000, voice=voice, key=0.0).flush().numpy().shape == (1, 0)
