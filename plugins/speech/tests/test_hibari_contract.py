"""The contract suite, run on the English voice."""

from __future__ import annotations

from autovoice_core.testing import SpeechContract


class TestHibari(SpeechContract):
    backend = "speech/hibari"
