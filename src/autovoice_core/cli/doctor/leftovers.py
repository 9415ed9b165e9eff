"""Files that nobody needs: left by runs that were killed, and kernels of older sources."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from autovoice_core._folders import kernel_folder
from autovoice_core.audio.temporary import abandoned_folders, abandoned_parts
from autovoice_core.cli.doctor.finding import FIX, Finding


def check_abandoned(folders: Iterable[Path]) -> Iterator[Finding]:
    """Yield temporary folders, and unfinished files in ``folders``, of runs that were killed."""
    left = [*abandoned_folders()]
    for folder in dict.fromkeys(folders):
        left += abandoned_parts(folder)
    if not left:
        return

    def mend() -> str:
        for path in left:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        return f"removed {_listed(left)}"

    text = f"runs that were killed left {_listed(left)}; the next run removes what it comes by"
    yield Finding("leftovers", "note", text, FIX, mend)


def check_kernels(source: Path) -> Iterator[Finding]:
    """Yield compiled kernels of a package that are older than their sources, or empty.

    ``source`` is the package's ``__init__.py``. A folder that ``NUMBA_CACHE_DIR`` names is passed
    over, as other programs keep theirs there too.
    """
    package = source.parent
    changed: dict[str, float] = {}
    for file in package.rglob("*.py"):
        # Of two modules of one name, the one that was changed first counts.
        changed[file.stem] = min(file.stat().st_mtime, changed.get(file.stem, float("inf")))
    folders = [*package.rglob("__pycache__"), *_own_cache(source)]
    kept = [file for folder in folders for file in folder.rglob("*.nb[ci]")]
    stale = [file for file in kept if _is_stale(file, changed)]
    if not stale:
        return

    def mend() -> str:
        for file in stale:
            file.unlink(missing_ok=True)
        return f"removed {len(stale)} files of stale kernels from {package.name}"

    text = (
        f"{len(stale)} files of compiled kernels of {package.name} are empty or older than their "
        "sources; they are compiled again when they are needed"
    )
    yield Finding("stale-kernels", "note", text, FIX, mend)


def _is_stale(file: Path, changed: dict[str, float]) -> bool:
    status = file.stat()
    # Numba names them <module>.<function>-<line>.<Python>.nbi
    source = changed.get(file.name.partition(".")[0])
    return status.st_size == 0 or source is None or status.st_mtime < source


def _own_cache(source: Path) -> Iterator[Path]:
    """Yield the folder that is ours alone, if kernels are kept there."""
    folder = kernel_folder(source)
    if folder is not None and folder.parent.name == "autovoice":
        yield folder


def _listed(paths: list[Path]) -> str:
    names = ", ".join(map(str, paths[:3]))
    return names if len(paths) <= 3 else f"{names} and {len(paths) - 3} more"
