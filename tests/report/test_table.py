from __future__ import annotations

from pathlib import Path

import pytest

from autovoice_core import Audio
from autovoice_core.metrics import Metrics
from autovoice_core.metrics.phones import PhoneRecogniser, edit_distance
from autovoice_core.metrics.sung_share import SungShare
from autovoice_core.report.table import TWO_READERS_PHONE_ERROR, table_rows

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


def test_the_docs_give_the_phone_error_of_two_readers_as_the_report_does() -> None:
    meaning = next(each.meaning for each in table_rows(Metrics()) if each.name == "phone_error")
    assert f"{TWO_READERS_PHONE_ERROR} two people reading the same sentences" in meaning
    page = Path(__file__).parents[2] / "docs" / "report.md"
    assert f"two people reading the same sentences {TWO_READERS_PHONE_ERROR} %" in page.read_text(
        "utf-8"
    )


def test_two_people_who_read_the_same_sentences_have_the_documented_phone_error(
    shared_data: Path,
) -> None:
    pytest.importorskip("pocketsphinx")
    recogniser = PhoneRecogniser()
    said = errors = 0
    for number in ("003", "008", "011", "016", "019", "021", "022"):
        heard = []
        for who in ("p225", "p226"):
            read = Audio.load(shared_data / "voices" / f"vctk_{who}" / f"{who}_{number}.flac")
            heard.append(recogniser.phones(read.resample(RATE).numpy()[0]))
        one, other = heard
        # Each is the reference once.
        said += len(one) + len(other)
        errors += 2 * edit_distance(one, other)
    assert 100 * errors / said == pytest.approx(TWO_READERS_PHONE_ERROR, abs=1)


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
