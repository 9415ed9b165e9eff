"""Weights: the record of a file of a network's weights, and the folder where it is kept.

Nothing heavy is imported here, as plugins import it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import unquote, urlsplit

from attrs import asdict, frozen

from autovoice_core._errors import BadOffer, InputError
from autovoice_core._folders import data_folder, named_folder
from autovoice_core._printable import quoted
from autovoice_core.backends.fields import fault_of_length, plain_fields
from autovoice_core.backends.newer_fields import tolerant

OFFLINE_VARIABLE = "AUTOVOICE_OFFLINE"
"""Environment variable that forbids downloads where it is on."""
FOLDER_VARIABLE = "AUTOVOICE_MODELS"
"""Environment variable that names the folder of weights."""

Format = Literal["safetensors", "torch", "onnx"]
"""Formats of files of weights; ``"torch"`` is read with ``weights_only``, so no code is run."""

MOST_BYTES = 2**40
"""Most bytes of a file of weights."""

_FORMATS: tuple[str, ...] = get_args(Format)
_PART = r"[A-Za-z0-9][A-Za-z0-9._-]*"
_NAME = re.compile(rf"{_PART}/{_PART}")
_FILE = re.compile(_PART)
_SHA256 = re.compile(r"[0-9a-f]{64}")
_TAKEN = re.compile(r"weights\.json|.*\.part(\.json)?", re.IGNORECASE)
"""Names of files that the folder of weights holds beside them."""
_LOOPBACK_HOSTS = {"127.0.0.1", "localhost", "::1"}


@tolerant
@frozen(kw_only=True, field_transformer=plain_fields)
class Weights:
    """One file of weights, pinned by its hash.

    Attributes
    ----------
    name
        ``"family/network"``, e.g. ``"demucs/htdemucs"``: the name that users give, and its folder.
    url
        The address where its owner publishes it, at a fixed revision. It ends in the file's name.
    size, sha256
        Bytes, and their hash in 64 lower-case hexadecimal digits.
    licence
        SPDX identifier of the weights, ``"unstated"`` if none is stated.
    format
        ``"safetensors"``, ``"torch"`` or ``"onnx"``.
    about
        What users should know before they download it, such as terms of use, in a sentence.

    Raises
    ------
    BadOffer
        A field is of the wrong type or malformed.
    """

    name: str
    url: str
    size: int
    sha256: str
    licence: str
    format: str = "safetensors"
    about: str = ""

    def __attrs_post_init__(self) -> None:
        fault = _fault(self)
        if fault:
            raise BadOffer(f"weights {quoted(self.name)}: {fault}")

    def __str__(self) -> str:
        return f"{self.name} ({format_file_size(self.size)}, licence {self.licence})"

    @property
    def file(self) -> str:
        """Name of the file, from its address."""
        return _file_name(self.url)

    @property
    def place(self) -> Path:
        """Path of the file on this machine, whether it exists or not."""
        return models_folder() / self.name / self.file

    def is_here(self) -> bool:
        """Whether a file of the right size is in its place; readers check the hash too."""
        try:
            return self.place.is_file() and self.place.stat().st_size == self.size
        except (OSError, InputError):
            return False


def models_folder() -> Path:
    """Return the folder of weights: ``AUTOVOICE_MODELS``, else ``models`` next to the voices."""
    return named_folder(FOLDER_VARIABLE) or data_folder() / "models"


def format_file_size(size: float) -> str:
    """Return a number of bytes with a unit, e.g. ``"84 MB"``."""
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"


def is_allowed_url(url: str) -> bool:
    """Whether weights may be downloaded from ``url``: by HTTPS, or by HTTP from this machine."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    return bool(host) and (
        parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK_HOSTS)
    )


def _file_name(url: str) -> str:
    return unquote(urlsplit(url).path).rpartition("/")[2]


def _fault(weights: Any) -> str | None:
    """Return what is wrong with a record, whose fields may hold anything, or None."""
    if fault := fault_of_length(asdict(weights, recurse=False)):
        return fault
    if type(weights.name) is not str or not _NAME.fullmatch(weights.name):
        return "the name is not 'family/network' of letters, digits, '.', '_' and '-'"
    if type(weights.url) is not str or not is_allowed_url(weights.url):
        return f"url {quoted(weights.url)} is not an https:// address"
    if not _FILE.fullmatch(_file_name(weights.url)):
        return f"url {quoted(weights.url)} does not end in a file name"
    if _TAKEN.fullmatch(_file_name(weights.url)):
        return f"url {quoted(weights.url)} ends in a name that AutoVoice keeps its own files under"
    if type(weights.size) is not int or weights.size < 1:
        return f"size {quoted(weights.size)} is not a number of bytes"
    if weights.size > MOST_BYTES:
        return f"size is more than {MOST_BYTES:,} bytes, which no file of weights has"
    if type(weights.sha256) is not str or not _SHA256.fullmatch(weights.sha256):
        return f"sha256 {quoted(weights.sha256)} is not a hash of 64 lower-case hexadecimal digits"
    if type(weights.licence) is not str or not weights.licence.strip():
        return f"licence {quoted(weights.licence)} is not an SPDX identifier, nor 'unstated'"
    if type(weights.format) is not str or weights.format not in _FORMATS:
        return f"format {quoted(weights.format)} is not one of {', '.join(_FORMATS)}"
    if type(weights.about) is not str:
        return f"about {quoted(weights.about)} is not text"
    return None
