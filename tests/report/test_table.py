from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from autovoice_core import Audio
from autovoice_core.metrics import Metrics
from autovoice_core.metrics.phones import PhoneRecogniser, edit_distance
from autovoice_core.metrics.sung_share import SungShare
from autovoice_core.metrics.words import WordRecogniser, tokens_lost
from autovoice_core.report.table import (
    TWO_READERS_PHONE_ERROR,
    TWO_READERS_WORDS_LOST,
    table_rows,
)

RATE = 16_000


def row(name: str, **found: float | None) -> str:
    (figure,) = (each for each in table_rows(Metrics(**found)) if each.name == name)
    return f"{figure.format(figure.value)} | {figure.format(figure.source)}"


def test_figures_are_shown_with_their_units_and_a_sign_where_it_is_meaningful() -> None:
    assert row("key", key=-12.001) == "-12.00 semitones | –"
    assert row("key", key=-0.001) == "0.00 semitones | –"
    assert row("loudness_difference", loudness_difference=2.0) == "+2.0 LU | –"
    assert row("phone_error", phone_error=31.4) == "31 % | –"
    assert row("dnsmos", dnsmos=2.8, dnsmos_reference=2.91) == "2.80 | 2.91"


@pytest.mark.parametrize(
    ("figure", "percent"),
    [("phone_error", TWO_READERS_PHONE_ERROR), ("words_lost", TWO_READERS_WORDS_LOST)],
)
def test_the_docs_give_the_figure_of_two_readers_as_the_report_does(
    figure: str, percent: int
) -> None:
    meaning = next(each.meaning for each in table_rows(Metrics()) if each.name == figure)
    assert f"{percent} two people reading the same sentences" in meaning
    page = (Path(__file__).parents[2] / "docs" / "report.md").read_text("utf-8")
    assert f"two people reading the same sentences {percent} %" in page


def both_readers(shared_data: Path) -> list[list[np.ndarray]]:
    """What each of two readers said, sentence by sentence."""
    numbers = ("003", "008", "011", "016", "019", "021", "022")
    return [
        [
            Audio.load(shared_data / "voices" / f"vctk_{who}" / f"{who}_{number}.flac")
            .resample(RATE)
            .numpy()[0]
            for number in numbers
        ]
        for who in ("p225", "p226")
    ]


def test_two_people_who_read_the_same_sentences_have_the_documented_phone_error(
    shared_data: Path,
) -> None:
    pytest.importorskip("pocketsphinx")
    recogniser = PhoneRecogniser()
    said = errors = 0
    for sentence in zip(*both_readers(shared_data), strict=True):
        one, other = map(recogniser.phones, sentence)
        # Each is the reference once.
        said += len(one) + len(other)
        errors += 2 * edit_distance(one, other)
    assert 100 * errors / said == pytest.approx(TWO_READERS_PHONE_ERROR, abs=1)


def test_two_people_who_read_the_same_sentences_lose_as_many_words_as_documented(
    shared_data: Path,
) -> None:
    pytest.importorskip("ctranslate2")
    recogniser = WordRecogniser()
    said = lost = 0
    for sentence in zip(*both_readers(shared_data), strict=True):
        one, other = (recogniser.transcript(samples).tokens for samples in sentence)
        said += len(one) + len(other)
        lost += tokens_lost(one, other) + tokens_lost(other, one)
    assert 100 * lost / said == pytest.approx(TWO_READERS_WORDS_LOST, abs=1)


def test_how_much_was_converted_comes_first_where_it_is_known() -> None:
    sung = SungShare(9.0, 0.8, 0.15, 0.05, -12.34, None, 0.5, 0.9, None)
    rows = table_rows(Metrics(), sung)
    assert [each.format(each.value) for each in rows[:4]] == ["80 %", "15 %", "5 %", "-12.3 LU"]
    assert {each.group for each in rows[:4]} == {"Singing"}
    assert rows[4:] == table_rows(Metrics())


def test_a_residue_of_silence_has_no_row() -> None:
    sung = SungShare(9.0, 1.0, 0.0, 0.0, None, None, 0.5, 0.9, None)
    names = [each.name for each in table_rows(Metrics(), sung)]
    assert names[:4] == ["converted", "shifted", "unvoiced", "similarity_to_target"]
