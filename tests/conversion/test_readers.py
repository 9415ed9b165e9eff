"""A voice that was trained elsewhere chooses the converter that reads it, where none is named."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from attrs import evolve
from trained_voices import FEATURES, trained_voices

from autovoice_core import (
    InputError,
    Need,
    NoBackend,
    SingingVoiceConverter,
    VoiceProfile,
    select,
    using,
)
from autovoice_core.backends import Fault, Plugin, catalogue
from autovoice_core.backends.plugins.registry import Registry, using_registry
from autovoice_core.conversion.readers import converter_for, reader_of
from autovoice_core.testing import truth
from autovoice_core.voices.records import Recording


@pytest.fixture
def plugin() -> Iterator[None]:
    with trained_voices():
        yield


@pytest.fixture(scope="module")
def sung() -> truth.Sung:
    return truth.sing(truth.ALTO, seconds=1, sample_rate=16_000, seed=1)


def voice_of(kind: str, **changes: Any) -> VoiceProfile:
    """Return a voice with features of one kind."""
    voice = VoiceProfile(
        name="ana",
        features=FEATURES,
        feature_id=kind,
        f0_range=(110, 200, 330),
        loudness=-20,
        voiced_seconds=0,
        recordings=(),
    )
    return evolve(voice, **changes)


def chosen(voice: VoiceProfile, **options: Any) -> str:
    """Return the backend that converts to a voice."""
    return SingingVoiceConverter(**options).for_voice(voice).chosen.backend


@pytest.mark.usefixtures("plugin")
@pytest.mark.parametrize(("kind", "gain"), [("rvc/1", 0.5), ("rvc/2", 0.25)])
def test_a_voice_of_one_kind_is_sung_by_its_reader(
    sung: truth.Sung, kind: str, gain: float
) -> None:
    converter = SingingVoiceConverter()
    result = converter.convert(sung.audio, voice_of(kind), pitch=sung.pitch, key=0)
    np.testing.assert_allclose(result.numpy(), gain * sung.audio.numpy(), rtol=1e-6)
    assert result.made_by[-1].backend == f"rvc/v{kind[-1]}"
    assert converter.chosen.backend == "reference/retrieval"


@pytest.mark.usefixtures("plugin")
def test_its_choice_is_explained_by_the_voice() -> None:
    engine = SingingVoiceConverter().for_voice(voice_of("rvc/2"))
    assert engine.chosen.explain().splitlines()[:2] == [
        "conversion: rvc/v2 (autovoice-rvc 1.0) on cpu, float32",
        "  rvc/v2 was named by the voice 'ana'",
    ]


@pytest.mark.usefixtures("plugin")
def test_a_voice_of_several_kinds_stays_with_the_best_by_rank() -> None:
    voice = voice_of("rvc/2", more_features={"retrieval/1": FEATURES})
    assert chosen(voice) == "reference/retrieval"


@pytest.mark.usefixtures("plugin")
def test_of_a_voice_of_two_kinds_that_the_best_does_not_read_the_first_reader_is_taken() -> None:
    assert chosen(voice_of("rvc/2", more_features={"rvc/1": FEATURES})) == "rvc/v1"


@pytest.mark.usefixtures("plugin")
def test_a_name_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    voice = voice_of("rvc/2")
    assert chosen(voice, backend="rvc/v1") == "rvc/v1"
    with using(conversion="rvc/v1"):
        assert chosen(voice) == "rvc/v1"
    monkeypatch.setenv("AUTOVOICE_CONVERSION", "reference/retrieval")
    assert chosen(voice) == "reference/retrieval"


@pytest.mark.usefixtures("plugin")
def test_a_converter_that_was_named_refuses_features_that_it_does_not_read(
    sung: truth.Sung,
) -> None:
    converter = SingingVoiceConverter(backend="rvc/v1")
    with pytest.raises(InputError) as caught:
        converter.convert(sung.audio, voice_of("rvc/2"), pitch=sung.pitch)
    assert str(caught.value) == (
        "voice: 'ana' holds features of rvc/2, but rvc/v1 reads rvc/1; name rvc/v2, which reads "
        "rvc/2, or no converter"
    )


@pytest.mark.parametrize("recordings", [(), (Recording("take.wav", "ab" * 32, 9.0),)])
def test_without_its_reader_a_voice_says_what_to_install(
    sung: truth.Sung, recordings: tuple[Recording, ...]
) -> None:
    voice = voice_of("rvc/2", recordings=recordings)
    with pytest.raises(InputError) as caught:
        SingingVoiceConverter().convert(sung.audio, voice, pitch=sung.pitch)
    remedy = (
        "rvc/2 is read by the plugin autovoice-rvc, which is not installed; "
        "`pip install ./plugins/rvc` in the checkout"
    )
    assert str(caught.value) == (
        f"voice: 'ana' holds features of rvc/2, but reference/retrieval reads retrieval/1; {remedy}"
    )
    with pytest.raises(InputError) as caught:
        voice.features_of("retrieval/1")
    assert str(caught.value) == f"'ana' holds features of rvc/2, not of retrieval/1; {remedy}"


def test_a_voice_of_a_plugin_that_is_left_out_says_so() -> None:
    disabled = Fault("mine", "autovoice-mine 1.0", "disabled", "it is not enabled")
    plugins = (Plugin("mine", "autovoice-mine 1.0"),)
    with using_registry(Registry(evolve(catalogue(), faults=(disabled,), plugins=plugins))):
        assert voice_of("mine/1").remedy == (
            "mine/1 is read by the plugin autovoice-mine, which is not enabled; "
            "run `autovoice plugins enable mine`"
        )


def test_a_voice_of_a_plugin_that_nobody_knows_asks_for_one() -> None:
    assert voice_of("mine/1").remedy == "install a plugin that reads mine/1"


@pytest.mark.usefixtures("plugin")
def test_settings_of_the_reader_do_not_hinder_its_choice() -> None:
    with using(settings={"conversion.index_rate": 0.5}):
        assert reader_of(voice_of("rvc/2"), Need(), None) == "rvc/v2"
        assert converter_for(voice_of("rvc/2"), Need()).name == "rvc/v2"


@pytest.mark.usefixtures("plugin")
def test_the_converter_for_a_voice_need_not_work_here() -> None:
    need = Need(devices=("cuda",))
    with using(conversion="rvc/v1"):
        assert converter_for(voice_of("rvc/2"), need).name == "rvc/v1"
    assert converter_for(voice_of("rvc/2"), need).name == "rvc/v2"


def test_there_is_no_converter_for_a_voice_that_none_reads() -> None:
    with trained_voices(), pytest.raises(InputError) as caught:
        converter_for(voice_of("mine/1"), Need())
    assert str(caught.value) == (
        "'ana' holds features of mine/1, not of retrieval/1; install a plugin that reads mine/1"
    )


def test_the_best_that_does_not_say_what_it_reads_is_trusted() -> None:
    with trained_voices(best_reads=()):
        assert chosen(voice_of("rvc/2")) == "reference/retrieval"


def test_what_the_need_asks_for_is_asked_of_the_reader_too() -> None:
    with trained_voices():
        need = Need(max_latency=0.05)
        assert chosen(voice_of("retrieval/1"), need=Need(max_latency=0.1)) == "reference/retrieval"
        with pytest.raises(NoBackend) as caught:
            chosen(voice_of("rvc/2"), need=need)
    assert str(caught.value).startswith(
        "backend 'rvc/v2', named by the voice 'ana', can't serve conversion on cpu, float32, "
        "latency at most 0.05 s: rvc/v2 (autovoice-rvc 1.0) can't stream; "
    )


@pytest.mark.usefixtures("plugin")
def test_a_reader_of_voices_reads_no_other_features(sung: truth.Sung) -> None:
    with pytest.raises(InputError) as caught:
        select("conversion", name="rvc/v2").open().learn([(sung.audio, sung.pitch)])
    assert str(caught.value) == ("recordings: these voices are trained elsewhere; give their files")


def allowed(voice: VoiceProfile, **options: Any) -> str:
    """Return the delay that a stream allows for, as the refusal of one that can't stream says."""
    with pytest.raises(NoBackend) as caught:
        SingingVoiceConverter(**options).stream(voice, 16_000, key=0.0)
    return str(caught.value).partition("latency at most ")[2].partition(":")[0]


@pytest.mark.usefixtures("plugin")
def test_a_stream_of_a_converter_that_is_named_may_be_late() -> None:
    assert allowed(voice_of("rvc/2")) == "2 s"
    assert allowed(voice_of("rvc/2"), backend="rvc/v2") == "2 s"
    with using(conversion="rvc/v2"):
        assert allowed(voice_of("rvc/2")) == "2 s"


@pytest.mark.usefixtures("plugin")
def test_a_stream_keeps_to_the_latency_of_the_need() -> None:
    assert allowed(voice_of("rvc/2"), need=Need(max_latency=0.5)) == "0.5 s"
