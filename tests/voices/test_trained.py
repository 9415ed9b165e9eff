"""Voices that another program trained: a plugin reads them, recordings or notes tell the rest."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from trained_voices import ABOUT, FEATURES, trained_voices

from autovoice_core import (
    Audio,
    BackendError,
    InputError,
    UnknownBackend,
    VoiceProfile,
    VoiceProfileStorage,
    using,
)
from autovoice_core.testing import truth

MODEL, INDEX = Path("ana.pth"), Path("of/ana.index")
FROM_NONE = (
    "recordings: 'ana' was made from none, so no other converter can learn it; make a voice of "
    "another name from recordings"
)


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The working folder holds a model, and another one an index."""
    monkeypatch.chdir(tmp_path)
    MODEL.write_bytes(b"weights")
    INDEX.parent.mkdir()
    INDEX.write_bytes(b"vectors")


@pytest.fixture
def plugin() -> Iterator[None]:
    """The plugin is installed, and the tracker is one that is quick to open."""
    with trained_voices(), using(pitch="reference/nccf"):
        yield


@pytest.fixture(scope="module")
def take() -> Audio:
    return truth.sing(truth.ALTO, seconds=12, sample_rate=16_000, seed=4).audio


def refused(kind: type[Exception] = InputError, model: Any = MODEL, **options: Any) -> str:
    with pytest.raises(kind) as caught:
        VoiceProfile.from_rvc(model, name="ana", **{"f0_range": (110, 330), **options})
    return str(caught.value)


@pytest.mark.usefixtures("plugin")
def test_a_voice_of_a_range_needs_no_recording() -> None:
    done: list[float] = []
    voice = VoiceProfile.from_rvc(
        MODEL, name="ana", f0_range=(110, 330), consent="hers", progress=done.append
    )
    assert voice.feature_ids == ("rvc/2",)
    np.testing.assert_array_equal(voice.features["weights"], FEATURES["weights"])
    np.testing.assert_allclose(voice.f0_range, (110, sqrt(110 * 330), 330))
    assert (voice.loudness, voice.voiced_seconds) == (-20, 0)
    assert (voice.recordings, voice.made_by, voice.embedding, voice.heard) == ((), (), None, None)
    assert (voice.consent, voice.provenance, voice.missing) == ("hers", ABOUT, ())
    assert done == [1.0]


@pytest.mark.usefixtures("plugin")
def test_files_are_given_as_paths_and_what_they_say_follows_what_is_said() -> None:
    voice = VoiceProfile.from_rvc(
        str(MODEL), index=str(INDEX), name="ana", f0_range=(110, 330), provenance="a gift"
    )
    assert voice.provenance == f"a gift\n{ABOUT}\nindex: ana.index"


@pytest.mark.usefixtures("plugin")
def test_recordings_tell_the_range_the_loudness_and_the_sound(take: Audio) -> None:
    done: list[float] = []
    voice = VoiceProfile.from_rvc(MODEL, name="ana", recordings=take, progress=done.append)
    learnt = VoiceProfile.from_recordings(take, name="ana")
    for name in ("f0_range", "loudness", "voiced_seconds", "recordings", "embedding"):
        assert getattr(voice, name) == getattr(learnt, name), name
    assert learnt.missing
    assert not voice.missing  # no recording makes it any better
    assert voice.feature_ids == ("rvc/2",)
    assert [each.backend for each in voice.made_by] == ["reference/nccf"]
    assert done[-1] == 1
    assert done == sorted(done)


@pytest.mark.usefixtures("plugin")
def test_a_trained_voice_is_kept_whole(storage: VoiceProfileStorage, tmp_path: Path) -> None:
    voice = VoiceProfile.from_rvc(MODEL, name="ana", f0_range=(110, 330))
    storage.add(voice)
    assert storage.get("ana") == voice
    storage.export("ana", tmp_path / "ana.voice")
    assert storage.import_(tmp_path / "ana.voice", replace=True) == voice


@pytest.mark.usefixtures("plugin")
def test_recordings_of_too_little_are_refused(take: Audio) -> None:
    assert refused(recordings=take[:3.0], f0_range=None) == (
        "recordings: only 2.4 s of voiced sound were found in 1 recording; a voice needs at least "
        "8 s, so add recordings of the voice alone"
    )


@pytest.mark.usefixtures("plugin")
def test_neither_recordings_nor_a_range_are_refused() -> None:
    assert refused(f0_range=None) == (
        "recordings, f0_range: a trained voice does not say how high it sings; give a recording of "
        "it, or its lowest and highest usual note in Hz, for example f0_range=(110, 330)"
    )


