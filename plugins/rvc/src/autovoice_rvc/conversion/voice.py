"""A voice as a profile keeps it: arrays by name, and what is made of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from autovoice_core import InputError
from autovoice_rvc.architecture import Architecture, find_architecture
from autovoice_rvc.networks.synthesiser import Synthesiser

ARCHITECTURE, VECTORS = "architecture", "index.vectors"
"""Names of what a voice holds beside the arrays of its network."""

Features = Mapping[str, NDArray[Any]]


@frozen(eq=False)
class LoadedVoice:
    """A voice, ready to sing.

    Attributes
    ----------
    vectors
        Content of the voice's own recordings, ``(vectors, content_size)`` float16, or None.
    """

    architecture: Architecture
    synthesiser: Synthesiser
    vectors: NDArray[np.float16] | None


def features_of(
    architecture: Architecture, arrays: Features, vectors: NDArray[np.float16] | None
) -> dict[str, NDArray[Any]]:
    """Return what a profile keeps of a voice."""
    told = (architecture.version, architecture.sample_rate, architecture.f0, architecture.speakers)
    features = {**arrays, ARCHITECTURE: np.array(told, np.int32)}
    return features if vectors is None else {**features, VECTORS: vectors}


def load_voice(features: Features, device: str) -> LoadedVoice:
    """Return the voice of a profile's features.

    Raises
    ------
    InputError
        They are not those of a voice.
    ModelError
        Arrays are missing or have another shape.
    """
    architecture = _architecture(features)
    vectors = features.get(VECTORS)
    if vectors is not None and (vectors.ndim != 2 or vectors.shape[1] != architecture.content_size):
        raise InputError(
            f"voice: its index has the shape {vectors.shape}, not (vectors, "
            f"{architecture.content_size}); make the voice again from its files"
        )
    arrays = {
        name: array for name, array in features.items() if name not in (ARCHITECTURE, VECTORS)
    }
    return LoadedVoice(
        architecture, Synthesiser.from_arrays(architecture, arrays, device=device), vectors
    )


def _architecture(features: Features) -> Architecture:
    told = features.get(ARCHITECTURE, np.zeros(0)).tolist()
    if len(told) == 4 and told[3] >= 1:
        version, sample_rate, f0, speakers = told
        architecture = find_architecture(version, sample_rate, f0)
        if architecture is not None:
            return evolve(architecture, speakers=int(speakers))
    raise InputError(
        f"voice: {told} is no architecture of RVC; make the voice again from its files"
    )
