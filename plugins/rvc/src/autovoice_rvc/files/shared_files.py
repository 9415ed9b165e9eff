"""Voices as people share them: a model, or a folder or zip with a model, an index and texts."""

from __future__ import annotations

import re
import stat
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from attrs import frozen

from autovoice_core import InputError, ModelError
from autovoice_core._printable import printable
from autovoice_core._regular_files import open_regular
from autovoice_core.models.formats import read_file
from autovoice_rvc.files.texts import listed
from autovoice_rvc.files.zips import Member, is_torch_archive, is_zip, members

MAX_MODEL_BYTES = 1 << 29
"""Largest model: four times that of the largest architecture in float32."""
MAX_FILES, MAX_DEPTH = 1000, 4
"""Most files and levels of a folder that are looked at."""
MAX_TEXT_CHARACTERS = 1 << 18
"""Most characters that are read of a text; each has 4 bytes at most."""
MAX_TEXTS = 6

ADVICE = (
    "training checkpoints (G_….pth, D_….pth) are as large, but a voice is not: use the small file "
    "that RVC saves in assets/weights"
)
_MODELS = (".pth", ".safetensors")
_OTHER_MODELS = (".pt", ".pkl", ".ckpt", ".bin", ".onnx", ".rar", ".7z", ".tar", ".gz")
"""Suffixes of what is no model of RVC; it is read to say what it is."""
_CHECKPOINT = re.compile(r"[GD]_\d+\.pth", re.IGNORECASE)
_NO_MODELS = {"features.safetensors"}
"""Names of files that others put beside a model."""
_TEXT = re.compile(
    r"(readme|licen[cs]e|copying|terms|credits)[^/]*|(metadata|model_info|manifest)\.json",
    re.IGNORECASE,
)
_SKIPPED = re.compile(r"\.|__MACOSX$")


@frozen
class File:
    """A file in a folder."""

    path: Path

    @property
    def name(self) -> str:
        """Its own name."""
        return self.path.name

    def read(self, max_bytes: int, advice: str) -> bytes:
        """Return its content; see :func:`autovoice_core.models.formats.read_file`."""
        return read_file(self.path, max_bytes=max_bytes, advice=advice)

    def beginning(self, count: int) -> bytes:
        """Return its first bytes, none if it can't be read."""
        try:
            with open_regular(self.path) as stream:
                return stream.read(count)
        except OSError:
            return b""

    def open(self) -> BinaryIO:
        """Return it, open for reading; see :func:`open_regular`."""
        return open_regular(self.path)


@frozen
class Shared:
    """What was found: a model, the indexes that may belong to it, and texts by their names."""

    model: File | Member
    indexes: tuple[File | Member, ...] = ()
    texts: tuple[tuple[str, str], ...] = ()


def find_shared(path: Path) -> Shared:
    """Return what there is at ``path``: a model alone, or a folder or zip with one.

    Raises
    ------
    InputError
        It is a folder or zip without a model, or with several.
    ModelError
        It can't be read, or is a zip that is damaged or hostile.
    """
    try:
        if path.is_dir():
            return _chosen(path, _all_files(path))
        with open_regular(path) as stream:
            packed = is_zip(stream) and not is_torch_archive(stream)
    except OSError as error:
        raise ModelError(f"{path}: can't be read ({error.strerror})") from error
    return _chosen(path, members(path)) if packed else Shared(File(path))


def best_indexes(
    indexes: Sequence[File | Member], model: str, version: int, width: int
) -> tuple[File | Member, ...]:
    """Return those indexes that belong to a model best: one, if that can be told.

    Those with vectors come before those that are only trained, then those whose vectors are as
    long as the voice's content, then those that are called like its version and the model.
    """
    stem = Path(model).stem.casefold()
    tests: list[Callable[[File | Member], bool]] = [
        lambda index: not index.name.casefold().startswith("trained_"),
        lambda index: index.beginning(8)[4:] == width.to_bytes(4, "little"),
        lambda index: index.name.casefold().endswith(f"_v{version}.index"),
        lambda index: stem in index.name.casefold(),
        lambda index: index.name.casefold().startswith("added_"),
    ]
    found = tuple(indexes)
    for holds in tests:
        found = tuple(filter(holds, found)) or found
    return found


def _chosen(path: Path, files: Sequence[File | Member]) -> Shared:
    return Shared(
        _model(path, files),
        tuple(file for file in files if file.name.casefold().endswith(".index")),
        tuple(_texts(files)),
    )


def _model(path: Path, files: Sequence[File | Member]) -> File | Member:
    models = [file for file in files if _is_called(file, _MODELS)]
    voices = [file for file in models if not _CHECKPOINT.fullmatch(file.name)]
    others = [file for file in files if _is_called(file, _OTHER_MODELS)]
    # Of what holds no voice, one is read to say what it is: of a training, G rather than D.
    models = voices or sorted(models, key=lambda file: file.name)[-1:] or others[:1]
    if len(models) == 1:
        return models[0]
    if models:
        raise InputError(
            f"{path}: holds several models ({listed(file.name for file in models)}); "
            "give one of them, and its index"
        )
    inside = listed(file.name for file in files) or "nothing"
    raise InputError(
        f"{path}: holds no model (.pth or .safetensors), but {inside}; give the model's own file"
    )


def _is_called(file: File | Member, suffixes: tuple[str, ...]) -> bool:
    name = file.name.casefold()
    return name.endswith(suffixes) and name not in _NO_MODELS


def _texts(files: Sequence[File | Member]) -> Iterator[tuple[str, str]]:
    texts = [file for file in files if _TEXT.fullmatch(file.name) and not _is_link(file)]
    for file in sorted(texts, key=lambda file: file.name)[:MAX_TEXTS]:
        content = file.beginning(4 * MAX_TEXT_CHARACTERS)
        if b"\0" not in content:
            text = content.decode("utf-8", "replace")[:MAX_TEXT_CHARACTERS]
            yield printable(file.name), text


def _is_link(file: File | Member) -> bool:
    """Whether a file is a link: its text, which is shown, may be another, private one."""
    return isinstance(file, File) and file.path.is_symlink()


def _all_files(folder: Path) -> tuple[File, ...]:
    files = tuple(islice(_files(folder), MAX_FILES + 1))
    if len(files) > MAX_FILES:
        raise InputError(
            f"{folder}: holds more than {MAX_FILES:,} files; give the model's own file"
        )
    return files


def _files(folder: Path, depth: int = MAX_DEPTH) -> Iterator[File]:
    """Yield the files of a folder and those in it, but not what is hidden or in linked folders."""
    for path in sorted(islice(folder.iterdir(), MAX_FILES + 1)):
        if _SKIPPED.match(path.name):
            continue
        if not stat.S_ISDIR(path.lstat().st_mode):
            yield File(path)
        elif depth > 1:
            yield from _files(path, depth - 1)
