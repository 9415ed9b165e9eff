"""Voice profiles as bytes: the ``.voice`` format, used in the database and in exported files.

The format is safetensors, which holds arrays and a header, and no code. Its metadata hold the
rest of the profile as JSON, and a SHA-256 of everything, without which a flipped bit in an array
would go unnoticed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import safetensors
import safetensors.numpy
from numpy.typing import NDArray

from autovoice_core._errors import InputError, StorageError
from autovoice_core.audio.atomic import atomic_file, check_suffix
from autovoice_core.audio.special_files import is_special_file
from autovoice_core.voices.checksums import digest
from autovoice_core.voices.documents import Arrays, arrays_of, document_of, profile_of
from autovoice_core.voices.limits import MAX_PROFILE_BYTES, require_few
from autovoice_core.voices.profile import FORMAT_VERSION, VoiceProfile
from autovoice_core.voices.remedies import MODEL_SUFFIXES

SUFFIX = ".voice"
"""Suffix of exported voices."""

MAX_HEADER_BYTES = 1 << 22
"""Largest part of a profile that is not arrays."""
_LONGEST_REASON = 200
_FORMAT = "autovoice-voice"
_VERSION_OF_ONE_SET = 2
"""Format of profiles for one converter without settings, which earlier versions read too."""
_HEADER_START = b'{"__metadata__":{'
_KEYS = (b'"autovoice-voice"', b'"format_version"', b'"profile":"{', b'"sha256"')
"""What the metadata of a voice hold, in any order: a header that is cut off is known by one."""
# NumPy's dtypes by safetensors' names, e.g. F32 for <f4.
_DTYPES = {"BOOL": "?"} | {
    f"{dtype[0].upper()}{8 * int(dtype[1])}": f"<{dtype}"
    for dtype in ("i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8")
}


def dumps(profile: VoiceProfile) -> bytes:
    """Return ``profile`` as bytes.

    Raises
    ------
    InputError
        It is larger than :data:`MAX_PROFILE_BYTES`, or a value is out of range.
    """
    profile = attrs.evolve(profile)  # what it holds may have been changed in place
    arrays = {name: _contiguous(values) for name, values in arrays_of(profile).items()}
    size = sum(values.nbytes for values in arrays.values())
    if size > MAX_PROFILE_BYTES - MAX_HEADER_BYTES:
        raise InputError(
            f"{profile.name!r}: {size / 1e6:.0f} MB of features are more than the "
            f"{(MAX_PROFILE_BYTES - MAX_HEADER_BYTES) / 1e6:.0f} MB allowed; give fewer recordings"
        )
    record = document_of(profile)
    newer = profile.more_features or any("settings" in r for r in [record, *record["made_by"]])
    document = json.dumps(record, sort_keys=True)
    metadata = {
        "format": _FORMAT,
        "format_version": str(FORMAT_VERSION if newer else _VERSION_OF_ONE_SET),
        "profile": document,
        "sha256": digest(document, arrays),
    }
    data = bytes(safetensors.numpy.save(arrays, metadata))
    header = _header_bytes(data)
    if header > MAX_HEADER_BYTES:
        raise InputError(
            f"{profile.name!r}: {header / 1e6:.0f} MB of texts and names are more than the "
            f"{MAX_HEADER_BYTES / 1e6:.0f} MB allowed; shorten them, or give fewer recordings"
        )
    return data


def loads(data: bytes, origin: str) -> VoiceProfile:
    """Return the profile in ``data``, which error messages call ``origin``.

    Raises
    ------
    StorageError
        The bytes are not a profile, are damaged, or were written by a newer version.
    """
    metadata = _metadata(data)
    if not metadata and data.startswith(_HEADER_START, 8) and any(key in data for key in _KEYS):
        raise _damaged(origin, "its header is incomplete")
    if metadata.get("format") != _FORMAT:
        remedy = "export one with `autovoice voices export NAME FILE`"
        if origin.lower().endswith(MODEL_SUFFIXES):
            remedy = "a voice that RVC trained is added by `autovoice voices add NAME --rvc FILE`"
        raise StorageError(f"{origin}: not a voice written by AutoVoice; {remedy}")
    try:
        version = int(metadata["format_version"])
        require_few("format_version", metadata["format_version"], 9, "digits")
        if version > FORMAT_VERSION:
            raise StorageError(
                f"{origin}: written by a newer AutoVoice (voice format {version}, this one reads "
                f"up to {FORMAT_VERSION}); upgrade autovoice-core"
            )
        arrays = _arrays(data)
        document = metadata["profile"]
        if metadata["sha256"] != digest(document, arrays):
            raise ValueError("its checksum is wrong")
        return profile_of(json.loads(document, parse_constant=_refuse_constant), arrays)
    # Whatever a file may hold, the error is one of these: InputError is a ValueError.
    except (ValueError, KeyError, TypeError, RecursionError, safetensors.SafetensorError) as error:
        reason = f"it lacks {error}" if isinstance(error, KeyError) else error
        raise _damaged(origin, str(reason)) from error


def _refuse_constant(name: str) -> None:
    raise ValueError(f"it holds {name}")


def _damaged(origin: str, reason: str) -> StorageError:
    reason = " ".join(reason.split())
    if len(reason) > _LONGEST_REASON:
        reason = reason[:_LONGEST_REASON] + "…"
    return StorageError(
        f"{origin}: damaged ({reason}); get an intact copy, or make the voice again from its "
        "recordings"
    )


def write(profile: VoiceProfile, path: str | Path, *, overwrite: bool = True) -> None:
    """Write ``profile`` to the file ``path``, which appears only when it is complete.

    A file that exists is replaced, or refused with ``overwrite`` False.

    Raises
    ------
    InputError
        The name does not end in ``.voice``, or the file can't be written.
    """
    path = Path(path)
    check_suffix(path, (SUFFIX,), "an exported voice")
    data = dumps(profile)
    with atomic_file(path, overwrite=overwrite) as temporary, temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def read(path: str | Path) -> VoiceProfile:
    """Return the profile in the file ``path``.

    Raises
    ------
    InputError
        There is no such file, or it can't be read.
    StorageError
        It is not a profile, is damaged, or was written by a newer version.
    """
    path = Path(path)
    try:
        if is_special_file(path):
            raise InputError(f"{path}: is a device or a pipe; give a file ending in {SUFFIX}")
        with path.open("rb") as file:
            data = file.read(MAX_PROFILE_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path}: can't be read ({error.strerror}); check the path") from error
    if len(data) > MAX_PROFILE_BYTES:
        raise StorageError(
            f"{path}: larger than the {MAX_PROFILE_BYTES / 1e6:.0f} MB that a voice may have; "
            "give a file that `autovoice voices export` wrote"
        )
    return loads(data, str(path))


def _contiguous(values: NDArray[Any]) -> NDArray[Any]:
    """Return ``values`` contiguous and little-endian, as safetensors requires."""
    return np.ascontiguousarray(values, values.dtype.newbyteorder("<")).reshape(values.shape)


def _metadata(data: bytes) -> Mapping[str, str]:
    """Return the metadata in the header; empty if there is no valid header."""
    length = _header_bytes(data)
    if not 2 <= length <= min(MAX_HEADER_BYTES, len(data) - 8):
        return {}
    try:
        metadata = json.loads(data[8 : 8 + length])["__metadata__"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
    return metadata if isinstance(metadata, dict) else {}


def _header_bytes(data: bytes) -> int:
    return int.from_bytes(data[:8], "little")


def _arrays(data: bytes) -> Arrays:
    entries = safetensors.deserialize(data)  # type: ignore[no-untyped-call]
    return {
        name: np.frombuffer(entry["data"], _DTYPES[entry["dtype"]]).reshape(entry["shape"])
        for name, entry in entries
    }
