"""Well-known messages with which imports fail, and the commands that mend what they tell of."""

from __future__ import annotations

import re
from pathlib import Path

from autovoice_core._causes import causes
from autovoice_core.cli.doctor.cpp_runtime import advice_on

_OLD_RUNTIME = re.compile(r"(/[^\s:]*libstdc\+\+[^\s:]*): version `GLIBCXX_[\d.]+' not found")
_REINSTALL = "pip install --upgrade --force-reinstall"
_KNOWN = {
    r"compiled using NumPy 1\.x|numpy\.core\.multiarray failed to import|_ARRAY_API not found"
    r"|numpy\.dtype size changed": f"{_REINSTALL} {{package}}",
    r"No module named '?pkg_resources": "pip install 'setuptools<81'",
    r"torch(audio|vision)\b.*undefined symbol|compiled with different CUDA versions"
    r"|operator torchvision::nms does not exist": f"{_REINSTALL} torch torchaudio torchvision",
    r"lib(cudart|cublas|cufft|nvrtc|cusolver|curand)\S*: cannot open shared object file": (
        f"{_REINSTALL} {{package}}"
    ),
}
"""Patterns of messages, and a command for each; ``{package}`` is the one that was imported."""


def known_remedy(message: str, package: str) -> str | None:
    """Return the command that mends what a message tells of, or None if it is not known.

    ``package`` is the distribution that was being imported.
    """
    if runtime := _OLD_RUNTIME.search(message):
        return advice_on(Path(runtime[1]))[1]
    for pattern, command in _KNOWN.items():
        if re.search(pattern, message, re.DOTALL):
            return command.format(package=package)
    return None


def first_cause(error: BaseException) -> BaseException:
    """Return what an exception was raised from in the first place: pages of advice hide it."""
    *_, first = causes(error)
    return first
