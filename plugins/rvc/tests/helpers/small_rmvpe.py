"""RMVPE with every layer of the true network but little of each, and files of its weights."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import torch
from random_rvc import random_rmvpe

from autovoice_core import models
from autovoice_core.backends import Weights
from autovoice_rvc.networks import rmvpe
from autovoice_rvc.rmvpe import RmvpeTracker, open_weights


@contextmanager
def small_sizes() -> Iterator[None]:
    """Let networks that are made be small ones."""
    with mock.patch.multiple(rmvpe, CHANNELS=(2, 4, 8, 16, 32), RECURRENT=16):
        yield


def small_network(seed: int = 0) -> rmvpe.Rmvpe:
    """Return a small network with random weights."""
    with small_sizes():
        return rmvpe.Rmvpe.from_arrays(random_rmvpe(seed))


def open_small(weights: Weights, *arguments: Any) -> RmvpeTracker:
    """Return the tracker of the weights of a small network; see ``open_weights``."""
    with small_sizes():
        return open_weights(weights, *arguments)


def written() -> bytes:
    """Return the file of a small network, a plain archive of torch like the published one."""
    with small_sizes():
        arrays = random_rmvpe(0)
    file = io.BytesIO()
    torch.save({name: torch.from_numpy(array) for name, array in arrays.items()}, file)
    return file.getvalue()


def kept(body: bytes, folder: Path) -> Weights:
    """Return weights of these bytes, that are in their place."""
    source = folder / "written"
    source.write_bytes(body)
    weights = Weights(
        name="toy/rmvpe",
        url="https://example.org/rmvpe.pt",
        size=len(body),
        sha256=hashlib.sha256(body).hexdigest(),
        licence="CC0-1.0",
        format="torch",
    )
    models.get(weights, source=source)
    source.unlink()
    return weights
