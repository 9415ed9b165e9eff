"""Backends of tests on a GPU: those whose probes go through, else a skip with the reason."""

from __future__ import annotations

import importlib
import os

import pytest

REQUIRED = os.environ.get("AUTOVOICE_REQUIRE_GPU") == "1"
OFFERS = {"separation": "wrpca", "pitch": "nccf", "conversion": "retrieval"}


@pytest.fixture(params=["cuda", "triton"])
def backend(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A backend whose probes go through, chosen for all operations on a GPU."""
    name: str = request.param
    for offer in OFFERS.values():
        try:
            module = importlib.import_module(f"autovoice_{name}.{offer}")
            getattr(module, f"probe_{offer}")("cuda")
        except Exception as error:
            if REQUIRED:
                raise
            pytest.skip(f"{name}: {' '.join(str(error).split())}")
    for operation, offer in OFFERS.items():
        monkeypatch.setenv(f"AUTOVOICE_{operation.upper()}", f"{name}/{offer}")
    return name