@pytest.mark.usefixtures("plugin")
def test_recordings_and_a_range_are_refused(take: Audio) -> None:
    assert refused(recordings=take) == (
        "f0_range, recordings: the recordings tell the range; omit f0_range"
    )


@pytest.mark.usefixtures("plugin")
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"model": 3}, "model: 3 is not a path"),
        ({"index": b"\0"}, "index: "),
        ({"consent": 3}, "consent: 3 is not text; give for example 'hers, by letter'"),
        ({"provenance": 3}, "provenance: 3 is not text; give for example 'her own training'"),
        ({"need": "cpu"}, "need: 'cpu' is not a Need"),
        ({"progress": 3}, "progress: 3 "),
    ],
)
def test_other_arguments_are_named(options: dict[str, Any], message: str) -> None:
    assert refused(**options).startswith(message)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"model": "no.pth"},
            "no.pth: can't be read (No such file or directory); check the path",
        ),
        (
            {"index": "no.index"},
            "no.index: can't be read (No such file or directory); check the path",
        ),
        ({"model": "empty"}, "empty: is empty; download it again"),
        ({"index": "empty"}, "empty: is empty; download it again"),
        ({"index": "of"}, "of: is a folder, no index; give the .index file in it"),
        (
            {"model": "https://voices.example/ana.pth"},
            "https://voices.example/ana.pth: is an address; download the file first, and give its "
            "path",
        ),
        (
            {"index": Path("HTTP://voices.example/ana.index")},
            "HTTP://voices.example/ana.index: is an address; download the file first, and give "
            "its path",
        ),
    ],
)
def test_files_that_are_not_there_are_refused_before_the_reader_is_imported(
    options: dict[str, Any], message: str
) -> None:
    Path("empty").touch()
    with trained_voices("not_there"):
        assert refused(**options) == message


def test_an_argument_that_there_is_not_is_said_of_the_method() -> None:
    with pytest.raises(TypeError) as caught:
        VoiceProfile.from_rvc(MODEL, name="ana", pitch=1)  # type: ignore[call-arg]
    assert str(caught.value).partition("'. ")[0].rstrip("'") == (
        "FromFiles.from_rvc() got an unexpected keyword argument 'pitch"
    )


def test_without_the_plugin_its_package_is_named() -> None:
    assert refused(UnknownBackend) == (
        "voices of RVC are read by the plugin autovoice-rvc, which is not installed; "
        "`pip install ./plugins/rvc` in the checkout"
    )


@pytest.mark.parametrize("version", [1, 2])
def test_the_voice_of_any_converter_of_the_plugin_is_taken(version: int) -> None:
    with trained_voices(f"read_version_{version}"):
        voice = VoiceProfile.from_rvc(MODEL, name="ana", f0_range=(110, 330))
    assert voice.feature_ids == (f"rvc/{version}",)


@pytest.mark.parametrize("reader", ["read_version_3", "read_nothing"])
def test_a_reader_that_returns_something_else_is_blamed(reader: str) -> None:
    with trained_voices(reader):
        assert refused(BackendError) == (
            "rvc/v1 (autovoice-rvc 1.0) broke its contract: what it read from ana.pth is no "
            "TrainedVoice of the features that it reads, rvc/1, rvc/2"
        )


def test_a_reader_that_fails_is_blamed() -> None:
    with trained_voices("fail"):
        assert refused(BackendError) == (
            "rvc/v1 (autovoice-rvc 1.0) could not read ana.pth: ValueError: the file is odd"
        )


def test_a_refusal_of_a_reader_is_passed_on() -> None:
    with trained_voices("refuse"):
        assert refused() == "ana.pth: is no voice; give another file"


def test_an_interrupt_while_a_voice_is_read_is_no_fault_of_the_plugin(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted(model: Path, index: Path | None) -> None:
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(sys.modules["trained_voices"], "fail", interrupted)
    with trained_voices("fail"), pytest.raises(KeyboardInterrupt):
        VoiceProfile.from_rvc(MODEL, name="ana", f0_range=(110, 330))


@pytest.mark.usefixtures("plugin")
def test_a_voice_that_was_made_from_no_recording_learns_from_none(take: Audio) -> None:
    ana = VoiceProfile.from_rvc(MODEL, name="ana", f0_range=(110, 330))
    with pytest.raises(InputError) as caught:
        ana.learn(take)
    assert str(caught.value) == FROM_NONE


@pytest.mark.usefixtures("plugin")
def test_a_voice_in_the_storage_that_was_made_from_no_recording_learns_from_none(
    storage: VoiceProfileStorage,
) -> None:
    storage.add(VoiceProfile.from_rvc(MODEL, name="ana", f0_range=(110, 330)))
    with pytest.raises(InputError) as caught:
        storage.learn("ana")
    assert str(caught.value) == FROM_NONE
