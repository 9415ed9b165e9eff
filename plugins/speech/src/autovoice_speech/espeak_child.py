"""Script that speaks one text by the library of espeak-ng, in a process of its own.

The library is under the GPL: it is found on the machine, and never loaded into AutoVoice's own
process. Arguments: the library, and the folder of its data, or nothing for its own. Standard input:
JSON with ``text`` and ``language``. Standard output: a line of JSON with ``rate`` and ``events``,
then the samples as 16-bit integers.
"""

from __future__ import annotations

import ctypes
import json
import sys
from typing import Any

SYNCHRONOUS = 2
PHONEME_EVENTS, IN_IPA, DONT_EXIT = 1, 2, 0x8000
CHARACTERS, UTF8 = 1, 1
WORD, PHONEME = 1, 7


class Event(ctypes.Structure):
    """``espeak_EVENT`` of speak_lib.h, with ``id`` as the string of a phoneme."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("string", ctypes.c_char * 8),
    )


CALLBACK = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(Event)
)


def main(library: str, data: str | None, text: str, language: str) -> tuple[dict[str, Any], bytes]:
    """Return the rate and events, and the samples."""
    espeak = ctypes.CDLL(library)
    place = data.encode() if data else None
    rate = espeak.espeak_Initialize(SYNCHRONOUS, 0, place, PHONEME_EVENTS | IN_IPA | DONT_EXIT)
    if rate <= 0:
        raise SystemExit("espeak-ng could not be initialised: its data are missing")
    if espeak.espeak_SetVoiceByName(language.encode()) != 0:
        raise SystemExit(f"espeak-ng has no voice for {language}")
    samples, events = bytearray(), []

    def take(wave: Any, count: int, event: Any) -> int:
        if count > 0:
            samples.extend(ctypes.string_at(wave, 2 * count))
        place = 0
        while event[place].type:
            found = event[place]
            if found.type == WORD:
                events.append(["word", found.sample, found.text_position - 1])
            elif found.type == PHONEME:
                events.append(["phone", found.sample, found.string.decode(errors="ignore")])
            place += 1
        return 0

    callback = CALLBACK(take)
    espeak.espeak_SetSynthCallback(callback)
    encoded = text.encode() + b"\0"
    failed = espeak.espeak_Synth(encoded, len(encoded), 0, CHARACTERS, 0, UTF8, None, None)
    if failed:
        raise SystemExit("espeak-ng could not speak the text")
    return {"rate": rate, "events": events}, bytes(samples)


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    head, sound = main(sys.argv[1], sys.argv[2] or None, asked["text"], asked["language"])
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + sound)
