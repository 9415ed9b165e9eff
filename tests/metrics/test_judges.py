from __future__ import annotations

from collections.abc import Iterator

import pytest

from autovoice_core.metrics import installed_judges, judges


@pytest.fixture
def afresh() -> Iterator[None]:
    installed_judges.cache_clear()
    yield
    installed_judges.cache_clear()


@pytest.mark.usefixtures("afresh")
def test_a_judge_that_is_not_installed_is_named_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(judges, "find_spec", lambda name: None)
    found = installed_judges()
    assert (found.speaker, found.phones, found.quality) == (None, None, None)
    install = "pip install 'autovoice-core[report]'"
    assert found.absent == {
        "speaker": f"needs resemblyzer and torch: {install}",
        "phones": f"needs pocketsphinx: {install}",
        "quality": f"needs onnxruntime and speechmos: {install}",
    }


@pytest.mark.usefixtures("afresh")
def test_a_judge_that_is_broken_is_named_with_what_is_wrong(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken() -> None:
        raise RuntimeError("no ears")

    monkeypatch.setattr(judges, "find_spec", lambda name: True)
    monkeypatch.setattr(
        judges, "_OPENERS", {"phones": (broken, ("pocketsphinx",)), "speaker": (dict, ("torch",))}
    )
    monkeypatch.setitem(judges._OPENERS, "speaker", (lambda: None, ("torch",)))
    install = "pip install 'autovoice-core[report]'"
    assert installed_judges().absent == {
        "phones": f"pocketsphinx can't be used (no ears); install them again: {install}",
        "speaker": f"torch can't be used; install them again: {install}",
    }
