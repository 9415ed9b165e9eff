"""The protocol of streams: sound that is processed block by block."""

from __future__ import annotations

from typing import Protocol, TypeVar

from autovoice_core._types import Audio

T_co = TypeVar("T_co", covariant=True)


class Stream(Protocol[T_co]):
    """Processing of audio block by block.

    The output does not depend on the blocks' lengths, agrees with that of a whole file, and is
    complete ``latency`` seconds after the input that it describes.
    """

    latency: float

    def feed(self, block: Audio) -> T_co:
        """Take in a block of any length and return the output that is complete."""

    def flush(self) -> T_co:
        """Return the rest of the output and end the stream."""
