"""Pitch by plain autocorrelation."""
