"""The contract of speech engines, put together from its groups of tests."""

from __future__ import annotations

from autovoice_core.testing.contracts.common.claims import Claims
from autovoice_core.testing.contracts.common.licences import Licences
from autovoice_core.testing.contracts.speech.languages import Languages
from autovoice_core.testing.contracts.speech.repeats import Repeats
from autovoice_core.testing.contracts.speech.texts import Texts
from autovoice_core.testing.contracts.speech.times import Times


class SpeechContract(Times, Languages, Texts, Repeats, Claims, Licences):
    """Tests of a speech engine: subclass it and name the ``backend``."""
