"""Demos of the whole pipeline: a synthesised song whose truth is known, and a sung line."""

from autovoice_core.demo.result import Demo
from autovoice_core.demo.run import run_demo
from autovoice_core.demo.sing import run_sung_demo

__all__ = ["Demo", "run_demo", "run_sung_demo"]
