"""Benchmarks of this machine, for ``autovoice bench``."""
