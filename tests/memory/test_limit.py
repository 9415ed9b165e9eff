from __future__ import annotations

import math

import pytest

from autovoice_core import InputError, VocalSeparator
from autovoice_core.memory.limit import MemoryLimit, format_memory, parse_memory


@pytest.mark.parametrize(
    ("amount", "size"),
    [
        ("2 GB", 2_000_000_000),
        ("512MiB", 512 << 20),
        ("1.5 gb", 1_500_000_000),
        (" .5 TB ", 500_000_000_000),
        ("3 kiB", 3072),
        ("7 B", 7),
        (2_000_000_000, 2_000_000_000),
        (2e9, 2_000_000_000),
    ],
)
def test_amounts_are_read_as_users_write_them(amount: str | float, size: int) -> None:
    assert parse_memory(amount) == size


@pytest.mark.parametrize(
    ("amount", "message"),
    [
        ("much", "'much' is not an amount of memory; give for example '2 GB'"),
        (
            "x" * 5000,
            "an object of type str is not an amount of memory; give for example '2 GB'",
        ),
        ("-2 GB", "'-2 GB' is not an amount of memory; give for example '2 GB'"),
        ("2", "'2' has no unit; give for example '2 GB' or '512 MiB'"),
        ("2 apples", "'apples' is not a unit of memory; give kB, MB, GB, TB, KiB, MiB, GiB or TiB"),
        ("0 GB", "'0 GB' is not an amount of memory; give one byte or more"),
        (-1, "-1 is not an amount of memory; give one byte or more"),
        (math.inf, "inf is not an amount of memory; give one byte or more"),
        (math.nan, "nan is not an amount of memory; give one byte or more"),
    ],
)
def test_what_is_no_amount_is_refused(amount: str | float, message: str) -> None:
    with pytest.raises(InputError) as caught:
        VocalSeparator(memory_limit=amount)
    assert str(caught.value) == f"memory_limit: {message}"


def test_the_environment_sets_a_limit_that_an_argument_overrides(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert MemoryLimit.from_argument(None) is None
    monkeypatch.setenv("AUTOVOICE_MEMORY_LIMIT", " 1 GB ")
    assert MemoryLimit.from_argument(None) == MemoryLimit(10**9, "AUTOVOICE_MEMORY_LIMIT")
    assert MemoryLimit.from_argument("2 GB") == MemoryLimit(2 * 10**9, "memory_limit")
    monkeypatch.setenv("AUTOVOICE_MEMORY_LIMIT", "")
    assert MemoryLimit.from_argument(None) is None


def test_a_wrong_environment_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOVOICE_MEMORY_LIMIT", "plenty")
    with pytest.raises(InputError) as caught:
        VocalSeparator()
    assert str(caught.value) == (
        "AUTOVOICE_MEMORY_LIMIT: 'plenty' is not an amount of memory; give for example '2 GB'"
    )


def test_sizes_are_written_in_the_unit_that_suits() -> None:
    assert [format_memory(size) for size in (1.23e9, 4.56e8)] == ["1.23 GB", "456 MB"]
