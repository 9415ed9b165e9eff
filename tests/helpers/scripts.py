"""Scripts of the project, such as benchmarks, that tests import by name."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def scripts_of(folder: Path) -> Iterator[None]:
    """Let scripts import their siblings in ``folder``, as when they are run.

    They are forgotten afterwards, as another folder may hold scripts of the same names.
    """
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        for name, module in list(sys.modules.items()):
            file = getattr(module, "__file__", None)
            if file is not None and Path(file).parent == folder:
                del sys.modules[name]
