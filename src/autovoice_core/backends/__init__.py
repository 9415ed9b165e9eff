"""Offers of backends, needs of callers, and the choice of a backend that meets a need.

A plugin needs :class:`Offer`, :class:`Licence`, :class:`Quality` and :data:`hookimpl`,
:class:`Weights` if it is a network and :class:`Device` if it brings a kind of device; a caller
states a :class:`Need`. :func:`catalogue` returns what is installed, and :func:`refresh` lets it be
found anew.
"""

from autovoice_core.backends.device import Device
from autovoice_core.backends.need import Need
from autovoice_core.backends.offer import (
    OPERATIONS,
    Licence,
    Offer,
    Operation,
    Quality,
    Reason,
)
from autovoice_core.backends.plugins.entry import Catalogue, Entry, Fault
from autovoice_core.backends.plugins.hooks import API, hookimpl
from autovoice_core.backends.plugins.plugin import Plugin
from autovoice_core.backends.plugins.registry import catalogue, refresh
from autovoice_core.backends.settings import setting
from autovoice_core.backends.weights import Weights

__all__ = [
    "API",
    "OPERATIONS",
    "Catalogue",
    "Device",
    "Entry",
    "Fault",
    "Licence",
    "Need",
    "Offer",
    "Operation",
    "Plugin",
    "Quality",
    "Reason",
    "Weights",
    "catalogue",
    "hookimpl",
    "refresh",
    "setting",
]
