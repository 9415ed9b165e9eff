"""Trained voices: the attributes of a voice profile, from files that other programs trained."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from autovoice_core._arguments import (
    PathLike,
    as_path,
    as_progress,
    as_text,
    describe,
    is_number,
    plain_number,
)
from autovoice_core._errors import (
    ArgumentError,
    AutoVoiceError,
    BackendError,
    InputError,
    UnknownBackend,
)
from autovoice_core._types import Progress
from autovoice_core.audio.reading import SoundInput
from autovoice_core.backends.choice.named_backends import absence
from autovoice_core.backends.containment import contained, ends_the_program, known_interrupts
from autovoice_core.backends.need import Need, as_need
from autovoice_core.backends.plugins.entry import Entry
from autovoice_core.backends.plugins.probe import resolve
from autovoice_core.backends.plugins.registry import catalogue
from autovoice_core.backends.wording import describe_error
from autovoice_core.pitch.extractor import SingingPitchExtractor
from autovoice_core.protocols import TrainedVoice
from autovoice_core.voices.enrol import heard_in, part, require_enough, tracked_takes
from autovoice_core.voices.names import clean_name
from autovoice_core.voices.profile_values import checked_range, fault_of_notes
from autovoice_core.voices.recordings import sources_by_hash
from autovoice_core.voices.records import F0Range

RVC = "rvc"
"""The plugin that reads the voices of RVC."""

TYPICAL_LOUDNESS = -20.0
"""Loudness of a voice of which there is no recording, LUFS."""

_AFTER_PITCH = 0.6  # of the work

_ADDRESS = re.compile(r"(https?):/+", re.IGNORECASE)
"""Begins an address on the web, of whose slashes a path keeps one."""


def trained(
    model: PathLike,
    *,
    index: PathLike | None = None,
    name: str,
    recordings: Iterable[SoundInput] | SoundInput | None = None,
    f0_range: Sequence[float] | None = None,
    consent: str = "",
    provenance: str = "",
    need: Need | None = None,
    progress: Progress | None = None,
    plugin: str = RVC,
) -> dict[str, Any]:
    """Return the attributes of the profile of a trained voice, as ``VoiceProfile`` takes them.

    See :meth:`autovoice_core.VoiceProfile.from_rvc`.
    """
    name = clean_name(name)
    as_text("consent", consent, example="hers, by letter")
    as_text("provenance", provenance, example="her own training")
    need, progress = as_need(need), as_progress(progress)
    readers = _readers(plugin, need)
    files = {} if recordings is None else sources_by_hash(recordings)
    if not files:
        heard = _unheard(f0_range)
    elif f0_range is not None:
        raise ArgumentError("f0_range, recordings: the recordings tell the range; omit f0_range")
    paths = as_path("model", model), None if index is None else as_path("index", index)
    _require_there(*paths)
    voice = _read(readers, *paths)
    made_by: tuple[Any, ...] = ()
    if files:
        extractor = SingingPitchExtractor(need=need)
        takes = tracked_takes(files.values(), extractor, part(progress, 0.0, _AFTER_PITCH))
        require_enough(takes)
        heard = heard_in(takes, files, part(progress, _AFTER_PITCH, 1.0))
        heard["heard"] = None  # what more recordings would add, which is nothing here
        made_by = (extractor.chosen.provenance,)
    progress(1.0)
    return heard | {
        "name": name,
        "features": dict(voice.features),
        "feature_id": voice.feature_id,
        "consent": consent,
        "provenance": "\n".join(filter(None, [provenance, voice.about])),
        "made_by": made_by,
    }


def _unheard(f0_range: Sequence[float] | None) -> dict[str, Any]:
    """Return what recordings would have told, from the lowest and the highest note."""
    if f0_range is None:
        raise ArgumentError(
            "recordings, f0_range: a trained voice does not say how high it sings; give a "
            "recording of it, or its lowest and highest usual note in Hz, for example "
            "f0_range=(110, 330)"
        )
    return {
        "f0_range": _range_of(f0_range),
        "loudness": TYPICAL_LOUDNESS,
        "voiced_seconds": 0.0,
        "recordings": (),
    }


def _range_of(given: Any) -> F0Range:
    values = given.tolist() if isinstance(given, np.ndarray) else given
    if isinstance(values, list | tuple) and len(values) == len(F0Range._fields):
        return checked_range(values)
    numbers = [plain_number(each) for each in values] if isinstance(values, list | tuple) else []
    if len(numbers) != 2 or not all(map(is_number, numbers)):
        raise ArgumentError(
            f"f0_range: {describe(values)} is not two frequencies in Hz; "
            "give for example (110, 330)"
        )
    low, high = map(float, numbers)
    if fault := fault_of_notes(low, high):
        raise ArgumentError(f"f0_range: {describe(values)} {fault}, for example (110, 330)")
    return F0Range(low, math.sqrt(low * high), high)


def _readers(plugin: str, need: Need) -> list[Entry]:
    """Return the offers of a plugin's converters that read trained voices, one or more.

    Raises
    ------
    UnknownBackend
        It is not installed, not enabled or blocked.
    """
    known = catalogue(need.plugins)
    readers = [
        entry
        for entry in known.of("conversion")
        if entry.plugin == plugin and entry.offer.voice_reader is not None
    ]
    if not readers:
        raise UnknownBackend(
            f"voices of {plugin.upper()} are read by the plugin autovoice-{plugin}, "
            f"{absence(plugin, known)}"
        )
    return readers


def _require_there(model: Path, index: Path | None) -> None:
    """Refuse files that aren't there, before the reader is imported, which may take long.

    Raises
    ------
    InputError
        One is missing, empty, an address, or a folder where it is the index.
    """
    for path in (model, index):
        if path is None:
            continue
        if _ADDRESS.match(path.as_posix()):
            address = _ADDRESS.sub(r"\1://", path.as_posix())
            raise InputError(
                f"{address}: is an address; download the file first, and give its path"
            )
        try:
            size = path.stat().st_size
        except OSError as error:
            raise InputError(f"{path}: can't be read ({error.strerror}); check the path") from error
        if path.is_file() and not size:
            raise InputError(f"{path}: is empty; download it again")
    if index is not None and index.is_dir():
        raise InputError(f"{index}: is a folder, no index; give the .index file in it")


def _read(readers: Sequence[Entry], model: Path, index: Path | None) -> TrainedVoice:
    """Return what a plugin reads from files, with its errors attributed to it.

    Its first converter names the reader; which of them sings the voice is told by the features.
    """
    entry = readers[0]
    kinds = [kind for each in readers for kind in each.offer.reads]
    who = f"{entry.name} ({entry.distribution})"
    try:
        with known_interrupts(), contained(who, "while it read a voice"):
            voice = resolve(str(entry.offer.voice_reader))(model, index)
    except AutoVoiceError:
        raise
    except BaseException as error:
        if ends_the_program(error):
            raise
        raise BackendError(f"{who} could not read {model}: {describe_error(error)}") from error
    if not isinstance(voice, TrainedVoice) or voice.feature_id not in kinds:
        raise BackendError(
            f"{who} broke its contract: what it read from {model} is no TrainedVoice of the "
            f"features that it reads, {', '.join(kinds)}"
        )
    return voice
