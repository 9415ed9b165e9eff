"""Conversion by pitch-synchronous overlap-add and an equaliser."""
