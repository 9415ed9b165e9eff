"""Weights of networks: the one place that downloads, checks, stores and reads them.

Nothing is downloaded unless it is requested by name. Functions take the name of the weights, as
:func:`known` lists them, or a plugin's own :class:`Weights` record.
"""

from autovoice_core.backends.weights import Weights, models_folder
from autovoice_core.models.formats import (
    read_safetensors,
    read_safetensors_file,
    read_torch,
    read_torch_file,
)
from autovoice_core.models.listing import Model, find, known
from autovoice_core.models.onnx import OnnxNetwork
from autovoice_core.models.store import get, remove
from autovoice_core.models.stored import path, read, verify

__all__ = [
    "Model",
    "OnnxNetwork",
    "Weights",
    "find",
    "get",
    "known",
    "models_folder",
    "path",
    "read",
    "read_safetensors",
    "read_safetensors_file",
    "read_torch",
    "read_torch_file",
    "remove",
    "verify",
]
