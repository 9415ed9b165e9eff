"""The arithmetic that tells progress from chance."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from scripts import scripts_of

FOLDER = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def compare() -> Iterator[ModuleType]:
    with scripts_of(FOLDER):
        import compare_runs

        yield compare_runs


def rows(*figures: float, **more: Any) -> list[dict[str, Any]]:
    return [
        {"pair": f"a, {i % 3}", "sentence": str(i), "by": "ours", "margin": figure, **more}
        for i, figure in enumerate(figures)
    ]


def run(
    compare: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *runs: Any, more: Any = ()
) -> None:
    files = []
    for name, found in zip(("before", "after"), runs, strict=True):
        files.append(tmp_path / f"{name}.json")
        files[-1].write_text(json.dumps(found))
    monkeypatch.setattr(sys, "argv", ["compare_runs.py", *map(str, [*files, *more])])
    compare.main()


def test_counts_are_taken_together_and_values_averaged(compare: ModuleType) -> None:
    assert compare.figure(np.array([1.0, 2.0, 6.0])) == 3
    assert compare.figure(np.array([[1.0, 4.0], [2.0, 20.0]])) == 12.5
    weights = np.array([[2.0, 0.0], [0.0, 2.0]])
    np.testing.assert_allclose(
        compare.figure(np.array([[1.0, 4.0], [2.0, 20.0]]), weights), [25, 10]
    )


def test_rows_are_paired_by_what_was_converted_whatever_their_order(compare: ModuleType) -> None:
    before, after = rows(1, 2, 3), rows(4, 5, 6)[::-1][:2]
    found = [(one["margin"], other["margin"]) for one, other in compare.paired(before, after)]
    assert found == [(2, 5), (3, 6)]


def test_a_draw_has_as_many_units_as_there_are_and_keeps_a_unit_together(
    compare: ModuleType,
) -> None:
    counts = compare.drawn(["a", "b", "a", "c"], 500)
    assert counts.shape == (500, 4)
    np.testing.assert_array_equal(counts[:, 0], counts[:, 2])
    np.testing.assert_array_equal(counts[:, [0, 1, 3]].sum(axis=1), 3)
    assert counts.mean(axis=0) == pytest.approx(1, abs=0.15)


def test_the_interval_is_that_of_the_mean_of_paired_differences(compare: ModuleType) -> None:
    rng = np.random.default_rng(1)
    # Voices differ far more than the runs do: unpaired, nothing could be said.
    before = rng.normal(0, 10, 400)
    apart = rng.normal(0.5, 1, 400)
    found, low, high = compare.difference(before, before + apart, compare.drawn(range(400), 4000))
    assert found == pytest.approx(apart.mean())
    error = apart.std() / np.sqrt(400)
    assert low == pytest.approx(found - 1.96 * error, abs=0.2 * error)
    assert high == pytest.approx(found + 1.96 * error, abs=0.2 * error)


def test_drawing_whole_pairs_widens_the_interval_where_their_sentences_agree(
    compare: ModuleType,
) -> None:
    before, after = np.zeros(90), np.repeat([0.0, 1.0, 2.0], 30)
    widths = []
    for units in (range(90), np.repeat([0, 1, 2], 30).tolist()):
        _, low, high = compare.difference(before, after, compare.drawn(units, 2000))
        widths.append(high - low)
    assert widths[1] > 4 * widths[0]


def test_the_table_says_which_differences_are_more_than_chance(
    compare: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    noise = np.random.default_rng(2).normal(0, 0.1, 40)
    before = [row | {"words_lost": [5, 20]} for row in rows(*noise)]
    after = [row | {"words_lost": [4, 20]} for row in rows(*noise[::-1])]
    run(compare, monkeypatch, tmp_path, before, after)
    _, _, margin, words = capsys.readouterr().out.splitlines()
    assert margin.startswith("| ours | margin |")
    assert margin.endswith("| 40 |  |")
    assert words == "| ours | words_lost | 25.000 | 20.000 | -5.000 | -5.000 to -5.000 | 40 | yes |"
    run(compare, monkeypatch, tmp_path, before, after, more=["--draw", "pair"])
    assert capsys.readouterr().out.splitlines()[-1].endswith("| 3 | too few to tell |")


def test_runs_without_a_conversion_in_common_are_refused(
    compare: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        run(compare, monkeypatch, tmp_path, rows(1), [])
    assert capsys.readouterr().err.endswith(
        f"error: {tmp_path / 'after.json'}: no conversion of {tmp_path / 'before.json'} is in it; "
        "run both with the same voices and sources\n"
    )


def test_what_only_one_run_has_is_told(
    compare: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run(compare, monkeypatch, tmp_path, rows(1, 2, 3, cents=1), rows(1, 2))
    assert capsys.readouterr().out.splitlines()[-2:] == [
        "left out: only one run has cents",
        "left out: 1 rows are in one run only",
    ]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1); "
         "give a file that --json wrote"),
        ('{"x": 1}', "it is not a list of conversions; give a file that --json wrote"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_run_is_refused(
    compare: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    written: str,
    said: str,
) -> None:
    path = tmp_path / "run.json"
    path.write_text(written)
    monkeypatch.setattr(sys, "argv", ["compare_runs.py", str(path), str(path)])
    with pytest.raises(SystemExit):
        compare.main()
    assert capsys.readouterr().err.endswith(f"error: {path}: {said}\n")


def test_no_draws_are_refused(
    compare: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        run(compare, monkeypatch, tmp_path, rows(1), rows(1), more=["--draws", "0"])
    assert capsys.readouterr().err.endswith(
        "error: --draws: 0 is not a number of draws; give 1 or more\n"
    )
