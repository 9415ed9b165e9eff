from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from batch_runs import TOY

from autovoice_core import SingingPitchExtractor
from autovoice_core._engine import backends_kept_open
from autovoice_core.backends.choice.chosen import Chosen


@pytest.fixture
def opened(toy: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Backends and options, as they are opened."""
    seen: list[str] = []
    open_backend = Chosen.open

    def recording(chosen: Chosen, **options: Any) -> Any:
        seen.append(chosen.backend)
        return open_backend(chosen, **options)

    monkeypatch.setattr(Chosen, "open", recording)
    return seen


def use(**options: Any) -> Any:
    return SingingPitchExtractor(**options)._opened


def test_engines_of_one_choice_share_a_backend_inside(opened: list[str]) -> None:
    with backends_kept_open():
        assert use() is use(backend=TOY)
        assert opened == [TOY]


@pytest.mark.parametrize(
    "other", [{"backend": "reference/nccf"}, {"settings": {"hz": 300}}, {"fmin": 50}]
)
def test_another_choice_is_another_backend(opened: list[str], other: dict[str, Any]) -> None:
    with backends_kept_open():
        assert use() is not use(**other)
        assert len(opened) == 2


def test_nothing_is_kept_after_it(opened: list[str]) -> None:
    with backends_kept_open():
        kept = use()
    assert use() is not kept
    assert use() is not use()
    with backends_kept_open():
        assert use() is not kept
