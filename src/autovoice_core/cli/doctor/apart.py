"""Standard output kept for what doctor itself prints, whatever plugins write to it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_OUT, _ERR = 1, 2


@contextmanager
def output_apart() -> Iterator[None]:
    """Send to standard error what is written within, by code outside Python too."""
    try:
        _flush()
        kept = os.dup(_OUT)
    except OSError:  # there is no standard output
        yield
        return
    try:
        os.dup2(_ERR, _OUT)
        yield
    finally:
        _flush()
        os.dup2(kept, _OUT)
        os.close(kept)


def _flush() -> None:
    for stream in (sys.stdout, sys.__stdout__):
        if stream is not None and not stream.closed:
            stream.flush()
