"""Programs of others, as they are found on the ``PATH``."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def find_program(name: str) -> str | None:
    """Return the path of the program ``name`` on the ``PATH``; None if there is none.

    The working folder is no place for programs: a song may come with one. Windows looks there
    first, and other systems do where the ``PATH`` has an entry that is empty or relative.
    """
    entries = os.environ.get("PATH", os.defpath).split(os.pathsep)
    path = os.pathsep.join(entry for entry in entries if Path(entry).is_absolute())
    found = shutil.which(name, path=path) if path else None
    return found if found is not None and Path(found).is_absolute() else None
