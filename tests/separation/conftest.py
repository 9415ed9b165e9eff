from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fake_separators import Halver

from autovoice_core.backends.choice import chosen
from autovoice_core.separation import separator


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], None]:
    """Replace the separator that is chosen, with windows of a second."""

    def put(made: Any) -> None:
        monkeypatch.setattr(chosen, "resolve", lambda name: lambda *, device, dtype: made)
        monkeypatch.setattr(separator, "WINDOW_SECONDS", 1.0)

    return put


@pytest.fixture
def halver(use: Callable[[Any], None]) -> Halver:
    made = Halver()
    use(made)
    return made
