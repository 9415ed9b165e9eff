"""Weights that are in the store, compared with their pinned hash before they are used."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from autovoice_core._arguments import as_text
from autovoice_core._errors import ModelError
from autovoice_core._regular_files import open_regular
from autovoice_core._types import Progress
from autovoice_core.backends.weights import Weights
from autovoice_core.models.checksum import file_fault, hash_fault, size_fault
from autovoice_core.models.listing import find


def path(weights: str | Weights) -> Path:
    """Return the file of weights that are in the store.

    Raises
    ------
    ModelError
        They are unknown, or not in the store.
    """
    weights = resolve(weights)
    if not weights.is_here():
        raise ModelError(
            f"the weights {weights} are not in {weights.place}; "
            f"run `autovoice models get {weights.name}`"
        )
    return weights.place


def verify(weights: str | Weights, *, progress: Progress | None = None) -> Path:
    """Return the file of weights after comparing it with the pinned hash.

    A file may change after that: :func:`read` returns the very bytes that were compared.

    Raises
    ------
    ModelError
        They are unknown, not in the store, or damaged.
    """
    weights = resolve(weights)
    file = path(weights)
    _require(file_fault(file, weights, progress), weights)
    return file


def read(weights: str | Weights) -> bytes:
    """Return the content of weights after comparing it with the pinned hash.

    Raises
    ------
    ModelError
        They are unknown, not in the store, or damaged.
    """
    weights = resolve(weights)
    try:
        with open_regular(path(weights)) as stream:
            _require(size_fault(stream, weights), weights)
            content = stream.read(weights.size)
    except OSError as error:
        _require(f"can't be read ({error.strerror})", weights)
    _require(hash_fault(sha256(content).hexdigest(), weights), weights)
    return content


def _require(fault: str | None, weights: Weights) -> None:
    if fault:
        raise ModelError(
            f"{weights.place} {fault}; "
            f"run `autovoice models get {weights.name}` to download it again"
        )


def resolve(weights: str | Weights) -> Weights:
    """Return the record of weights that are given by name or by record."""
    if isinstance(weights, Weights):
        return weights
    return find(as_text("weights", weights, example="swiftf0")).weights
