"""The settings of a converter that ``voices set --set`` keeps with a voice."""

from __future__ import annotations

import attrs
import click

from autovoice_core.backends.choice.given_settings import in_force
from autovoice_core.backends.choice.selection import select
from autovoice_core.backends.need import Need
from autovoice_core.backends.offer import OPERATIONS
from autovoice_core.voices.changes import SettingChanges


def settings_to_keep(need: Need) -> SettingChanges:
    """Return what ``--set`` gives for the converter that serves ``need``; None for a default."""
    for operation in OPERATIONS:
        if operation != "conversion" and in_force(operation):
            raise click.UsageError(f"--set: a voice has settings of conversion, not of {operation}")
    given = in_force("conversion")
    if not given:
        return {}
    chosen = select("conversion", need)
    values, defaults = chosen.provenance.settings, attrs.fields_dict(type(chosen.settings))
    return {
        chosen.backend: {
            name: None if values[name] == defaults[name].default else values[name] for name in given
        }
    }
