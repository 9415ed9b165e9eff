"""The contract suite: one subclass, and a backend's claims are tested.

>>> class TestMine(PitchContract):
...     backend = "mine/tracker"

``common/`` holds the tests that every operation shares; ``pitch/``, ``separation/`` and
``conversion/`` hold those of one operation, and the adapter by which the common ones call it.
"""

from autovoice_core.testing.contracts.conversion.contract import ConverterContract
from autovoice_core.testing.contracts.pitch.contract import PitchContract
from autovoice_core.testing.contracts.separation.contract import SeparatorContract

__all__ = ["ConverterContract", "PitchContract", "SeparatorContract"]
