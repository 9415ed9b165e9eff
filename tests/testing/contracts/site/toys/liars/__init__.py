"""Backends that break one promise each."""
