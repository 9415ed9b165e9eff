"""Singing voice conversion with pluggable backends.

Names are bound on first use, so that ``import autovoice_core`` costs next to nothing: it
imports neither NumPy nor a backend.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

# ONNX Runtime sends telemetry unless this is set before it is imported, by us or by a backend.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

if TYPE_CHECKING:
    from autovoice_core import backends
    from autovoice_core._errors import (
        ApiMismatch,
        AutoVoiceError,
        AutoVoiceWarning,
        BackendError,
        BadOffer,
        ContractViolation,
        DeviceMismatch,
        FallbackWarning,
        InputError,
        LoadFault,
        ModelError,
        NoBackend,
        PluginError,
        PluginWarning,
        SelectionError,
        StorageError,
        UnknownBackend,
    )
    from autovoice_core._provenance import Provenance
    from autovoice_core._style import Style
    from autovoice_core._types import Audio, PitchFrames, PitchTrack, Stems
    from autovoice_core.backends.choice.chosen import Chosen
    from autovoice_core.backends.choice.named_backends import using
    from autovoice_core.backends.choice.selection import plan, select
    from autovoice_core.backends.need import Need
    from autovoice_core.backends.offer import Licence, Offer, Quality, Reason
    from autovoice_core.batch.operations import convert_songs, separate_songs, track_songs
    from autovoice_core.conversion.converter import SingingVoiceConverter
    from autovoice_core.memory import GPUMemoryMonitor
    from autovoice_core.metrics import Metrics, compute_metrics
    from autovoice_core.pitch.extractor import SingingPitchExtractor
    from autovoice_core.separation.separator import VocalSeparator
    from autovoice_core.songs.convert import convert_song
    from autovoice_core.songs.separate import separate_song
    from autovoice_core.speech.melody import Expression
    from autovoice_core.speech.pipeline import TTSPipeline
    from autovoice_core.voices.profile import VoiceProfile
    from autovoice_core.voices.storage import VoiceProfileStorage

_HOMES = {
    "_errors": (
        "ApiMismatch",
        "AutoVoiceError",
        "AutoVoiceWarning",
        "BackendError",
        "BadOffer",
        "ContractViolation",
        "DeviceMismatch",
        "FallbackWarning",
        "InputError",
        "LoadFault",
        "ModelError",
        "NoBackend",
        "PluginError",
        "PluginWarning",
        "SelectionError",
        "StorageError",
        "UnknownBackend",
    ),
    "_style": ("Style",),
    "_provenance": ("Provenance",),
    "_types": ("Audio", "PitchFrames", "PitchTrack", "Stems"),
    "backends.choice.chosen": ("Chosen",),
    "backends.choice.named_backends": ("using",),
    "backends.need": ("Need",),
    "backends.offer": ("Licence", "Offer", "Quality", "Reason"),
    "backends.choice.selection": ("plan", "select"),
    "batch.operations": ("convert_songs", "separate_songs", "track_songs"),
    "conversion.converter": ("SingingVoiceConverter",),
    "memory": ("GPUMemoryMonitor",),
    "metrics": ("Metrics", "compute_metrics"),
    "pitch.extractor": ("SingingPitchExtractor",),
    "separation.separator": ("VocalSeparator",),
    "songs.convert": ("convert_song",),
    "songs.separate": ("separate_song",),
    "speech.melody": ("Expression",),
    "speech.pipeline": ("TTSPipeline",),
    "voices.profile": ("VoiceProfile",),
    "voices.storage": ("VoiceProfileStorage",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "ApiMismatch",
    "Audio",
    "AutoVoiceError",
    "AutoVoiceWarning",
    "BackendError",
    "BadOffer",
    "Chosen",
    "ContractViolation",
    "DeviceMismatch",
    "Expression",
    "FallbackWarning",
    "GPUMemoryMonitor",
    "InputError",
    "Licence",
    "LoadFault",
    "Metrics",
    "ModelError",
    "Need",
    "NoBackend",
    "Offer",
    "PitchFrames",
    "PitchTrack",
    "PluginError",
    "PluginWarning",
    "Provenance",
    "Quality",
    "Reason",
    "SelectionError",
    "SingingPitchExtractor",
    "SingingVoiceConverter",
    "Stems",
    "StorageError",
    "Style",
    "TTSPipeline",
    "UnknownBackend",
    "VocalSeparator",
    "VoiceProfile",
    "VoiceProfileStorage",
    "__version__",
    "backends",
    "compute_metrics",
    "convert_song",
    "convert_songs",
    "plan",
    "select",
    "separate_song",
    "separate_songs",
    "track_songs",
    "using",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        value: Any = version("autovoice-core")
    elif name == "backends":
        value = import_module("autovoice_core.backends")
    elif name in _HOME_OF:
        value = getattr(import_module(f"autovoice_core.{_HOME_OF[name]}"), name)
    else:
        raise AttributeError(f"module 'autovoice_core' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
