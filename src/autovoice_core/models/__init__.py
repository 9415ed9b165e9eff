"""The weights of networks: the one place that downloads, checks, keeps and reads them.

Nothing is fetched unless somebody asks for it by name. A function takes the name of the weights,
as :func:`known` lists them, or a plugin's own :class:`Weights` record.
"""

from autovoice_core.backends.weights import Weights, models_folder
from autovoice_core.models.listing import Model, find, known
from autovoice_core.models.reading import read_safetensors, read_torch
from autovoice_core.models.store import get, path, remove, verify

__all__ = [
    "Model",
    "Weights",
    "find",
    "get",
    "known",
    "models_folder",
    "path",
    "read_safetensors",
    "read_torch",
    "remove",
    "verify",
]
