"""Changes to what a profile says of conversions: its style, and its settings of converters."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve

from autovoice_core._style import StyleOptions, with_options
from autovoice_core.backends.settings import Value
from autovoice_core.voices.profile import VoiceProfile

SettingChanges = Mapping[str, Mapping[str, Value | None]]
"""New values by the full name of a backend and that of a setting; None removes one."""


def changed(
    profile: VoiceProfile, style: StyleOptions, settings: SettingChanges | None
) -> VoiceProfile:
    """Return ``profile`` with what is given; the rest stays as it is.

    Raises
    ------
    InputError
        A value is of the wrong type or out of range.
    """
    kept = dict(profile.settings)
    for backend, values in (settings or {}).items():
        merged = {**kept.get(backend, {}), **values}
        kept[backend] = {name: value for name, value in merged.items() if value is not None}
    return evolve(profile, style=with_options(profile.style, style), settings=kept)
