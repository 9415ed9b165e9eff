"""Backends that keep every promise."""
