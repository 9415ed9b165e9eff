"""An error's causes, and whether a full disk is among them."""

from __future__ import annotations

import errno

import pytest

from autovoice_core._causes import causes, is_disk_full


def handled(cause: BaseException, error: BaseException, *, told: bool) -> BaseException:
    """Return an error that was raised while another was handled, and ``told`` to come from it."""
    try:
        try:
            raise cause
        except type(cause) as caught:
            if told:
                raise error from caught
            raise error  # noqa: B904
    except type(error) as caught:
        return caught


def test_an_error_is_followed_to_what_it_was_raised_from() -> None:
    first, second = KeyError("a"), ValueError("b")
    assert list(causes(handled(first, second, told=True))) == [second, first]


def test_what_was_being_handled_counts_if_asked_for() -> None:
    first, second = KeyError("a"), ValueError("b")
    error = handled(first, second, told=False)
    assert list(causes(error)) == [second]
    assert list(causes(error, contexts=True)) == [second, first]


def test_errors_that_caused_one_another_are_each_told_once() -> None:
    first, second = KeyError("a"), ValueError("b")
    first.__cause__, second.__cause__ = second, first
    assert list(causes(first)) == [first, second]


def test_no_error_has_no_causes() -> None:
    assert list(causes(None)) == []


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("told", [True, False])
def test_a_full_disk_is_found_among_the_causes(number: int, *, told: bool) -> None:
    error = handled(OSError(number, "full"), RuntimeError("can't write"), told=told)
    assert is_disk_full(error) is told
    assert is_disk_full(error, contexts=True)


def test_another_error_of_the_system_is_no_full_disk() -> None:
    assert not is_disk_full(OSError(errno.EACCES, "no rights"), contexts=True)
