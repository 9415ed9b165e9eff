from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

collect_ignore_glob: list[str] = []

if find_spec("torch") is None or find_spec("demucs") is None:
    collect_ignore_glob = ["test_*.py"]
else:
    import torch

    # Several threads on a busy machine spend their time waiting for one another.
    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of weights of the test's own."""
    folder = tmp_path / "models"
    monkeypatch.setenv("AUTOVOICE_MODELS", str(folder))
    return folder
