"""Patience of tests that wait for something to happen, however busy the machine is."""

PATIENCE = 600.0
"""Seconds after which what a test waits for will not happen."""
