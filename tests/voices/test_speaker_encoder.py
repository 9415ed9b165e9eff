from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from autovoice_core import Audio, AutoVoiceWarning
from autovoice_core.testing import truth
from autovoice_core.voices import speaker_encoder as encoding
from autovoice_core.voices.speaker_encoder import speaker_embedding, speaker_encoder

installed = find_spec("torch") is not None and find_spec("resemblyzer") is not None
needs_encoder = pytest.mark.skipif(not installed, reason="torch and resemblyzer not installed")


@pytest.fixture(autouse=True)
def anew() -> Iterator[None]:
    speaker_encoder.cache_clear()
    yield
    speaker_encoder.cache_clear()


def package_without_weights(folder: Path, weights: bytes | None) -> None:
    (folder / "resemblyzer").mkdir()
    (folder / "resemblyzer" / "__init__.py").write_text("raise SystemExit('imported')")
    (folder / "resemblyzer-0.1.4.dist-info").mkdir()
    (folder / "resemblyzer-0.1.4.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: Resemblyzer\nVersion: 0.1.4\n"
    )
    if weights is not None:
        (folder / "resemblyzer" / "pretrained.pt").write_bytes(weights)


def test_there_is_no_embedding_without_an_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "find_spec", lambda name: None)
    assert speaker_embedding(truth.sing(seconds=2).audio) is None


@pytest.mark.parametrize("weights", [None, b"", b"not weights" * 50])
def test_a_broken_encoder_is_told_of_once_and_left_out(
    weights: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package_without_weights(tmp_path, weights)
    monkeypatch.syspath_prepend(tmp_path)
    if not installed:
        (tmp_path / "torch.py").write_text("raise ImportError('this torch is broken')")
    sound = truth.sing(seconds=2).audio
    with pytest.warns(AutoVoiceWarning, match="^the speaker encoder can't be used") as caught:
        assert speaker_embedding(sound) is None
    assert len(caught) == 1
    assert speaker_embedding(sound) is None
    assert "resemblyzer" not in sys.modules


def test_the_partials_are_those_of_the_encoders_paper() -> None:
    # 1.3 of them a second, each 1.6 s, the last one covered by at least three quarters.
    assert encoding._PARTIAL_STEP == 77
    assert encoding._starts(1) == [0]
    assert encoding._starts(16000 * 3) == [0, 77, 154]
    for samples in range(16000 * 2, 16000 * 8, 1111):
        starts = encoding._starts(samples)
        assert set(np.diff(starts)) == {77}
        assert (samples / 160 - starts[-1]) / 160 >= 0.75
        assert (samples / 160 - starts[-1] - 77) / 160 < 0.75


def test_only_quiet_sound_is_raised() -> None:
    loud = np.full(100, 0.5, np.float32)
    quiet = np.full(100, 0.001, np.float32)
    silent = np.zeros(100, np.float32)
    assert encoding._levelled(loud) is loud
    np.testing.assert_allclose(encoding._levelled(quiet), 10 ** (-30 / 20), rtol=1e-5)
    assert encoding._levelled(silent) is silent


@needs_encoder
def test_an_embedding_has_length_one_and_says_what_made_it() -> None:
    made = speaker_embedding(truth.sing(seconds=3).audio)
    assert made is not None
    assert (made.encoder, made.version) == ("resemblyzer", version("resemblyzer"))
    assert made.vector.shape == (256,)
    assert np.linalg.norm(made.vector) == pytest.approx(1, abs=1e-6)


@needs_encoder
def test_the_callers_threads_are_left_as_they_were() -> None:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        speaker_embedding(truth.sing(seconds=2).audio)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


@needs_encoder
def test_a_singer_is_nearer_to_himself_than_to_another() -> None:
    tenor, again, soprano = (
        speaker_embedding(truth.sing(singer, seconds=8, seed=seed).audio)
        for singer, seed in [(truth.TENOR, 1), (truth.TENOR, 2), (truth.SOPRANO, 1)]
    )
    assert tenor is not None
    assert again is not None
    assert soprano is not None
    assert tenor.similarity(again) > tenor.similarity(soprano) + 0.1


@needs_encoder
@pytest.mark.parametrize("rate", [8000, 16000, 44100])
def test_neither_rate_nor_channels_nor_a_low_level_matter(rate: int) -> None:
    loud = truth.sing(truth.BASS, seconds=4, sample_rate=16000).audio.numpy()
    plain = Audio(0.1 * loud, 16000)
    stereo = Audio(np.repeat(0.01 * loud, 2, axis=0), 16000).resample(rate)
    one, two = speaker_embedding(plain), speaker_embedding(stereo)
    assert one is not None
    assert two is not None
    assert one.similarity(two) > (0.7 if rate == 8000 else 0.99)


@needs_encoder
def test_a_file_larger_than_the_weights_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package_without_weights(tmp_path, b"")
    with (tmp_path / "resemblyzer" / "pretrained.pt").open("wb") as file:
        file.truncate(1 << 40)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.warns(AutoVoiceWarning, match="is larger than expected"):
        assert speaker_encoder() is None


@needs_encoder
@pytest.mark.parametrize("samples", [1, 160, 25_600, 25_601, 37_920, 50_000])
def test_embeddings_are_those_of_the_package_itself(samples: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        package = pytest.importorskip("resemblyzer", exc_type=Exception)
    noise = (0.1 * np.random.default_rng(samples).standard_normal(samples)).astype(np.float32)
    expected = package.VoiceEncoder("cpu", verbose=False).embed_utterance(noise)
    made = speaker_embedding(Audio(noise[np.newaxis], 16_000))
    assert made is not None
    np.testing.assert_allclose(made.vector, expected, atol=1e-6)
