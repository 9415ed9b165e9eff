"""The settings of a converter that ``voices set --set`` keeps with a voice."""

from __future__ import annotations

import attrs

from autovoice_core._errors import InputError
from autovoice_core.backends.choice.given_settings import in_force
from autovoice_core.backends.choice.named_backends import find_named
from autovoice_core.backends.need import Need
from autovoice_core.backends.settings import as_values, configured
from autovoice_core.conversion.readers import converter_for
from autovoice_core.voices.changes import SettingChanges
from autovoice_core.voices.storage import VoiceProfileStorage


def settings_to_keep(name: str, voices: VoiceProfileStorage, need: Need) -> SettingChanges:
    """Return what ``--set`` gives for the converter of the voice ``name``; None for a default.

    The converter is that of ``--backend``, or else the one that would sing the voice.
    """
    given = in_force("conversion")
    if not given:
        return {}
    voice = voices.get(name)
    entry = converter_for(voice, need)
    if entry.offer.reads and not set(entry.offer.reads) & set(voice.feature_ids):
        named = find_named("conversion", None)
        origin = "" if named is None else f", named by {named.origin},"
        raise InputError(
            f"{entry.name}{origin} reads {', '.join(entry.offer.reads)}, but {voice.name!r} holds "
            f"features of {', '.join(voice.feature_ids)}, so the setting would have no effect; "
            "name a converter that reads those, or none"
        )
    settings = configured(entry.offer.settings, given, entry.name)
    values, defaults = as_values(settings), attrs.fields_dict(type(settings))
    return {
        entry.name: {
            name: None if values[name] == defaults[name].default else values[name] for name in given
        }
    }
