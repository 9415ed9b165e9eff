"""A song that is processed on a device is sent there once and fetched once."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from on_device import OnDevice

from autovoice_core import (
    Audio,
    AutoVoiceWarning,
    SingingPitchExtractor,
    SingingVoiceConverter,
    VocalSeparator,
    VoiceProfile,
    convert_song,
)
from autovoice_core._arrays import device_name
from autovoice_core._device_arrays import DeviceNamespace
from autovoice_core.backends import Device, Entry, Licence, Need, Offer
from autovoice_core.backends.choice.selection import plan
from autovoice_core.backends.known_devices import kind_of
from autovoice_core.backends.own_devices import OWN_DEVICES
from autovoice_core.backends.plugins.entry import Catalogue
from autovoice_core.backends.plugins.host import Host
from autovoice_core.backends.plugins.registry import Registry, using_registry
from autovoice_core.conversion.retrieval.reference import ReferenceConversionKernels
from autovoice_core.conversion.retrieval.retrieval import Retrieval
from autovoice_core.pitch.nccf.nccf import Nccf
from autovoice_core.pitch.nccf.reference import ReferencePitchKernels
from autovoice_core.separation.wrpca.wrpca import WeightedRobustPCA
from autovoice_core.songs import intermediate
from autovoice_core.synthetic import truth
from autovoice_core.testing.fake_device import NAME, FakeDevice

THERE = Need(devices=("cuda",))
XPU = Device(kind="xpu", probe="on_a_device:has_xpu", dlpack=(14,))


def offer(name: str, kind: str) -> Offer:
    return Offer(
        name=name, load=f"on_a_device:{name}", devices=(kind,), licence=Licence(code="MIT")
    )


@pytest.fixture
def library(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[FakeDevice]:
    """A machine with a fake device, and one backend on it for each operation."""
    kind, code = getattr(request, "param", ("cuda", 2))
    library = FakeDevice(kind, code)
    place = DeviceNamespace(library, library.name)

    def pitch(*, device: str, dtype: str, fmin: float, fmax: float) -> Nccf:
        return Nccf(place, OnDevice(ReferencePitchKernels(), library), fmin=fmin, fmax=fmax)

    def conversion(*, device: str, dtype: str) -> Retrieval:
        return Retrieval(place, OnDevice(ReferenceConversionKernels(), library), library.name)

    module: Any = ModuleType("on_a_device")
    module.separation = lambda *, device, dtype: WeightedRobustPCA(place)
    module.pitch, module.conversion = pitch, conversion
    monkeypatch.setitem(sys.modules, "on_a_device", module)
    entries = [
        Entry(
            f"there/{name}",
            name,
            "there 1.0",
            offer(name, kind),
        )
        for name in ("separation", "pitch", "conversion")
    ]
    host = Host(devices=(kind, "cpu"))
    with using_registry(Registry(Catalogue((*entries,), (), (XPU, *OWN_DEVICES)), host)):
        yield library


def test_a_plan_for_the_device_keeps_all_three_operations_there(library: FakeDevice) -> None:
    found = plan(THERE)
    assert [found.separation.device, found.pitch.device, found.conversion.device] == ["cuda"] * 3


Shapes = list[tuple[int, ...]]


def sounds(shapes: Shapes, audio: Audio) -> Shapes:
    """Return the transfers of a second of sound or more, which are neither tables nor tracks."""
    return [shape for shape in shapes if max(shape) >= audio.sample_rate]


@pytest.mark.parametrize("library", [("cuda", 2), ("xpu", 14)], indirect=True)
def test_sound_on_the_device_is_processed_there(
    library: FakeDevice, short_song: truth.Song, voice: VoiceProfile
) -> None:
    song, kind = short_song.mixture, library.name.partition(":")[0]
    there = Audio(library.asarray(song.samples, device=library.name), song.sample_rate)
    need = Need(devices=(kind,))
    del library.sent[:]
    stems = VocalSeparator(need=need).separate(there)
    pitch = SingingPitchExtractor(need=need).extract(stems.vocals)
    sung = SingingVoiceConverter(need=need).convert(stems.vocals, voice, pitch=pitch, key=0)
    assert sounds(library.fetched, song) == []
    assert sounds(library.sent, song) == []
    for audio in (stems.vocals, stems.accompaniment, sung):
        assert kind_of(audio.samples) == kind
        assert (audio.channels, audio.frames) == (song.channels, song.frames)
    assert [each.operation for each in sung.made_by] == ["separation", "pitch", "conversion"]


@pytest.mark.filterwarnings("ignore:.*turned down")
@pytest.mark.parametrize("key", [0, 3])
def test_a_song_is_sent_once_and_fetched_once(
    library: FakeDevice, song_file: Path, voice: VoiceProfile, tmp_path: Path, key: int
) -> None:
    song = Audio.load(song_file)
    found = convert_song(song_file, voice, tmp_path / "out.wav", need=THERE, key=key)
    assert {each.device for each in found.made_by} == {"cuda"}
    sent, fetched = sounds(library.sent, song), sounds(library.fetched, song)
    assert sent[0] == (2, song.frames)
    assert fetched[-1] == (2, 2, song.frames)  # the vocals, old and new
    if key == 0:
        assert (len(sent), len(fetched)) == (1, 1)
    else:  # tonal residue is shifted on the host
        assert sum(shape[1] for shape in sent[1:]) <= song.frames
        assert sum(shape[1] for shape in fetched[:-1]) <= 2 * song.frames


def test_breaths_are_softened_on_the_device(
    library: FakeDevice, short_song: truth.Song, voice: VoiceProfile
) -> None:
    vocals, pitch = short_song.stems.vocals, short_song.pitch
    there = Audio(library.asarray(vocals.samples, device=NAME), vocals.sample_rate)
    converter = SingingVoiceConverter(need=THERE)
    softened, here = (
        converter.convert(audio, voice, pitch=pitch, key=0, breath="remove")
        for audio in (there, vocals)
    )
    assert device_name(softened.samples) == "cuda"
    np.testing.assert_allclose(softened.numpy(), here.numpy(), atol=1e-4)


def test_a_voice_alone_is_fetched_alone(
    library: FakeDevice, vocal_file: Path, voice: VoiceProfile, tmp_path: Path
) -> None:
    song = Audio.load(vocal_file)
    out = tmp_path / "out.wav"
    convert_song(vocal_file, voice, out, need=THERE, vocals_only=True, key=0)
    assert sounds(library.sent, song) == [(2, song.frames)]
    assert sounds(library.fetched, song) == [(1, 2, song.frames)]


def test_a_song_that_is_too_long_for_the_device_passes_in_windows(
    library: FakeDevice,
    song_file: Path,
    voice: VoiceProfile,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole, parts = tmp_path / "whole.wav", tmp_path / "parts.wav"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AutoVoiceWarning)
        convert_song(song_file, voice, whole, need=THERE)
        monkeypatch.setattr(intermediate, "MAX_DEVICE_BYTES", 1000)
        convert_song(song_file, voice, parts, need=THERE)
    np.testing.assert_allclose(Audio.load(parts).numpy(), Audio.load(whole).numpy(), atol=1e-4)
