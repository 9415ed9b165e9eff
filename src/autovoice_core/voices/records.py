"""Records that a voice profile holds: its range, its recordings and its speaker embedding."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from attrs import cmp_using, field, frozen
from numpy.typing import NDArray

from autovoice_core._arguments import as_instance
from autovoice_core._errors import InputError
from autovoice_core.voices.limits import (
    MAX_DIMENSIONS,
    as_float,
    is_duration,
    is_label,
    is_sha256,
    require_few,
)


def _as_file_name(value: Any) -> Any:
    # A file may be called by bytes that are not text.
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


class F0Range(NamedTuple):
    """The range of a voice: the 5th, 50th and 95th percentile of its f0, in Hz."""

    p5: float
    p50: float
    p95: float


@frozen
class Recording:
    """A recording that a profile was made from: its file's name, SHA-256 and length."""

    name: str = field(converter=_as_file_name, validator=is_label)
    sha256: str = field(validator=is_sha256)
    seconds: float = field(converter=as_float, validator=is_duration)


@frozen
class Embedding:
    """The embedding of a voice by a speaker encoder.

    Attributes
    ----------
    encoder, version
        The encoder, e.g. ``"resemblyzer"``, ``"0.1.4"``; embeddings by different encoders or
        versions can't be compared.
    vector
        ``(dimensions,)`` float32 of length 1.
    """

    encoder: str = field(validator=is_label)
    version: str = field(validator=is_label)
    vector: NDArray[np.float32] = field(repr=False, eq=cmp_using(eq=np.array_equal), hash=False)

    def __attrs_post_init__(self) -> None:
        as_instance("vector", self.vector, np.ndarray, "give the embedding of one speaker")
        if self.vector.ndim != 1 or self.vector.dtype != np.float32:
            raise InputError(
                f"vector: {self.vector.dtype} of shape {self.vector.shape} is not float32 of one "
                "dimension; give the embedding of one speaker"
            )
        require_few("vector", self.vector, MAX_DIMENSIONS, "values")
        if not np.isfinite(self.vector).all():
            raise InputError("vector: not every value is finite; give the embedding of one speaker")

    def similarity(self, other: Embedding) -> float:
        """Return the cosine similarity of two voices, at most 1.

        Raises
        ------
        InputError
            The embeddings come from different encoders or versions.
        """
        as_instance("other", other, Embedding, "give the embedding of another voice")
        if (self.encoder, self.version) != (other.encoder, other.version):
            raise InputError(
                f"embeddings of {self.encoder} {self.version} and {other.encoder} {other.version} "
                "can't be compared; make both with the same encoder"
            )
        return float(self.vector @ other.vector)
