"""Separation by weighted robust PCA: the algorithm behind ``*/wrpca``."""
