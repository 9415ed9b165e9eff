"""Containment of plugins: what an import or a call of one leaves behind is put back and told."""

from autovoice_core.backends.containment.interrupts import (
    ends_the_program,
    is_from_signal_handler,
    known_interrupts,
)
from autovoice_core.backends.containment.side_effects import contained, is_off, off

__all__ = [
    "contained",
    "ends_the_program",
    "is_from_signal_handler",
    "is_off",
    "known_interrupts",
    "off",
]
