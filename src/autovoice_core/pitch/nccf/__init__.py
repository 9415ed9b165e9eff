"""Pitch by normalised cross-correlation: the algorithm behind ``*/nccf``."""
