from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from autovoice_core import Audio
from autovoice_core.testing import truth
from autovoice_core.voices import speaker_encoder as encoding
from autovoice_core.voices.speaker_encoder import SpeakerEncoder, speaker_embedding
from autovoice_core.voices.speaker_network import utterance_embeddings

SHORT = [(1, 1.0), (2, 2.5), (3, 3.0)]
"""Seeds and seconds of stretches of fewer partials than a batch."""


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


def test_an_embedding_has_length_one_and_says_what_made_it() -> None:
    made = speaker_embedding(truth.sing(seconds=3).audio)
    assert (made.encoder, made.version) == ("resemblyzer", "0.1.4")
    assert made.vector.shape == (256,)
    assert np.linalg.norm(made.vector) == pytest.approx(1, abs=1e-6)


def test_nothing_has_no_embedding() -> None:
    assert SpeakerEncoder().embedding_of([]) is None


def test_stretches_are_embedded_together_as_each_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    stretches = [truth.sing(seconds=seconds, seed=seed).audio for seed, seconds in SHORT]
    alone = [SpeakerEncoder().partials(audio).sum(axis=0) for audio in stretches]
    batches = []

    def embedded(mels: np.ndarray) -> np.ndarray:
        batches.append(len(mels))
        return utterance_embeddings(mels)

    monkeypatch.setattr(encoding, "utterance_embeddings", embedded)
    together = SpeakerEncoder().partials_sum(stretches)
    assert len(batches) == 1
    assert together is not None
    np.testing.assert_allclose(together, np.sum(alone, axis=0), atol=1e-5)


def test_embedding_a_voice_imports_no_large_package() -> None:
    script = (
        "import sys; from autovoice_core.testing import truth; "
        "from autovoice_core.voices.speaker_encoder import speaker_embedding; "
        "speaker_embedding(truth.sing(seconds=2).audio); "
        "print(sorted({'torch', 'onnxruntime', 'resemblyzer'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert result.stdout == "[]\n", result.stderr


def test_a_singer_is_nearer_to_himself_than_to_another() -> None:
    tenor, again, soprano = (
        speaker_embedding(truth.sing(singer, seconds=8, seed=seed).audio)
        for singer, seed in [(truth.TENOR, 1), (truth.TENOR, 2), (truth.SOPRANO, 1)]
    )
    assert tenor.similarity(again) > tenor.similarity(soprano) + 0.1


@pytest.mark.parametrize("rate", [8000, 16000, 44100])
def test_neither_rate_nor_channels_nor_a_low_level_matter(rate: int) -> None:
    loud = truth.sing(truth.BASS, seconds=4, sample_rate=16000).audio.numpy()
    plain = Audio(0.1 * loud, 16000)
    stereo = Audio(np.repeat(0.01 * loud, 2, axis=0), 16000).resample(rate)
    similarity = speaker_embedding(plain).similarity(speaker_embedding(stereo))
    assert similarity > (0.7 if rate == 8000 else 0.99)


def test_embeddings_are_those_of_the_package_that_the_weights_are_from() -> None:
    noise = 0.1 * np.random.default_rng(50_000).standard_normal((1, 50_000))
    made = speaker_embedding(Audio(noise.astype(np.float32), 16_000))
    # The largest elements of what resemblyzer 0.1.4 and torch give.
    largest = {120: 0.2277, 159: 0.1993, 168: 0.1834, 10: 0.1822, 137: 0.1746, 15: 0.1689}
    for element, value in largest.items():
        assert made.vector[element] == pytest.approx(value, abs=0.001)
