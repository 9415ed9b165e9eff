"""Conversion by retrieval of the target's own frames: the algorithm behind ``*/retrieval``."""
