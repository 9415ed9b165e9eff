"""``speech/espeak-ng``: many languages, by the library of espeak-ng in a process of its own.

The library is under GPL-3.0-or-later. It is no part of this package, and is used where it is found:
in the wheel espeakng-loader, or installed by the system.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from ctypes.util import find_library
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from attrs import frozen

from autovoice_core import Audio
from autovoice_core._speech import Speech
from autovoice_speech import espeak_child
from autovoice_speech.cutting import shorten
from autovoice_speech.device import check_device_and_dtype
from autovoice_speech.espeak_events import phones_and_words
from autovoice_speech.scripts import SCRIPTS, check_script

PACKAGE = "espeakng_loader"
TIMEOUT = 60.0
"""Seconds after which a sentence is given up; it takes a hundredth of the length of the speech."""

_SENTENCE_END = re.compile(r"(?<=[.!?…。！？।])[\"”’)\]]*\s+|\n+|(?<=[。！？])")


@frozen
class Library:
    """The file of the library, and the folder of its data, empty for its own."""

    file: str
    data: str


class Espeak:
    """Speaks the languages of espeak-ng whose scripts are known."""

    languages = frozenset(SCRIPTS)

    def __init__(self, library: Library) -> None:
        self._library = library

    def sentences(self, text: str, language: str) -> Sequence[str]:
        """Return the sentences of the text, the long ones cut at commas or spaces."""
        return [piece for part in _SENTENCE_END.split(text) for piece in shorten(part)]

    def speak(self, text: str, language: str, *, seed: int = 0) -> Speech:
        """Return the text spoken; ``seed`` changes nothing."""
        check_script(text, language)
        command = [sys.executable, "-I", str(espeak_child.__file__)]
        done = subprocess.run(  # noqa: S603  # our own script
            [*command, self._library.file, self._library.data],
            input=json.dumps({"text": text, "language": language}).encode(),
            capture_output=True,
            timeout=TIMEOUT,
            check=False,
        )
        if done.returncode:
            reason = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
            raise RuntimeError(" ".join(reason) or f"its process ended with {done.returncode}")
        head, _, sound = done.stdout.partition(b"\n")
        found = json.loads(head)
        samples = np.frombuffer(sound, "<i2")
        audio = Audio(samples.astype(np.float32) / 32768, found["rate"])
        return Speech(audio, *phones_and_words(text, found["events"], audio))


def open_espeak(*, device: str, dtype: str) -> Espeak:
    """Return the engine; there are no options.

    Raises
    ------
    InputError
        Another device or precision is asked for.
    RuntimeError
        The library is not found.
    """
    check_device_and_dtype("espeak-ng", device, dtype)
    library = find_espeak()
    if library is None:
        raise RuntimeError(
            "the library of espeak-ng is not found; install it, for example by "
            "`apt install libespeak-ng1` or `pip install 'autovoice-speech[espeak]'`"
        )
    return Espeak(library)


def probe(device: str) -> None:
    """Speak a word."""
    open_espeak(device=device, dtype="float32").speak("Hello.", "en")


def find_espeak() -> Library | None:
    """Return the library: that of the wheel espeakng-loader, else of the system, else None."""
    spec = find_spec(PACKAGE)
    for folder in (spec.submodule_search_locations if spec else None) or ():
        for file in sorted(Path(folder).glob("*espeak-ng.*")):
            if file.suffix in {".so", ".dll", ".dylib"}:
                return Library(str(file), str(Path(folder, "espeak-ng-data")))
    name = find_library("espeak-ng")
    return Library(name, "") if name else None
