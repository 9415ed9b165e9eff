"""The file that a network's weights lie in, and where it is kept. Imports nothing heavy."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, Literal, get_args
from urllib.parse import unquote, urlsplit

from attrs import frozen

from autovoice_core._errors import BadOffer

FOLDER = "AUTOVOICE_MODELS"
"""Environment variable that names the folder of weights."""

Format = Literal["safetensors", "torch", "onnx"]
"""What weights may lie in; ``"torch"`` is read with ``weights_only``, so it holds no code."""

_FORMATS: tuple[str, ...] = get_args(Format)
_PART = r"[A-Za-z0-9][A-Za-z0-9._-]*"
_NAME = re.compile(rf"{_PART}/{_PART}")
_FILE = re.compile(_PART)
_SHA256 = re.compile(r"[0-9a-f]{64}")
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@frozen(kw_only=True)
class Weights:
    """One file of weights, pinned: what is fetched is this, to the bit, or an error.

    Attributes
    ----------
    name
        ``"family/network"``, e.g. ``"demucs/htdemucs"``; what users ask for, and its folder.
    url
        Where its owner publishes it, at a fixed revision. The last part is the file's name.
    size, sha256
        Bytes, and their hash in 64 small hexadecimal digits.
    licence
        SPDX identifier of the weights, ``"unstated"`` where nobody says.
    format
        ``"safetensors"``, ``"torch"`` or ``"onnx"``.
    about
        What somebody should know before fetching it, such as terms of use, in a sentence.

    Raises
    ------
    BadOffer
        A field is not what it should be.
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
            raise BadOffer(f"weights {self.name!r}: {fault}")

    def __str__(self) -> str:
        return f"{self.name} ({human_size(self.size)}, licence {self.licence})"

    @property
    def file(self) -> str:
        """Name of the file, as its owner calls it."""
        return _file_name(self.url)

    @property
    def place(self) -> Path:
        """Where the file is kept on this machine, whether it is there or not."""
        return models_folder() / self.name / self.file

    def is_here(self) -> bool:
        """Whether a file of the right size is in its place; the hash is for those who read it."""
        try:
            return self.place.is_file() and self.place.stat().st_size == self.size
        except OSError:
            return False


def models_folder() -> Path:
    """Return where weights are kept: ``AUTOVOICE_MODELS``, else ``models`` beside the voices."""
    named, home = os.environ.get(FOLDER), os.environ.get("AUTOVOICE_HOME")
    if named:
        return Path(named).expanduser()
    if home:
        return Path(home).expanduser() / "models"
    import platformdirs

    return platformdirs.user_data_path("autovoice", appauthor=False) / "models"


def human_size(size: float) -> str:
    """Return a number of bytes as people read it, e.g. ``"84 MB"``."""
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"


def may_be_fetched(url: str) -> bool:
    """Whether ``url`` is one that weights may come from: HTTPS, or HTTP from this machine."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    return bool(host) and (
        parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
    )


def _file_name(url: str) -> str:
    return unquote(urlsplit(url).path).rpartition("/")[2]


def _fault(weights: Any) -> str | None:
    """Return what is wrong with a record, whose fields a plugin may have filled with anything."""
    if not isinstance(weights.name, str) or not _NAME.fullmatch(weights.name):
        return "the name is not 'family/network' of letters, digits, '.', '_' and '-'"
    if not isinstance(weights.url, str) or not may_be_fetched(weights.url):
        return f"url {weights.url!r} is not one of https://"
    if not _FILE.fullmatch(_file_name(weights.url)):
        return f"url {weights.url!r} does not end in the name of a file"
    if not isinstance(weights.size, int) or isinstance(weights.size, bool) or weights.size < 1:
        return f"size {weights.size!r} is not a number of bytes"
    if not isinstance(weights.sha256, str) or not _SHA256.fullmatch(weights.sha256):
        return f"sha256 {weights.sha256!r} is not a hash of 64 small hexadecimal digits"
    if not isinstance(weights.licence, str) or not weights.licence.strip():
        return f"licence {weights.licence!r} is not an SPDX identifier, nor 'unstated'"
    if weights.format not in _FORMATS:
        return f"format {weights.format!r} is none of {', '.join(_FORMATS)}"
    if not isinstance(weights.about, str):
        return f"about {weights.about!r} is no text"
    return None
