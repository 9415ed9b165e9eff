"""Who can do it: offers, needs, and the choice between them.

A plugin needs :class:`Offer`, :class:`Licence`, :class:`Quality` and :data:`hookimpl`, and
:class:`Weights` if it is a network; a caller states a :class:`Need`. :func:`catalogue` returns
what is installed.
"""

from autovoice_core.backends.catalogue import Catalogue, Entry, Fault, catalogue
from autovoice_core.backends.hooks import hookimpl
from autovoice_core.backends.offer import (
    OPERATIONS,
    Licence,
    Need,
    Offer,
    Operation,
    Quality,
    Reason,
)
from autovoice_core.backends.weights import Weights

__all__ = [
    "OPERATIONS",
    "Catalogue",
    "Entry",
    "Fault",
    "Licence",
    "Need",
    "Offer",
    "Operation",
    "Quality",
    "Reason",
    "Weights",
    "catalogue",
    "hookimpl",
]
