"""``speech/espeak-ng``: many languages, by the library of espeak-ng in a process of its own.

The library is under GPL-3.0-or-later. It is no part of this package, and is used where it is found:
in the wheel espeakng-loader, or installed by the system.
"""

from __future__ import annotations

from collections.abc import Sequence
from ctypes.util import find_library
from importlib.util import find_spec
from pathlib import Path

from attrs import frozen

from autovoice_core._speech import Speech
from autovoice_speech import espeak_child
from autovoice_speech.child import spoken_by
from autovoice_speech.cutting import sentences_of
from autovoice_speech.device import check_device_and_dtype
from autovoice_speech.espeak_events import phones_and_words
from autovoice_speech.offers import ESPEAK_WHEEL
from autovoice_speech.scripts import SCRIPTS, check_script, with_plain_digits


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
        check_script(text, language)
        return sentences_of(text)

    def speak(self, text: str, language: str, *, seed: int = 0) -> Speech:
        """Return the text spoken; ``seed`` changes nothing."""
        check_script(text, language)
        found, audio = spoken_by(
            Path(espeak_child.__file__),
            self._library.file,
            self._library.data,
            text=with_plain_digits(text),
            language=language,
        )
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
    spec = find_spec(ESPEAK_WHEEL)
    for folder in (spec.submodule_search_locations if spec else None) or ():
        for file in sorted(Path(folder).glob("*espeak-ng.*")):
            if file.suffix in {".so", ".dll", ".dylib"}:
                return Library(str(file), str(Path(folder, "espeak-ng-data")))
    name = find_library("espeak-ng")
    return Library(name, "") if name else None
