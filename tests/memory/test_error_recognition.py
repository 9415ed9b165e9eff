from __future__ import annotations

import pytest

from autovoice_core import BackendError
from autovoice_core.memory.error_recognition import is_out_of_memory


class OutOfMemoryError(RuntimeError):
    """Named as those of CuPy and torch are."""


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (MemoryError(), True),
        (OutOfMemoryError("cuda"), True),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"), True),
        (RuntimeError("CUFFT_ALLOC_FAILED"), True),
        (RuntimeError("a shape"), False),
        (ValueError("out of memory"), False),
    ],
)
def test_running_out_of_memory_is_recognised_in_every_library(error: Exception, says: bool) -> None:
    assert is_out_of_memory(error) is says
    outer = BackendError("it failed")
    outer.__cause__ = error
    assert is_out_of_memory(outer) is says


def test_errors_that_caused_each_other_are_read_once() -> None:
    first, second = ValueError("first"), ValueError("second")
    first.__cause__, second.__cause__ = second, first
    assert not is_out_of_memory(first)
