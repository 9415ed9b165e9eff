"""A demo of the whole pipeline on a synthesised song whose truth is known."""

from autovoice_core.demo.result import Demo
from autovoice_core.demo.run import run_demo

__all__ = ["Demo", "run_demo"]
