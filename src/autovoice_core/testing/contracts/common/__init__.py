"""Tests that the contracts of all operations share, and the signals and measures they use."""
