"""Values of a voice profile, checked and brought to one form when it is made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from attrs import Attribute
from numpy.typing import NDArray

from autovoice_core._arguments import as_instance, as_made_by, describe, is_number, plain_number
from autovoice_core._errors import InputError
from autovoice_core._provenance import Provenance
from autovoice_core.backends.settings import Value
from autovoice_core.voices.limits import (
    MAX_ENTRIES,
    MAX_F0_HZ,
    MAX_RECORDINGS,
    MIN_F0_HZ,
    as_feature_id,
    as_stored_text,
    require_few,
)
from autovoice_core.voices.records import F0Range, Recording


def checked_features(features: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Return features as a dictionary of arrays that can be kept."""
    if not isinstance(features, Mapping):
        raise InputError(f"features: {describe(features)} is not a mapping from names to arrays")
    require_few("features", features, MAX_ENTRIES, "arrays")
    for name, values in features.items():
        as_stored_text("features", name)
        as_instance(f"features[{name!r}]", values, np.ndarray, "give an array of NumPy")
        if values.dtype.kind not in "biuf" or values.dtype.itemsize > 8:
            raise InputError(
                f"features[{name!r}]: dtype {values.dtype} can't be kept; "
                "use bool, integers or floats of at most 64 bits"
            )
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            raise InputError(
                f"features[{name!r}]: not every value is finite; drop those that are not"
            )
    return dict(features)


def checked_more(sets: Any) -> dict[str, dict[str, NDArray[Any]]]:
    """Return the features of further converters by their ``feature_id``."""
    if not isinstance(sets, Mapping) or not all(isinstance(name, str) for name in sets):
        raise InputError(
            f"more_features: {describe(sets)} is not a mapping from a feature_id to features"
        )
    require_few("more_features", sets, MAX_ENTRIES, "sets of features")
    for name in sets:
        as_feature_id("more_features", name)
    return {name: checked_features(features) for name, features in sets.items()}


def checked_range(values: Iterable[float]) -> F0Range:
    """Return three frequencies in rising order."""
    given = values.tolist() if isinstance(values, np.ndarray) else values
    frequencies = [plain_number(each) for each in given] if isinstance(given, (list, tuple)) else []
    if len(frequencies) != 3 or not all(map(is_number, frequencies)):
        raise InputError(
            f"f0_range: {describe(values)} is not three frequencies; give the 5th, 50th and 95th "
            "percentile of an f0 in Hz"
        )
    low, median, high = map(float, frequencies)
    if not MIN_F0_HZ <= low <= median <= high <= MAX_F0_HZ:
        raise InputError(
            f"f0_range: {low:g}, {median:g}, {high:g} Hz are not the 5th, 50th and 95th percentile "
            f"of an f0; give three frequencies from {MIN_F0_HZ:g} to {MAX_F0_HZ:g} Hz in rising "
            "order"
        )
    return F0Range(low, median, high)


def fault_of_notes(low: float, high: float) -> str | None:
    """Return why two frequencies, Hz, are not the lowest and highest note of a voice, or None."""
    if not MIN_F0_HZ <= min(low, high) <= max(low, high) <= MAX_F0_HZ:
        return (
            f"goes beyond what voices sing, {MIN_F0_HZ:g} to {MAX_F0_HZ:g} Hz (E0 to B7); give the "
            "lowest and the highest usual note"
        )
    if low > high:
        return "goes down; give the lower note first"
    return "is one note; give the lowest and the highest usual note" if low == high else None


def checked_recordings(recordings: Any) -> tuple[Recording, ...]:
    """Return recordings as a tuple."""
    if isinstance(recordings, (tuple, list)) and all(
        isinstance(recording, Recording) for recording in recordings
    ):
        require_few("recordings", recordings, MAX_RECORDINGS, "recordings")
        return tuple(recordings)
    raise InputError(f"recordings: {describe(recordings)} is not a tuple of Recording; give ()")


def checked_made_by(value: Any) -> tuple[Provenance, ...]:
    """Return the operations that made a voice as a tuple."""
    made_by = as_made_by(value)
    require_few("made_by", made_by, MAX_ENTRIES, "operations")
    for each in made_by:
        for text in (each.operation, each.backend, each.distribution, each.device, each.dtype):
            as_stored_text("made_by", text)
        checked_settings({each.backend: each.settings})
    return made_by


def checked_settings(settings: Any) -> dict[str, dict[str, Value]]:
    """Return settings of converters, by full name, as a dictionary."""
    if not isinstance(settings, Mapping) or not all(
        isinstance(backend, str) and isinstance(values, Mapping) and _are_plain(values)
        for backend, values in settings.items()
    ):
        raise InputError(
            f"settings: {describe(settings)} is not a mapping from backends to their settings; "
            "give for example {'mine/rvc': {'index_rate': 0.5}}"
        )
    require_few("settings", settings, MAX_ENTRIES, "backends")
    for backend, values in settings.items():
        as_stored_text("settings", backend)
        require_few("settings", values, MAX_ENTRIES, "settings of a backend")
        for text in (*values, *values.values()):
            if isinstance(text, str):
                as_stored_text("settings", text)
    return {backend: dict(values) for backend, values in settings.items() if values}


def _are_plain(values: Mapping[Any, Any]) -> bool:
    return all(
        isinstance(name, str) and (isinstance(value, (bool, str)) or is_number(value))
        for name, value in values.items()
    )


def instance_of(kind: type[Any], *, optional: bool = False) -> Any:
    """Return a validator that refuses what is not of ``kind``, or None if that is ``optional``."""

    def check(_: Any, attribute: Attribute[Any], value: Any) -> None:
        if not (optional and value is None):
            as_instance(attribute.name, value, kind, f"give a {kind.__name__} or omit it")

    return check


def same_features(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two sets of features are equal."""
    return one.keys() == other.keys() and all(np.array_equal(one[k], other[k]) for k in one)


def same_sets(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two mappings of sets of features are equal."""
    return one.keys() == other.keys() and all(same_features(one[k], other[k]) for k in one)
