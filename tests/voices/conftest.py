from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from autovoice_core import Provenance, VoiceProfile, VoiceProfileStorage
from autovoice_core.voices.records import Embedding, F0Range, Recording

MakeProfile = Callable[..., VoiceProfile]
NOBODY = 65534
"""Number of the user who owns nothing."""


@pytest.fixture
def make_profile() -> MakeProfile:
    """Makes a small profile; keywords change what it holds."""

    def make(name: str = "iona", **changes: object) -> VoiceProfile:
        rng = np.random.default_rng(7)
        content: dict[str, object] = {
            "features": {
                "frames": rng.standard_normal((6, 4)).astype(np.float32),
                "voiced": np.array([True, False, True]),
            },
            "feature_id": "retrieval/1",
            "f0_range": F0Range(180.0, 260.5, 410.25),
            "loudness": -21.5,
            "voiced_seconds": 61.25,
            "recordings": (Recording("take 1.flac", "ab" * 32, 40.5),),
            "consent": "the singer's own, by mail",
            "provenance": "a studio",
            "made_by": (
                Provenance("pitch", "reference/nccf", "reference-backend 1", "cpu", "float32"),
            ),
            "embedding": Embedding("resemblyzer", "0.1.4", np.full(16, 0.25, np.float32)),
            "created": "2026-01-02T03:04:05+00:00",
        }
        return VoiceProfile(name, **(content | changes))  # type: ignore[arg-type]

    return make


@pytest.fixture
def storage(tmp_path: Path) -> VoiceProfileStorage:
    """An empty storage, whose file is not there yet."""
    return VoiceProfileStorage(tmp_path / "voices.db")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that all users can read."""
    with tempfile.TemporaryDirectory(prefix="autovoice-test-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def forbid_writing() -> Iterator[Callable[[Path], None]]:
    """Makes a folder one in which nothing may be made, not even by root, until the test ends."""
    user, forbidden = os.geteuid(), []

    def forbid(folder: Path) -> None:
        folder.chmod(0o555)
        forbidden.append(folder)
        if user == 0:
            os.seteuid(NOBODY)

    yield forbid
    os.seteuid(user)
    for folder in forbidden:
        folder.chmod(0o755)
