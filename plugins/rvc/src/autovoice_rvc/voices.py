"""The reader of trained voices, which ``autovoice voices add --rvc`` calls."""

from __future__ import annotations

import warnings
from pathlib import Path

from autovoice_core import AutoVoiceWarning
from autovoice_core.protocols import TrainedVoice
from autovoice_rvc.conversion.voice import features_of
from autovoice_rvc.files.voice import read_voice


def read_trained(model: Path, index: Path | None) -> TrainedVoice:
    """Return the voice of a file, folder or zip of RVC, with its index if there is one.

    Raises
    ------
    InputError
        A file does not exist or can't be read.
    ModelError
        A file is no voice of RVC, or of a kind that is not known; says what it is.
    """
    voice = read_voice(model, index)
    for text in voice.warnings:
        warnings.warn(text, AutoVoiceWarning, stacklevel=2)
    if not voice.architecture.f0:
        text = (
            f"{model}: was trained without f0, so it follows neither the melody nor the key of a "
            "song; to sing, ask for a voice that was trained with f0"
        )
        warnings.warn(text, AutoVoiceWarning, stacklevel=2)
    features = features_of(voice.architecture, voice.arrays, voice.vectors)
    return TrainedVoice(f"rvc/{voice.architecture.version}", features, voice.facts)
