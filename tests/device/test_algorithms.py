"""Core's algorithms on a fake device: results equal those on the host."""

from __future__ import annotations

import array_api_compat.numpy as host
import numpy as np
import pytest
from on_device import OnDevice

from autovoice_core import Audio, SingingPitchExtractor, VoiceProfile
from autovoice_core._arrays import as_numpy, device_name, to_device_of
from autovoice_core._device_arrays import DeviceNamespace
from autovoice_core.conversion.retrieval.reference import ReferenceConversionKernels
from autovoice_core.conversion.retrieval.retrieval import Retrieval
from autovoice_core.pitch.nccf.nccf import Nccf
from autovoice_core.pitch.nccf.reference import ReferencePitchKernels
from autovoice_core.separation.wrpca.wrpca import WeightedRobustPCA
from autovoice_core.synthetic import truth
from autovoice_core.testing.fake_device import NAME, DeviceArray, FakeDevice


@pytest.fixture
def place() -> DeviceNamespace:
    return DeviceNamespace(FakeDevice(), NAME)


def there(place: DeviceNamespace, audio: Audio) -> Audio:
    return Audio(place.asarray(audio.numpy()), audio.sample_rate)


def test_separation(place: DeviceNamespace, short_song: truth.Song) -> None:
    mixture = short_song.mixture
    found = WeightedRobustPCA(place).separate(there(place, mixture))
    assert device_name(found.vocals.samples) == "cuda"
    expected = WeightedRobustPCA(host).separate(mixture)
    np.testing.assert_array_equal(found.vocals.numpy(), expected.vocals.numpy())


def test_pitch(place: DeviceNamespace, short_song: truth.Song) -> None:
    vocals = short_song.stems.vocals.mono()
    centres = np.arange(0, vocals.frames, 220)
    tracker = Nccf(place, OnDevice(ReferencePitchKernels(), place.wrapped))
    found = tracker.estimate(there(place, vocals), centres)
    assert device_name(found.f0) == "cuda"
    expected = Nccf(host, ReferencePitchKernels()).estimate(vocals, centres)
    np.testing.assert_array_equal(as_numpy(found.f0), expected.f0)


@pytest.mark.parametrize("key", [0.0, 3.0])
def test_conversion(
    place: DeviceNamespace, short_song: truth.Song, voice: VoiceProfile, key: float
) -> None:
    vocals = short_song.stems.vocals
    pitch = SingingPitchExtractor().extract(vocals)
    found = []
    for converter, audio in (
        (Retrieval(host, ReferenceConversionKernels()), vocals),
        (
            Retrieval(place, OnDevice(ReferenceConversionKernels(), place.wrapped), NAME),
            there(place, vocals),
        ),
    ):
        song = converter.begin(voice, pitch, vocals.sample_rate, key=key)
        song.observe(audio, 0)
        found.append(song.render(audio, 0))
    assert device_name(found[1].samples) == "cuda"
    np.testing.assert_allclose(found[1].numpy(), found[0].numpy(), atol=1e-6)


def test_the_fake_device_is_as_strict_as_a_real_one(place: DeviceNamespace) -> None:
    there = place.asarray(np.arange(4.0))
    assert (2.0 * there + there[1]).values.tolist() == [1.0, 3.0, 5.0, 7.0]
    for mixed in (
        lambda: there + np.ones(4),
        lambda: np.ones(4) * there,
        lambda: place.concat([there, np.ones(4)]),
        lambda: np.asarray(there),
        lambda: there.tolist(),
    ):
        with pytest.raises((TypeError, AttributeError)):
            mixed()
    library = place.wrapped
    assert library.sent == [(4,)]
    assert as_numpy(there).tolist() == [0.0, 1.0, 2.0, 3.0]
    assert library.fetched == [(4,)]
    assert isinstance(library.zeros(3), np.ndarray)
    assert isinstance(place.zeros(3), DeviceArray)


def test_arrays_of_another_library_on_the_device_are_accepted(place: DeviceNamespace) -> None:
    other = DeviceNamespace(FakeDevice(), NAME)
    theirs = other.asarray(np.arange(3.0))
    ours = place.asarray(theirs)
    assert (ours + place.ones(3)).values.tolist() == [1.0, 2.0, 3.0]
    assert to_device_of(ours, theirs).values.tolist() == [0.0, 1.0, 2.0]
    assert to_device_of(ours, ours) is ours
    assert to_device_of(np.ones(1), ours).tolist() == [0.0, 1.0, 2.0]
    assert to_device_of(ours, np.ones(1)).values.tolist() == [1.0]
    assert place.wrapped.fetched == [(3,)]
    assert other.wrapped.fetched == []
