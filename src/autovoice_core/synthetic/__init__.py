"""Synthesised singing whose answer is known: f0, voicing and stems to the sample."""
