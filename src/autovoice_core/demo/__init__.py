"""The whole chain on a song whose answer is known: synthesised, converted, measured, drawn."""

from autovoice_core.demo.result import Demo
from autovoice_core.demo.run import run_demo

__all__ = ["Demo", "run_demo"]
