from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def own_store(store: Path) -> Path:
    """Every test here has a folder of weights of its own."""
    return store
