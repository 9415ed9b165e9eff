"""An RVC voice, from its files: the model, the vectors of its index, and what is told about it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core import InputError, ModelError
from autovoice_rvc.architecture import Architecture
from autovoice_rvc.files.checkpoint import Checkpoint, parse_checkpoint
from autovoice_rvc.files.index import Index, parse_index
from autovoice_rvc.files.shared_files import (
    ADVICE,
    MAX_MODEL_BYTES,
    MAX_TEXT_CHARACTERS,
    File,
    Shared,
    best_indexes,
    find_shared,
)
from autovoice_rvc.files.texts import lines, listed, one_line, shown
from autovoice_rvc.files.zips import Member

MAX_VALUES = 20
"""Most values of a file of JSON that are told."""


@frozen(eq=False)
class RvcVoice:
    """A voice, all of it checked; its files are not needed any more.

    Attributes
    ----------
    architecture
        Its sizes.
    arrays
        Its weights by name, float16 or float32, each of the architecture's shape.
    vectors
        Content of the singer's recordings, ``(N, content_size)`` float16; None without an index.
    facts
        Lines about the voice, its training, licence and texts, safe to be shown.
    warnings
        Sentences about what was left out.
    """

    architecture: Architecture
    arrays: dict[str, NDArray[Any]]
    vectors: NDArray[np.float16] | None
    facts: str
    warnings: tuple[str, ...]


def read_voice(model: Path, index: Path | None = None) -> RvcVoice:
    """Return the voice in a ``.pth`` or ``.safetensors`` file, or in a folder or zip with one.

    Without ``index``, a folder's or zip's own is taken, if there is one. No code of the files is
    run, and nothing is unpacked into a folder.

    Raises
    ------
    InputError
        A folder or zip holds no model or several, or several indexes; or the index is a folder, or
        of another version than the model.
    ModelError
        A file can't be read, is damaged, or is something else: says what, and what to do.
    """
    if index is not None and index.is_dir():
        raise InputError(f"{index}: is a folder, no index; give the .index file in it")
    shared = find_shared(model)
    content = shared.model.read(MAX_MODEL_BYTES, ADVICE)
    checkpoint = parse_checkpoint(content, shared.model.path)
    del content
    architecture = checkpoint.architecture
    chosen = _own_index(shared, model, architecture) if index is None else File(index)
    found = None if chosen is None else _vectors(chosen, architecture)
    return RvcVoice(
        architecture,
        checkpoint.arrays,
        None if found is None else found.vectors,
        "\n".join(_facts(checkpoint, found, shared.texts)),
        () if found is None else found.warnings,
    )


def _own_index(shared: Shared, given: Path, architecture: Architecture) -> File | Member | None:
    """Return the index that lies beside the model, if there is one."""
    fit = architecture.version, architecture.content_size
    best = best_indexes(shared.indexes, shared.model.name, *fit)
    if len(best) > 1:
        raise InputError(
            f"{given}: holds several indexes ({listed(index.name for index in best)}); "
            "give the one that belongs to the model"
        )
    return best[0] if best else None


def _vectors(index: File | Member, architecture: Architecture) -> Index:
    try:
        with index.open() as stream:
            found = parse_index(stream, index.path)
    except OSError as error:
        raise ModelError(f"{index.path}: can't be read ({error.strerror})") from error
    width = found.vectors.shape[1]
    if width != architecture.content_size:
        raise InputError(
            f"{index.path}: holds vectors of {width} values, but the model, RVC "
            f"{architecture.name}, has content of {architecture.content_size}; "
            "use the index of the same training, or none"
        )
    return found


def _facts(
    checkpoint: Checkpoint, index: Index | None, texts: tuple[tuple[str, str], ...]
) -> Iterator[str]:
    architecture = checkpoint.architecture
    pitch = "with f0" if architecture.f0 else "without f0"
    rate = f"{architecture.sample_rate // 1000}k"
    yield f"RVC v{architecture.version}, {rate}, {pitch}, {_index_text(index)}"
    yield from checkpoint.facts
    for name, text in texts:
        yield from _text_lines(name, text)


def _index_text(index: Index | None) -> str:
    count = 0 if index is None else len(index.vectors)
    return f"index of {count:,} vector{'s' * (count > 1)}" if count else "no index"


def _text_lines(name: str, text: str) -> Iterator[str]:
    if name.casefold().endswith(".json"):
        try:
            values = json.loads(text)
        except (ValueError, RecursionError):
            values = None
        if isinstance(values, dict):
            told = [(key, value) for key, value in values.items() if not isinstance(value, dict)]
            yield f"{name}:"
            yield from (f"{one_line(key, 100)}: {shown(value)}" for key, value in told[:MAX_VALUES])
            return
    cleaned, is_cut = lines(text)
    if cleaned:
        yield f"{name} ({_count(text)}):" if is_cut else f"{name}:"
        yield cleaned


def _count(text: str) -> str:
    least = "at least " if len(text) >= MAX_TEXT_CHARACTERS else ""
    return f"cut: {least}{len(text):,} characters in the file"
