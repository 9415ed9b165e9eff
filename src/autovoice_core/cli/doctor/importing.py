"""Imports modules and tells why some can't be: run as a file, by a process of its own.

A shared library that was cut short ends the process that loads it.
"""

from __future__ import annotations

import importlib
import json
import sys
import warnings


def main(paths: list[str], names: list[str]) -> None:
    """Import modules, found in ``paths``; print a line of JSON for each: its name and its error."""
    sys.path[:] = paths
    warnings.simplefilter("ignore")
    for name in names:
        told = ""
        try:
            importlib.import_module(name)
        except Exception as error:  # noqa: BLE001  # whatever a damaged package raises
            cause: BaseException = error
            while cause.__cause__ is not None:  # pages of advice hide it
                cause = cause.__cause__
            told = f"{type(cause).__name__}: {cause}"
        print(json.dumps([name, told]), flush=True)  # noqa: T201  # for the process that started it


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), sys.argv[2:])
