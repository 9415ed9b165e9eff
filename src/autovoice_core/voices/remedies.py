"""The converters that read a voice, and what to do where none of them is chosen."""

from __future__ import annotations

from collections.abc import Sequence

from autovoice_core.backends.choice.named_backends import absence
from autovoice_core.backends.plugins.declared import OURS
from autovoice_core.backends.plugins.entry import Catalogue
from autovoice_core.backends.plugins.registry import catalogue

MODEL_SUFFIXES = (".pth", ".safetensors", ".zip")
"""Suffixes of the files in which voices that RVC trained are shared."""


def readers_of(kinds: Sequence[str], known: Catalogue) -> list[str]:
    """Return the names of the converters that say that they read one of these kinds of features."""
    entries = known.of("conversion")
    return [entry.name for entry in entries if set(kinds) & set(entry.offer.reads)]


def remedy_of(kinds: Sequence[str], *, learnable: bool) -> str:
    """Return advice on a voice of these kinds of features, which the converter does not read.

    ``learnable`` says that the voice was made from recordings.
    """
    known = catalogue()
    readers = readers_of(kinds, known)
    plugin = kinds[0].partition("/")[0]
    left_out = plugin in {fault.plugin for fault in known.faults}
    if not readers and (plugin in OURS or left_out):
        return f"{kinds[0]} is read by the plugin autovoice-{plugin}, {absence(plugin, known)}"
    if learnable:
        return "let the backend learn it: `autovoice voices learn NAME`, with its recordings"
    if readers:
        return f"name {readers[0]}, which reads {kinds[0]}, or no converter"
    return f"install a plugin that reads {kinds[0]}"
