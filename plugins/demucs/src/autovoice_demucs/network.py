"""The loader of a network from a file of weights, which is neither run nor trusted.

The author's files are safetensors whose metadata name a class and, as JSON, its arguments. The
class is compared with the one expected and never imported by name. The network is first laid out
without memory, so that a file whose arrays don't fit costs nothing.
"""

from __future__ import annotations

import inspect
import json
from fractions import Fraction
from typing import Any

import torch
from demucs.htdemucs import HTDemucs

from autovoice_core import ModelError
from autovoice_core.models import Weights, read_safetensors

CLASS = "demucs.htdemucs.HTDemucs"
SAMPLE_RATE = 44_100
CHANNELS = 2
VOCALS = "vocals"


def load_network(weights: Weights) -> HTDemucs:
    """Return the network of ``weights``, in float32 on the CPU, ready to be run.

    Raises
    ------
    ModelError
        The weights are missing, damaged, or of something else.
    """
    arrays, metadata = read_safetensors(weights)
    try:
        network = _layout(metadata)
        state = {name: array.float() for name, array in arrays.items()}
        network.load_state_dict(state, assign=True)
    except (KeyError, ValueError, TypeError, AttributeError, RuntimeError) as error:
        reason = f"it lacks {error}" if isinstance(error, KeyError) else _shortened(error)
        raise ModelError(
            f"{weights.place}: is not an HTDemucs model ({reason}); "
            "report it to the plugin's authors"
        ) from error
    return network.eval().requires_grad_(False)


def _layout(metadata: dict[str, str]) -> HTDemucs:
    if metadata["klass"] != CLASS:
        raise ValueError(f"it is a {metadata['klass'][:80]}")
    arguments = json.loads(metadata["args"], object_hook=_fraction)
    options = json.loads(metadata["kwargs"], object_hook=_fraction)
    known = inspect.signature(HTDemucs).parameters
    with torch.device("meta"):
        # Options that were since removed had no effect on training.
        network = HTDemucs(*arguments, **{key: options[key] for key in options if key in known})
    if VOCALS not in network.sources:
        raise ValueError("it has no stem of vocals")
    if (network.samplerate, network.audio_channels) != (SAMPLE_RATE, CHANNELS):
        raise ValueError(f"it is not for stereo at {SAMPLE_RATE} Hz")
    return network


def _fraction(value: dict[str, Any]) -> Any:
    if value.get("_type") == "fraction":
        return Fraction(value["numerator"], value["denominator"])
    return value


def _shortened(error: Exception) -> str:
    """Return the beginning of a message, which may list hundreds of arrays."""
    words = " ".join(str(error).split())
    return words if len(words) <= 160 else f"{words[:160]}…"
