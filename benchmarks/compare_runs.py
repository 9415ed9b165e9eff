"""Two runs of a benchmark, and whether they differ by more than chance: a paired bootstrap.

``python benchmarks/compare_runs.py BEFORE.json AFTER.json [--draw COLUMN] [--draws COUNT]``

The files are those of ``parallel.py --json`` and ``conversion.py --json``. Rows are paired by what
was converted and how. Conversions are then drawn with replacement, the same ones of both runs
(B. Efron and R. Tibshirani, "An introduction to the bootstrap", 1993): the interval holds 95 % of
the differences that such draws have. Where it holds 0, the difference may be chance. ``--draw``
draws all conversions with one value of a column together, ``pair``, ``sentence``, ``source`` or
``voice``: what is alike within it then can't pass for proof.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from figures import figure, values
from numpy.typing import NDArray

IDENTITY = ("pair", "sentence", "source", "voice", "by")
NOT_MEASURED = (*IDENTITY, "key")
SEED = 0
LEAST_DRAWN = 6
"""Fewer agree by chance: five differences have one sign in one of 16 runs."""

Row = dict[str, Any]
Difference = tuple[float, float, float]


def identity(row: Row) -> tuple[Any, ...]:
    """Return what was converted and how."""
    return tuple(row.get(name) for name in IDENTITY)


def paired(before: Sequence[Row], after: Sequence[Row]) -> list[tuple[Row, Row]]:
    """Return the rows of both runs that are of the same conversion, in the order of the first."""
    found = {identity(row): row for row in after}
    return [(row, found[identity(row)]) for row in before if identity(row) in found]


def drawn(units: Sequence[Hashable], draws: int) -> NDArray[np.float64]:
    """Return how often each row counts in each draw, ``(draws, rows)``.

    Rows of one unit are drawn together; a draw has as many units as there are.
    """
    different = list(dict.fromkeys(units))
    among = len(different)
    counts = np.random.default_rng(SEED).multinomial(among, np.full(among, 1 / among), draws)
    return counts[:, [different.index(unit) for unit in units]].astype(np.float64)


def difference(
    before: NDArray[np.float64], after: NDArray[np.float64], weights: NDArray[np.float64]
) -> Difference:
    """Return the figure of ``after`` less that of ``before``, and the ends of its interval.

    Parameters
    ----------
    before, after
        The same rows, as :func:`figures.values` returns them.
    weights
        ``(draws, rows)``, of :func:`drawn`.
    """
    apart = figure(after, weights) - figure(before, weights)
    low, high = np.nanpercentile(apart, [2.5, 97.5])
    return float(figure(after) - figure(before)), float(low), float(high)


def comparison(pairs: Sequence[tuple[Row, Row]], draw: str | None, draws: int) -> list[str]:
    """Return the lines of the table for the conversions by one method."""
    lines = []
    columns = [name for name in pairs[0][0] if name not in NOT_MEASURED]
    for column in columns:
        both = [pair for pair in pairs if column in pair[0] and column in pair[1]]
        if not both:
            continue
        units = [one.get(draw) if draw else identity(one) for one, _ in both]
        before, after = (values(rows, column) for rows in zip(*both, strict=True))
        apart, low, high = difference(before, after, drawn(units, draws))
        verdict = "" if low <= 0 <= high else "yes"
        if len(set(units)) < LEAST_DRAWN:
            verdict = "too few to tell"
        cells = (figure(before), figure(after), apart)
        numbers = " | ".join(f"{number:.3f}" for number in cells)
        name, count = pairs[0][0].get("by", ""), len(set(units))
        lines.append(
            f"| {name} | {column} | {numbers} | {low:+.3f} to {high:+.3f} | {count} | {verdict} |"
        )
    return lines


def rows_of(path: Path) -> list[Row]:
    """Return the rows of a run.

    Raises
    ------
    ValueError
        The file can't be read, or is not a benchmark's.
    """
    try:
        rows = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise ValueError(f"{path}: {error}; give a file that --json wrote") from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError(f"{path}: it is not a list of conversions; give a file that --json wrote")
    return rows


def left_out(before: Sequence[Row], after: Sequence[Row], pairs: int) -> list[str]:
    """Return what only one of the runs has, in words."""
    columns = [dict.fromkeys(name for row in rows for name in row) for rows in (before, after)]
    lines = [f"only one run has {name}" for name in columns[0] if name not in columns[1]]
    lines += [f"only one run has {name}" for name in columns[1] if name not in columns[0]]
    unpaired = len(before) + len(after) - 2 * pairs
    return lines + ([f"{unpaired} rows are in one run only"] if unpaired else [])


def main() -> None:
    """Compare two runs and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("--draw", choices=IDENTITY[:-1], help="what is drawn as a whole")
    parser.add_argument("--draws", type=int, default=10_000, metavar="COUNT")
    options = parser.parse_args()
    if options.draws < 1:
        parser.error(f"--draws: {options.draws} is not a number of draws; give 1 or more")
    try:
        before, after = (rows_of(path) for path in (options.before, options.after))
    except ValueError as error:
        parser.error(str(error))
    pairs = paired(before, after)
    if not pairs:
        parser.error(
            f"{options.after}: no conversion of {options.before} is in it; "
            "run both with the same voices and sources"
        )
    print("| by | column | before | after | difference | 95 % | drawn | more than chance |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for by in dict.fromkeys(one.get("by") for one, _ in pairs):
        part = [pair for pair in pairs if pair[0].get("by") == by]
        print("\n".join(comparison(part, options.draw, options.draws)))
    for line in left_out(before, after, len(pairs)):
        print(f"left out: {line}")


if __name__ == "__main__":
    main()
