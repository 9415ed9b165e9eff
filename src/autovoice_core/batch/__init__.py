"""Batches: many songs converted, separated or tracked by several workers, and resumed."""
