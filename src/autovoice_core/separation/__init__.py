"""Separation of songs into vocals and accompaniment."""
