"""Voices that callers give as a profile or by name."""

from __future__ import annotations

from autovoice_core._arguments import as_instance
from autovoice_core.voices.profile import VoiceProfile
from autovoice_core.voices.storage import PROFILE_REMEDY, VoiceProfileStorage


def as_profile(name: str, voice: VoiceProfile | str) -> VoiceProfile:
    """Return the profile that the argument ``name`` is, or names in the default storage.

    Raises
    ------
    InputError
        It is neither a profile nor text.
    StorageError
        There is no such voice.
    """
    if isinstance(voice, str):
        return VoiceProfileStorage().get(voice)
    return as_instance(name, voice, VoiceProfile, PROFILE_REMEDY)
