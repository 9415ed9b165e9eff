"""The contract suite: one subclass, and any backend proves its claims.

>>> class TestMine(PitchContract):
...     backend = "mine/tracker"
"""

from autovoice_core.testing.contracts.conversion import ConverterContract
from autovoice_core.testing.contracts.pitch import PitchContract
from autovoice_core.testing.contracts.separation import SeparatorContract

__all__ = ["ConverterContract", "PitchContract", "SeparatorContract"]
