"""What tests on a GPU share."""

from __future__ import annotations

import importlib
import os

import pytest

REQUIRED = os.environ.get("AUTOVOICE_REQUIRE_GPU") == "1"
PROBES = {"separation": "probe_wrpca", "pitch": "probe_nccf", "conversion": "probe_retrieval"}


@pytest.fixture(params=["cuda", "triton"])
def backend(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """A backend whose probes go through, chosen for all operations on a GPU."""
    name: str = request.param
    for module, probe in PROBES.items():
        try:
            getattr(importlib.import_module(f"autovoice_{name}.{module}"), probe)("cuda")
        except Exception as error:
            if REQUIRED:
                raise
            pytest.skip(f"{name}: {' '.join(str(error).split())}")
    for operation, probe in PROBES.items():
        offer = probe.removeprefix("probe_")
        monkeypatch.setenv(f"AUTOVOICE_{operation.upper()}", f"{name}/{offer}")
    return name
