"""Script that speaks one text by the libraries of flite, in a process of its own.

A fault in them ends that process alone. Arguments: the library and that of the voice. Standard
input: JSON with ``text``. Standard output: a line of JSON with ``rate`` and ``segments``, each a
list of phone, end in seconds, number of the word or -1, and stress, and the words; then the
samples as 16-bit integers.
"""

from __future__ import annotations

import ctypes
import json
import sys
from typing import Any

WORD = "R:SylStructure.parent.parent.R:Token.parent"
"""Path in flite from a segment to its word, as the text has it."""
STRESS = "R:SylStructure.parent.stress"


class Wave(ctypes.Structure):
    """``cst_wave`` of cst_wave.h."""

    _fields_ = (
        ("type", ctypes.c_char_p),
        ("sample_rate", ctypes.c_int),
        ("num_samples", ctypes.c_int),
        ("num_channels", ctypes.c_int),
        ("samples", ctypes.POINTER(ctypes.c_short)),
    )


def main(library: str, voice: str, text: str) -> tuple[dict[str, Any], bytes]:
    """Return the rate, segments and words, and the samples."""
    flite, voices = ctypes.CDLL(library, ctypes.RTLD_GLOBAL), ctypes.CDLL(voice)
    pointer, name = ctypes.c_void_p, ctypes.c_char_p

    def call(function: str, result: Any, *arguments: Any) -> Any:
        found = getattr(flite, function)
        found.restype = result
        return found(*(pointer(each) if isinstance(each, int) else each for each in arguments))

    flite.flite_init()
    register = voices.register_cmu_us_slt
    register.restype, register.argtypes = pointer, [name]
    utterance = call("flite_synth_text", pointer, text.encode(), register(None))
    if not utterance:
        raise SystemExit("flite could not speak the text")
    segments: list[tuple[str, float, int, str]] = []
    words: list[str] = []
    number_of: dict[int, int] = {}
    item = call("relation_head", pointer, call("utt_relation", pointer, utterance, b"Segment"))
    while item:
        word = call("path_to_item", pointer, item, WORD.encode())
        if word and word not in number_of:
            number_of[word] = len(words)
            words.append(call("item_feat_string", name, word, b"name").decode())
        segments.append(
            (
                call("item_feat_string", name, item, b"name").decode(),
                call("item_feat_float", ctypes.c_float, item, b"end"),
                number_of.get(word, -1),
                call("ffeature_string", name, item, STRESS.encode()).decode(),
            )
        )
        item = call("item_next", pointer, item)
    wave = call("utt_wave", ctypes.POINTER(Wave), utterance).contents
    samples = ctypes.string_at(wave.samples, 2 * wave.num_samples)
    return {"rate": wave.sample_rate, "segments": segments, "words": words}, samples


if __name__ == "__main__":
    head, sound = main(sys.argv[1], sys.argv[2], json.load(sys.stdin)["text"])
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + sound)
