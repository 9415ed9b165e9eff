"""DLPack's codes for the kinds of device that core knows by itself."""

from __future__ import annotations

CPU = 1
"""Host memory."""

KINDS = {CPU: "cpu", 2: "cuda", 3: "cuda", 8: "metal", 10: "rocm", 13: "cuda"}
"""The kind that a code belongs to; CUDA's pinned and managed memory have codes of their own."""


def codes_of(kind: str) -> tuple[int, ...]:
    """Return the codes of a kind."""
    return tuple(code for code, name in KINDS.items() if name == kind)
