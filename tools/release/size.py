"""The disk space that a default install takes, and its budget."""

from __future__ import annotations

import json
import subprocess

from tools.release.environments import Environment

MEASURED = "cpu"
"""The installation that the budget is for: core and the backend for ordinary processors."""
BUDGET = 430
"""MB (of 10^6 bytes) that it may take on Linux; docs/release.md says what takes how much."""
OF_ENVIRONMENT = {"pip", "setuptools", "wheel"}

SIZES = """
import json, os
from importlib.metadata import distributions
sizes = {}
for each in distributions():
    paths = map(each.locate_file, each.files or [])
    sizes[each.name] = sum(os.path.getsize(path) for path in paths if os.path.exists(path))
print(json.dumps(sizes))
"""


def check(environment: Environment) -> None:
    """Print what each package takes, compiled modules with it.

    Raises
    ------
    SystemExit
        All together take more than the budget.
    """
    command = (str(environment.python), "-c", SIZES)
    sizes = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    sizes = {name: size / 1e6 for name, size in sizes.items() if name not in OF_ENVIRONMENT}
    for name in sorted(sizes, key=sizes.__getitem__, reverse=True):
        if sizes[name] >= 1:
            print(f"{sizes[name]:6.1f} MB  {name}")
    total = sum(sizes.values())
    print(f"{total:6.1f} MB  in all, of {BUDGET}")
    if total > BUDGET:
        raise SystemExit(f"a default install takes {total:.0f} MB; the budget is {BUDGET} MB")
