"""The contract suite: one subclass, and a backend's claims are tested.

>>> class TestMine(PitchContract):
...     backend = "mine/tracker"

``common/`` holds the tests that operations share; ``pitch/``, ``separation/``, ``conversion/``
and ``speech/`` hold those of one operation, and the adapter by which the common ones call it.
"""

from autovoice_core.testing.contracts.conversion.contract import ConverterContract
from autovoice_core.testing.contracts.pitch.contract import PitchContract
from autovoice_core.testing.contracts.separation.contract import SeparatorContract
from autovoice_core.testing.contracts.speech.contract import SpeechContract

__all__ = ["ConverterContract", "PitchContract", "SeparatorContract", "SpeechContract"]
